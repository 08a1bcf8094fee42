import { noteListings } from '../../catalog/listings/listings.ts'
import type { BadItem, Trade, TradeLine } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { erasedAmong, forgetPosted } from '../../shops/erased.ts'
import type { ShopFacts } from '../lifecycle.ts'
import { erasedDocuments, upsertParked } from '../staged/park-queries.ts'
import { updateRefundReasons } from '../staged/refund-queries.ts'
import { type TradeColumns, tradeColumns, withoutBuyer } from '../staged/trade-columns.ts'
import {
  clearFetchRequests,
  type LockedTrade,
  lockTrades,
  type RefundsOfTrade,
  refundsOf,
  upsertRaw,
  upsertTrades,
  type WrittenTrade,
} from '../staged/trade-queries.ts'
import { isSameDetail, noteTradeChanges } from './changes.ts'
import { shippableBefore } from './left-behind.ts'
import { updateIfSettingsChanged, updateTradeReasons } from './recheck.ts'

export type ArrivedTrade = { trade: Trade; raw: string }

/** `skipped`, by reason. `same`: the detail shows nothing new. `older`: it is older than ours. `processed`: a person marked the trade processed. */
export type IngestCounts = {
  created: number
  updated: number
  skipped: Record<string, number>
}

export type IngestShop = { id: string; facts: ShopFacts }

/** A detail of a trade whose masked, sealed and hashed values are computed already, so that only SQL remains. */
export type PreparedTrade = { arrived: ArrivedTrade; columns: TradeColumns; raw: Buffer }

/** Masks, seals and hashes details before any row is locked, about 60 µs each. Of two details of one trade the newer is used. */
export function prepareTrades(
  ring: KeyRing,
  shop: IngestShop,
  arrived: readonly ArrivedTrade[],
): PreparedTrade[] {
  const newest = new Map<string, ArrivedTrade>()
  for (const item of arrived) {
    const other = newest.get(item.trade.tid)
    if (!other || other.trade.modifiedAt <= item.trade.modifiedAt) newest.set(item.trade.tid, item)
  }
  return [...newest.values()].map((item) => ({
    arrived: item,
    columns: tradeColumns(ring, shop, item.trade),
    raw: seal(ring, shop.id, item.raw),
  }))
}

/**
 * Writes details to the staged trades, in the caller's transaction. Details may come repeatedly and in any order, because the platform's
 * modified time decides. A trade that a person marked processed does not change. Changes of a converted trade are recorded on its order.
 * `fetchedAt`: the time of the request. `unapplied`: ids of converted refunds whose later versions may not have been applied, because their
 * trade was removed or fetched again; `refunds/stage-trades.ts` applies them.
 */
export async function ingestTrades(
  tx: Tx,
  ring: KeyRing,
  details: Details,
  actor: Actor,
): Promise<IngestCounts & { unapplied: readonly string[] }> {
  const { shop, prepared, fetchedAt } = details
  if (prepared.length === 0) return { created: 0, updated: 0, skipped: {}, unapplied: [] }
  const written = await writeTrades(tx, ring, details, actor)
  const { trades, held, refunds, skipped } = written
  const arrived = trades.filter(({ tid }) => (held.get(tid)?.detail_at ?? null) === null)

  const modifiedAt = new Map(prepared.map((item) => [item.columns.tid, item.columns.modifiedAt]))
  const answered = [...held.values(), ...trades.filter((row) => !held.has(row.tid))]
  await clearFetchRequests(
    tx,
    shop.id,
    answered.map(({ id, tid }) => ({ id, tid, modifiedAt: modifiedAt.get(tid) ?? new Date(0) })),
    fetchedAt,
  )
  await keepRaw(tx, shop.id, written)
  // A refund that was downloaded before its trade has its original now.
  await updateRefundReasons(tx, shop.id, [...modifiedAt.keys()])
  const again = await countRefundsAgain(tx, shop.id, written)
  await updateIfSettingsChanged(
    tx,
    shop,
    trades.map(({ id }) => id),
  )
  await noteTradeChanges(
    tx,
    shop.id,
    { written: trades, held, rows: written.rows },
    { actor, shippable: written.shippable },
  )
  const unapplied = arrived.flatMap(({ tid }) => (again.get(tid) ?? refunds.get(tid))?.converted ?? [])
  const columns = new Map(written.rows.map((row) => [row.tid, row]))
  const same = trades.filter(({ tid }) => isSameDetail(held.get(tid), columns.get(tid))).length
  if (same > 0) skipped['same'] = same
  const updated = trades.length - arrived.length - same
  return { created: arrived.length, updated, skipped, unapplied }
}

type Details = { shop: IngestShop; prepared: readonly PreparedTrade[]; fetchedAt: Date }

/** Keeps the raw texts of the details. Those of erased buyers are not kept, and their posted documents are deleted. */
async function keepRaw(tx: Tx, shopId: string, { items, erased }: Written): Promise<void> {
  await upsertRaw(
    tx,
    shopId,
    'trade',
    items
      .filter(({ columns }) => !erased.has(columns.tid))
      .map(({ columns, raw }) => ({
        platformId: columns.tid,
        modifiedAt: columns.modifiedAt,
        sealed: raw,
      })),
  )
  await forgetPosted(tx, shopId, 'trade', [...erased])
}

/** The trades that were written, and the facts that were read under the locks before. */
type Written = {
  items: PreparedTrade[]
  rows: TradeColumns[]
  trades: WrittenTrade[]
  held: Map<string, LockedTrade>
  refunds: Map<string, RefundsOfTrade>
  shippable: Map<string, ReadonlySet<string>>
  /** Numbers of trades whose buyer is erased. */
  erased: Set<string>
  skipped: IngestCounts['skipped']
}

/**
 * Locks the trades that are there, and writes those versions that count. A trade that another transaction stages after the look for it is not
 * written without having been read, because its order or its refunds may be here by then: it is read and written in a second turn.
 */
async function writeTrades(
  tx: Tx,
  ring: KeyRing,
  { shop, prepared, fetchedAt }: Details,
  actor: Actor,
): Promise<Written> {
  const all: Written = {
    items: [],
    rows: [],
    trades: [],
    held: new Map(),
    refunds: new Map(),
    shippable: new Map(),
    erased: new Set(),
    skipped: {},
  }
  const { held, refunds, skipped } = all
  let turn = prepared
  while (turn.length > 0) {
    const tids = turn.map((item) => item.columns.tid)
    for (const row of await lockTrades(tx, shop.id, tids)) held.set(row.tid, row)
    for (const [tid, some] of await refundsOf(tx, shop.id, tids)) refunds.set(tid, some)
    for (const tid of await erasedAmong(tx, shop.id, tids)) all.erased.add(tid)
    const items = turn.filter((item) => {
      const skip = whySkip(held.get(item.columns.tid), item.columns, fetchedAt)
      if (skip) skipped[skip] = (skipped[skip] ?? 0) + 1
      return !skip
    })
    const rows = items.map((item) => withStoredFacts(ring, shop, item, all))
    for (const [id, oids] of await shippableBefore(tx, held, rows)) all.shippable.set(id, oids)
    const ids = rows.flatMap(({ tid }) => held.get(tid)?.id ?? [])
    const trades = await upsertTrades(tx, shop.id, rows, { by: actor.name, fetchedAt, held: ids })
    all.trades.push(...trades)
    const done = new Set([...held.keys(), ...trades.map(({ tid }) => tid)])
    const isDone = ({ tid }: TradeColumns) => done.has(tid)
    all.rows.push(...rows.filter(isDone))
    all.items.push(...items.filter(({ columns }) => isDone(columns)))
    turn = items.filter(({ columns }) => !isDone(columns))
  }
  return all
}

/**
 * Counts the refunds of new trades again, and returns them: a new trade could not be locked, so a refund may have been written after the first
 * count. A refund that is written later finds the trade, or the next run links it.
 */
async function countRefundsAgain(
  tx: Tx,
  shopId: string,
  { trades, held, refunds }: Written,
): Promise<ReadonlyMap<string, RefundsOfTrade>> {
  const made = trades.filter(({ tid }) => !held.has(tid))
  if (made.length === 0) return new Map()
  const now = await refundsOf(
    tx,
    shopId,
    made.map((row) => row.tid),
  )
  const changed = made.filter((row) => now.get(row.tid)?.open !== refunds.get(row.tid)?.open)
  await updateTradeReasons(
    tx,
    changed.map((row) => row.id),
  )
  return now
}

/** Stores documents that could not be read, sealed and with the reason. The download continues. The text of an erased buyer is left out. */
export async function parkItems(
  tx: Tx,
  ring: KeyRing,
  { shopId, kind, items }: { shopId: string; kind: 'trade' | 'refund'; items: readonly BadItem[] },
): Promise<void> {
  if (items.length === 0) return
  const erased = await erasedDocuments(
    tx,
    shopId,
    kind,
    items.flatMap(({ id }) => id ?? []),
  )
  await upsertParked(
    tx,
    shopId,
    kind,
    items.map((item) => ({ ...item, sealed: seal(ring, shopId, erased.has(item.id ?? '') ? '' : item.raw) })),
  )
}

/**
 * Returns why a detail is not written; undefined: it is. A trade that a person marked processed is not updated; one that the system marked is.
 * Platforms count whole seconds, so of two details of one second the later request decides: its answer may have been written first.
 */
function whySkip(
  held: LockedTrade | undefined,
  { modifiedAt }: TradeColumns,
  fetchedAt: Date,
): 'processed' | 'older' | undefined {
  if (held?.state === 'processed' && held.note === '') return 'processed'
  if (!held?.detail_at || held.detail_at < modifiedAt) return undefined
  const isEarlier = held.fetched_at !== null && held.fetched_at > fetchedAt
  return held.detail_at > modifiedAt || isEarlier ? 'older' : undefined
}

/**
 * Adds facts that are stored already: open refunds that were downloaded before the trade, accepted unclear values, and the flag of a trade that
 * came without one.
 */
function withStoredFacts(
  ring: KeyRing,
  shop: IngestShop,
  item: PreparedTrade,
  { held, refunds, erased }: Pick<Written, 'held' | 'refunds' | 'erased'>,
): TradeColumns {
  const { tid, flagUnsaid } = item.columns
  const { trade } = item.arrived
  const keptFlag = (flagUnsaid && held.get(tid)?.flag) || 0
  const known = {
    openRefunds: refunds.get(tid)?.open ?? 0,
    doubtsTaken: held.get(tid)?.doubts_taken ?? null,
  }
  const columns =
    known.openRefunds === 0 && known.doubtsTaken === null && keptFlag === 0
      ? item.columns
      : tradeColumns(ring, shop, keptFlag === 0 ? trade : { ...trade, flag: keptFlag }, known)
  return erased.has(tid) ? withoutBuyer(columns) : columns
}

// There are many trades of few listings. This process does not write a listing again that it has written before.
const rememberedMax = 200_000
const rememberedOf = new WeakMap<Database, Set<string>>()

/** Adds the goods of trades to the listings. It has a transaction of its own, so that a rollback of the trades does not lose the goods. */
export async function rememberItems(
  db: Database,
  shopId: string,
  arrived: readonly ArrivedTrade[],
): Promise<void> {
  // Shops of two databases may have the same id.
  const remembered = rememberedOf.get(db) ?? new Set<string>()
  rememberedOf.set(db, remembered)
  const fresh = new Map<string, TradeLine & { seenAt: Date }>()
  for (const { trade } of arrived) {
    for (const line of trade.lines) {
      const key = [shopId, line.itemId, line.skuId, line.outerItemId, line.outerSkuId].join('\u0001')
      if (line.itemId !== '' && !remembered.has(key)) fresh.set(key, { ...line, seenAt: trade.createdAt })
    }
  }
  if (fresh.size === 0) return
  await noteListings(db, shopId, [...fresh.values()])
  if (remembered.size > rememberedMax) remembered.clear()
  for (const key of fresh.keys()) remembered.add(key)
}
