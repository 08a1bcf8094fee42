import { sql } from 'kysely'
import type { By } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row, RowFor } from '../core/db/rows.ts'
import { AppError } from '../errors.ts'
import { maskName, maskReceiver } from '../lib/mask.ts'
import type { KeyRing } from '../lib/seal.ts'
import { markErased, type TradeKey } from '../shops/erased.ts'
import type { BuyerFound, ErasureAnswer, ErasureInput, OpenDocument } from './contract.ts'
import { asRelation, ordersOf } from './documents.ts'
import { type BuyerSearch, type FoundTrade, findBuyer } from './find.ts'
import { openDocuments } from './open-documents.ts'
import { openKindWords } from './words-contract.ts'

/** A person who does not see all shops and warehouses would leave a part of the buyer behind. */
export function assertWholeScope({ scope }: Pick<By, 'scope'>): void {
  if (scope.shops !== 'all' || scope.warehouses !== 'all') throw new AppError('outside_scope')
}

const notFound = () =>
  new AppError('not_found', { what: { zh: '这位买家的单据', en: 'A document of this buyer' } })

/** 查找: the documents of a buyer, masked and counted, and those that prevent the erasure. Leaves an audit row. */
export async function showBuyer(
  db: Database,
  ring: KeyRing,
  search: BuyerSearch,
  by: By,
): Promise<BuyerFound> {
  assertWholeScope(by)
  const found = await findBuyer(db, ring, search)
  await db
    .transaction()
    .execute((tx) => audit(tx, { ...entryOf(by, 'privacy.find', ''), detail: { trades: found.length } }))
  return {
    trades: found.length,
    erased: await erasedCount(db, found),
    counts: await countsOf(db, found),
    buyers: buyersOf(found),
    open: await openDocuments(db, found),
  }
}

/**
 * 抹去: marks the trades of a buyer, so that downloads bring nothing of them back from now on, and orders the erasure of their rows. Refused while
 * a document is open, or if the number of trades is not the one that the person has confirmed.
 */
export async function requestErasure(
  tx: Tx,
  ring: KeyRing,
  input: ErasureInput,
  by: By,
): Promise<{ id: string; trades: number }> {
  assertWholeScope(by)
  const found = await findBuyer(tx, ring, input)
  if (found.length === 0) throw notFound()
  if (found.length !== input.trades)
    throw new AppError('conflict', { what: { zh: '这位买家的单据', en: 'This buyer' } })
  await lockAll(tx, found)
  const open = await openDocuments(tx, found)
  if (open.length > 0) throw new AppError('buyer_open', namesOf(open))
  const made = await sql<Row<'erasure', 'id'>>`
    insert into erasure (trade_count, actor) values (${found.length}, ${JSON.stringify(by.actor)}::jsonb) returning id`.execute(
    tx,
  )
  const { id } = made.rows[0] ?? { id: '' }
  const marked = await markErased(tx, id, found)
  if (marked === 0) throw new AppError('already_erased')
  await sql`update erasure set trade_count = ${marked} where id = ${id}`.execute(tx)
  await audit(tx, { ...entryOf(by, 'privacy.erase', id), detail: { trades: marked } })
  return { id, trades: marked }
}

export const entryOf = (by: By, action: string, id: string) => ({
  actor: by.actor,
  action,
  subject: { type: 'erasure', id },
  request: by.request,
})

/** Locks trades, refunds and orders, so that none of them is opened again while the erasure is decided. */
async function lockAll(tx: Tx, keys: readonly TradeKey[]): Promise<void> {
  for (const table of ['staged_trade', 'staged_refund'])
    await sql`
      select from ${sql.table(table)} where (tid, shop_id) in (select * from ${asRelation(keys)})
      order by id for update`.execute(tx)
  await sql`
    select from sales_order where id = any(array(select id from (${ordersOf(keys)}) o)) order by id for update`.execute(
    tx,
  )
}

/** Names the first open documents in both languages. */
function namesOf(open: readonly OpenDocument[]): { open: { zh: string; en: string } } {
  const some = open.slice(0, 3)
  const rest = open.length > some.length
  const zh = some.map(({ kind, no }) => `${openKindWords[kind][0]} ${no}`).join('、')
  const en = some.map(({ kind, no }) => `${openKindWords[kind][1]} ${no}`).join(', ')
  return { open: { zh: rest ? `${zh} 等` : zh, en: rest ? `${en} and more` : en } }
}

async function erasedCount(db: Database, found: readonly TradeKey[]): Promise<number> {
  const { rows } = await sql<Record<'count', number>>`
    select count(*)::int as count from ${asRelation(found)} join erased_trade e using (tid, shop_id)`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}

async function countsOf(db: Database, found: readonly TradeKey[]): Promise<BuyerFound['counts']> {
  const { rows } = await sql<BuyerFound['counts']>`
    with d as (select * from ${asRelation(found)}), o as (${ordersOf(found)})
    select (select count(*)::int from o) as orders,
      (select count(*)::int from d join staged_refund r using (tid, shop_id)) as refunds,
      (select count(*)::int from o join return_order r on r.order_id = o.id) as returns,
      (select count(*)::int from o join delivery v on v.order_id = o.id) as deliveries`.execute(db)
  return rows[0] ?? { orders: 0, refunds: 0, returns: 0, deliveries: 0 }
}

const mostReceivers = 5

function buyersOf(found: readonly FoundTrade[]): BuyerFound['buyers'] {
  const byNick = Map.groupBy(found, ({ platform, person: { nick } }) => JSON.stringify([platform, nick]))
  return [...byNick.values()].flatMap((trades) => {
    const [first] = trades
    if (!first) return []
    const receivers = trades.flatMap(({ person: { receiver } }) => (receiver ? maskReceiver(receiver) : []))
    return {
      platform: first.platform,
      nick: maskName(first.person.nick),
      receivers: [...new Set(receivers)].filter(Boolean).slice(0, mostReceivers),
      trades: trades.length,
    }
  })
}

/** The latest erasures, with how far each is. */
export async function listErasures(db: Database): Promise<ErasureAnswer[]> {
  const found = await sql<RowFor<'erasure', ErasureAnswer>>`
    select e.id, e.trade_count as trades, e.actor ->> 'name' as by, e.created_at as "createdAt", e.ended_at as "endedAt",
      e.trade_count - (select count(*)::int from erased_trade t where t.erasure_id = e.id and t.erased_at is null) as done,
      (select coalesce(sum(value::int), 0)::int from jsonb_each_text(e.erased_rows)) as rows
    from erasure e order by e.id desc limit 100`.execute(db)
  return found.rows
}
