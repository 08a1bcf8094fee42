import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { AppError } from '../errors.ts'
import { type BuyerKeyKind, buyerSearchKeys, idsWithBuyerKeys } from '../lib/people.ts'
import type { KeyRing } from '../lib/seal.ts'
import { type Personal, personalOf } from '../orders/order/personal.ts'
import type { TradeKey } from '../shops/erased.ts'

/** A buyer with more documents than this is a dealer; their trades are erased by several requests, one for each platform. */
const mostTrades = 10_000

export type BuyerSearch = {
  /** The buyer's nick, a phone number, a trade number, or the number of one of our orders. */
  q: string
  /** Only documents of shops of this platform; undefined: of all. */
  platform?: string | undefined
}

type Sealed = TradeKey & Row<'shop', 'platform'> & Row<'sales_order', 'personal'>
/** A refund has the nick only. */
export type Person = Pick<Personal, 'nick'> & Partial<Pick<Personal, 'receiver'>>
export type FoundTrade = TradeKey & { platform: string; person: Person }

/**
 * Finds the trades and off-platform orders of one buyer. Rows are found by keyed hashes and counted only if the sealed text is the searched one,
 * since hashes of two texts may be equal. A trade number means the buyer of that trade, on its platform.
 */
export async function findBuyer(
  db: Database | Tx,
  ring: KeyRing,
  { q, platform }: BuyerSearch,
): Promise<FoundTrade[]> {
  const text = q.trim()
  const numbered = await byNumber(db, ring, text)
  const found = [...numbered]
  const wanted: Wanted[] = isClear(text)
    ? [
        { kind: 'nick', text, platform },
        { kind: 'mobile', text, platform },
      ]
    : []
  for (const trade of numbered) wanted.push(...meantBy(trade))
  for (const one of distinct(wanted)) found.push(...(await byText(db, ring, one)))
  const once = new Map(found.map((trade) => [`${trade.shopId} ${trade.tid}`, trade]))
  const trades = [...once.values()].filter((trade) => platform === undefined || trade.platform === platform)
  if (trades.length > mostTrades) throw new AppError('too_many_ids', { max: mostTrades })
  return trades
}

type Wanted = { kind: Extract<BuyerKeyKind, 'nick' | 'mobile'>; text: string; platform: string | undefined }

const isClear = (text: string) => text.length > 1 && !text.includes('*')

/** Returns how the buyer of a trade is recognised: by the nick on the same platform, or by the phone if there is no nick. */
function meantBy({ platform, person: { nick, receiver } }: FoundTrade): Wanted[] {
  if (isClear(nick.trim())) return [{ kind: 'nick', text: nick.trim(), platform }]
  const phone = receiver ? receiver.mobile || receiver.phone : ''
  return isClear(phone) ? [{ kind: 'mobile', text: phone.trim(), platform: undefined }] : []
}

function distinct(wanted: readonly Wanted[]): Wanted[] {
  return [...new Map(wanted.map((one) => [JSON.stringify([one.kind, one.text, one.platform]), one])).values()]
}

/** SQL for the columns of `Sealed`, of a table `t`. */
const columns = (personal: RawBuilder<unknown>) =>
  sql`t.tid, t.shop_id as "shopId", s.platform, ${personal} as personal`
const withShop = sql`join shop s on s.id = t.shop_id`

async function byNumber(db: Database | Tx, ring: KeyRing, text: string): Promise<FoundTrade[]> {
  const orders = (origin: RawBuilder<unknown>) =>
    sql`select ${columns(sql`t.personal`)} from sales_order t ${withShop} where t.tid = ${text} and ${origin}`
  const found = await sql<Sealed>`
    select ${columns(sql`t.personal`)} from staged_trade t ${withShop} where t.tid = ${text}
    union all ${orders(sql`t.origin in ('trade', 'record')`)}
    union all ${orders(sql`t.origin in ('manual', 'import', 'copy', 'reship')`)}
    union all select ${columns(sql`t.personal`)} from sales_order t ${withShop} where t.no = ${text}
    union all select ${columns(sql`t.personal`)} from staged_refund t ${withShop} where t.tid = ${text}
    limit 200`.execute(db)
  return found.rows.map((row) => opened(ring, row))
}

async function byText(db: Database | Tx, ring: KeyRing, wanted: Wanted): Promise<FoundTrade[]> {
  const keys = buyerSearchKeys(ring, wanted.kind, wanted.text)
  const most = sql`limit ${mostTrades + 1}`
  const ofPlatform = wanted.platform === undefined ? sql`true` : sql`s.platform = ${wanted.platform}`
  // The limit counts documents of the platform alone, so that those beyond it are noticed.
  const listed = (table: 'sales_order' | 'staged_trade') => sql`(
    select ${columns(sql`t.personal`)}
    from (${idsWithBuyerKeys(`${table}_person`, keys)}) k (id) join ${sql.table(table)} t on t.id = k.id ${withShop}
    where ${ofPlatform} ${most})`
  const found = await sql<Sealed>`
    ${listed('staged_trade')} union all ${listed('sales_order')}
    union all (
      select ${columns(sql`t.personal`)} from staged_refund t ${withShop}
      where t.people && ${[...keys]}::bigint[] and ${ofPlatform} ${most})`.execute(db)
  return found.rows.map((row) => opened(ring, row)).filter(({ person }) => isMeant(person, wanted))
}

function opened(ring: KeyRing, { tid, shopId, platform, personal }: Sealed): FoundTrade {
  return { tid, shopId, platform, person: personalOf(ring, shopId, personal) }
}

function isMeant({ nick, receiver }: Person, { kind, text }: Wanted): boolean {
  if (kind === 'nick') return nick.trim() === text
  return [receiver?.mobile, receiver?.phone].some((phone) => phone?.trim() === text)
}
