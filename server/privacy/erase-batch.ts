import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { makeBuyerKeys } from '../lib/people.ts'
import { type KeyRing, seal } from '../lib/seal.ts'
import { personalOf } from '../orders/order/personal.ts'
import type { TradeKey } from '../shops/erased.ts'
import { cutJson } from './cut-json.ts'
import { ordersOf } from './documents.ts'
import type { Person } from './find.ts'
import { type Batch, type Place, places } from './places.ts'

/** Trades of one transaction. It is short, so downloads and users wait for its locks for some milliseconds at most. */
const batchSize = 100

/** Columns of `cut` that are jsonb. The others are text. */
const json: readonly string[] = ['detail', 'payload', 'answer', 'result']

/**
 * Erases the next trades of an erasure in one transaction, and says whether that was the last. It may be called at any time by any process: trades
 * that another process has locked are left to it.
 */
export async function eraseNext(db: Database, ring: KeyRing, erasureId: string): Promise<'more' | 'ended'> {
  return db.transaction().execute(async (tx) => {
    const next = await sql<TradeKey>`
      select tid, shop_id as "shopId" from erased_trade
      where erasure_id = ${erasureId} and erased_at is null
      order by tid, shop_id limit ${batchSize} for update skip locked`.execute(tx)
    if (next.rows.length === 0) return endErasure(tx, erasureId)
    const batch = await lockBatch(tx, ring, next.rows)
    const counts = await eraseRows(tx, batch)
    await sql`
      update erased_trade set erased_at = clock_timestamp()
      where erasure_id = ${erasureId} and (tid, shop_id) in (
        select * from unnest(${[...batch.tids]}::text[], ${[...batch.shops]}::bigint[]))`.execute(tx)
    await addCounts(tx, erasureId, counts)
    return 'more'
  })
}

/** Ends the erasure unless another process still has trades of it. */
async function endErasure(tx: Tx, erasureId: string): Promise<'ended'> {
  await sql`
    update erasure e set ended_at = clock_timestamp()
    where id = ${erasureId} and ended_at is null
      and not exists (select from erased_trade t where t.erasure_id = e.id and t.erased_at is null)`.execute(
    tx,
  )
  return 'ended'
}

/** Overwrites, cuts or deletes the rows of all places. Returns the number of rows by table. */
async function eraseRows(tx: Tx, batch: Batch): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const count = ({ table }: Place, rows: number) => {
    counts[table] = (counts[table] ?? 0) + rows
  }
  for (const place of places) {
    for (const statement of statementsOf(place, batch))
      count(place, Number((await statement.execute(tx)).numAffectedRows ?? 0))
    if (batch.words.length === 0) continue
    for (const column of (place.cut ?? []).filter((one) => json.includes(one)))
      count(place, await cutJson(tx, place, column, batch))
  }
  return counts
}

function statementsOf({ table, rows, set, cut, deleted }: Place, batch: Batch): RawBuilder<unknown>[] {
  const chosen = rows(batch)
  if (deleted) return [sql`delete from ${sql.table(table)} t where ${chosen}`]
  const changed = set
    ? [sql`update ${sql.table(table)} t set ${assignments(set, batch)} where ${chosen}`]
    : []
  const isNamed = (column: string) =>
    sql`exists (select from unnest(${[...batch.words]}::text[]) w where position(w in t.${sql.ref(column)}::text) > 0)`
  const freed = batch.words.length === 0 ? [] : (cut ?? []).filter((column) => !json.includes(column))
  return [
    ...changed,
    ...freed.map(
      (column) => sql`
        update ${sql.table(table)} t set ${sql.ref(column)} = ${textWithoutWords(column, batch.words)}
        where ${chosen} and ${isNamed(column)}`,
    ),
  ]
}

const assignments = (set: NonNullable<Place['set']>, batch: Batch) =>
  sql.join(
    Object.entries(set).map(
      ([column, value]) => sql`${sql.ref(column)} = ${typeof value === 'function' ? value(batch) : value}`,
    ),
  )

/** SQL for the text of a column with stars for each of the words. */
function textWithoutWords(column: string, words: readonly string[]): RawBuilder<unknown> {
  const text = sql`t.${sql.ref(column)}::text`
  return sql`(
    with recursive cut (n, text) as (
      select 0, ${text}
      union all
      select n + 1, replace(text, (${[...words]}::text[])[n + 1], '***') from cut where n < ${words.length}::int
    ) select text from cut order by n desc limit 1)`
}

/** Locks trades, refunds and orders, in this order and each by id, and reads their further documents. */
async function lockBatch(tx: Tx, ring: KeyRing, keys: readonly TradeKey[]): Promise<Batch> {
  const tids = keys.map(({ tid }) => tid)
  const shops = keys.map(({ shopId }) => shopId)
  const wanted = sql`(tid, shop_id) in (select * from unnest(${tids}::text[], ${shops}::bigint[]))`
  const trades = await sql<Row<'staged_trade', 'id' | 'shopId' | 'personal'>>`
    select id, shop_id as "shopId", personal from staged_trade where ${wanted} order by id for update`.execute(
    tx,
  )
  const refunds = await sql<Row<'staged_refund', 'id' | 'shopId' | 'refundNo' | 'personal'>>`
    select id, shop_id as "shopId", refund_no as "refundNo", personal from staged_refund
    where ${wanted} order by id for update`.execute(tx)
  const orders = await sql<Row<'sales_order', 'id' | 'shopId' | 'personal'>>`
    select id, shop_id as "shopId", personal from sales_order
    where id = any(array(select id from (${ordersOf(keys)}) o)) order by id for update`.execute(tx)
  const orderIds = orders.rows.map(({ id }) => id)
  const changes = await sql<Row<'order_difference', 'personal'> & Row<'sales_order', 'shopId'>>`
    select c.personal, o.shop_id as "shopId" from order_difference c join sales_order o on o.id = c.order_id
    where c.order_id = any(${orderIds}::bigint[]) and c.personal is not null`.execute(tx)
  const persons = [...trades.rows, ...orders.rows, ...refunds.rows, ...changes.rows].map(
    (row): Person => personalOf(ring, row.shopId, row.personal),
  )
  const deliveryIds = await idsOf(
    tx,
    sql`select id from delivery where order_id = any(${orderIds}::bigint[])`,
  )
  return {
    ...{ tids, shops, orderIds, deliveryIds },
    tradeIds: trades.rows.map(({ id }) => id),
    refundIds: refunds.rows.map(({ id }) => id),
    refundNos: refunds.rows.map(({ refundNo }) => refundNo),
    refundShops: refunds.rows.map(({ shopId }) => shopId),
    returnIds: await idsOf(tx, sql`select id from return_order where order_id = any(${orderIds}::bigint[])`),
    words: wordsOf(persons),
    keys: keysOf(ring, persons),
    noLabels: await noLabelsOf(tx, ring, deliveryIds),
  }
}

async function noLabelsOf(tx: Tx, ring: KeyRing, deliveryIds: readonly string[]): Promise<Batch['noLabels']> {
  const found = await sql<Row<'waybill_account', 'shopId'>>`
    select distinct a.shop_id as "shopId" from waybill w join waybill_account a on a.id = w.account_id
    where w.delivery_id = any(${[...deliveryIds]}::bigint[])`.execute(tx)
  return found.rows.map(({ shopId }) => ({ shopId, sealed: seal(ring, shopId, '') }))
}

async function idsOf(tx: Tx, query: RawBuilder<unknown>): Promise<string[]> {
  const found = await sql<Row<'delivery', 'id'>>`${query}`.execute(tx)
  return found.rows.map(({ id }) => id)
}

/** A shorter word is found in texts that do not mean the buyer. Fewer digits are parts of dates, amounts and numbers. */
const leastLetters = 2
const leastDigits = 5

/** Returns the texts that name the buyer, the longest first. Masked and withheld parts are left out. */
export function wordsOf(persons: readonly Person[]): string[] {
  const all = persons.flatMap(({ nick, receiver }) => [
    nick,
    ...(receiver ? [receiver.name, receiver.mobile, receiver.phone, receiver.address] : []),
  ])
  const words = all
    .map((text) => text.trim())
    .filter((text) => text.length >= (/^\d+$/.test(text) ? leastDigits : leastLetters) && !text.includes('*'))
  return [...new Set(words)].sort((a, b) => b.length - a.length)
}

/** Returns the keys of a month 0 by which a parcel or an entry of the blacklist means the buyer, under each sealing key. */
function keysOf(ring: KeyRing, persons: readonly Person[]): number[] {
  const rings = [...ring.byNumber.values()].map((current): KeyRing => ({ ...ring, current }))
  return [...new Set(persons.flatMap((person) => keysOfOne(rings, person)))]
}

function keysOfOne(rings: readonly KeyRing[], { nick, receiver }: Person): number[] {
  const blank = { name: '', mobile: '', phone: '' }
  const phone = receiver ? receiver.mobile || receiver.phone : ''
  const alone = [
    { nick: '', receiver: { ...blank, mobile: phone } },
    { nick: '', receiver: { ...blank, name: receiver?.name ?? '' } },
    { nick, receiver: blank },
  ]
  // The first of the keys of a phone is that of the whole number; its last digits belong to many buyers.
  return rings.flatMap((ring) => alone.flatMap((one) => makeBuyerKeys(ring, 0, one).slice(0, 1)))
}

async function addCounts(tx: Tx, erasureId: string, counts: Readonly<Record<string, number>>): Promise<void> {
  await sql`
    update erasure e set erased_rows = (
      select coalesce(jsonb_object_agg(key, n), '{}') from (
        select key, sum(value::int)::int as n
        from (select * from jsonb_each_text(e.erased_rows) union all select * from jsonb_each_text(${JSON.stringify(counts)}::jsonb)) both_of
        group by key having sum(value::int) > 0) added)
    where id = ${erasureId}`.execute(tx)
}
