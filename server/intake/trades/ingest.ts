import { noteListings } from '../../catalog/listings/listings.ts'
import type { BadItem, Doubt, Trade, TradeLine } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import type { ShopFacts } from '../lifecycle.ts'
import { upsertParked } from '../staged/park-queries.ts'
import { updateRefundReasons } from '../staged/refund-queries.ts'
import { type TradeColumns, tradeColumns } from '../staged/trade-columns.ts'
import {
  clearFetchRequests,
  type LockedTrade,
  lockTrades,
  type RefundsOfTrade,
  refundsOf,
  upsertRaw,
  upsertTrades,
} from '../staged/trade-queries.ts'
import { noteTradeChanges } from './changes.ts'
import { shippableBefore } from './left-behind.ts'
import { updateTradeReasons } from './recheck.ts'

export type ArrivedTrade = { trade: Trade; raw: string }

/** `skipped`, by reason. `older`: the detail is older than ours. `processed`: a person marked the trade processed. */
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
  { shop, prepared, fetchedAt }: { shop: IngestShop; prepared: readonly PreparedTrade[]; fetchedAt: Date },
  actor: Actor,
): Promise<IngestCounts & { unapplied: readonly string[] }> {
  const counts: IngestCounts = { created: 0, updated: 0, skipped: {} }
  if (prepared.length === 0) return { ...counts, unapplied: [] }
  const tids = prepared.map((item) => item.columns.tid)
  const held = new Map((await lockTrades(tx, shop.id, tids)).map((row) => [row.tid, row]))
  const refunds = await refundsOf(tx, shop.id, tids)
  const writable = prepared.filter((item) => {
    const skip = whySkip(held.get(item.columns.tid), item.columns, fetchedAt)
    if (skip) counts.skipped[skip] = (counts.skipped[skip] ?? 0) + 1
    return !skip
  })
  const rows = writable.map((item) =>
    withStoredFacts(ring, shop, item, {
      openRefunds: refunds.get(item.columns.tid)?.open ?? 0,
      doubtsTaken: held.get(item.columns.tid)?.doubts_taken ?? null,
    }),
  )
  const shippable = await shippableBefore(tx, held, rows)
  const written = await upsertTrades(tx, shop.id, rows, { by: actor.name, fetchedAt })
  counts.created = written.filter((row) => (held.get(row.tid)?.detail_at ?? null) === null).length
  counts.updated = written.length - counts.created

  const modifiedAt = new Map(prepared.map((item) => [item.columns.tid, item.columns.modifiedAt]))
  const answered = [...held.values(), ...written.filter((row) => !held.has(row.tid))]
  await clearFetchRequests(
    tx,
    shop.id,
    answered.map(({ id, tid }) => ({ id, tid, modifiedAt: modifiedAt.get(tid) ?? new Date(0) })),
    fetchedAt,
  )
  await upsertRaw(
    tx,
    shop.id,
    'trade',
    writable.map((item) => ({
      platformId: item.columns.tid,
      modifiedAt: item.columns.modifiedAt,
      sealed: item.raw,
    })),
  )
  // A refund that was downloaded before its trade has its original now.
  await updateRefundReasons(tx, shop.id, tids)
  const again = await countRefundsAgain(tx, shop.id, written, refunds)
  await noteTradeChanges(tx, shop.id, { written, held, rows }, { actor, shippable })
  const arrived = written.filter(({ tid }) => (held.get(tid)?.detail_at ?? null) === null)
  const unapplied = arrived.flatMap(({ tid }) => (again.get(tid) ?? refunds.get(tid))?.converted ?? [])
  return { ...counts, unapplied }
}

/**
 * Counts the refunds of new trades again, and returns them: a new trade could not be locked, so a refund may have been written after the first count. A
 * refund that is written later finds the trade, or the next run links it.
 */
async function countRefundsAgain(
  tx: Tx,
  shopId: string,
  written: readonly { id: string; tid: string; made: boolean }[],
  counted: ReadonlyMap<string, RefundsOfTrade>,
): Promise<ReadonlyMap<string, RefundsOfTrade>> {
  const made = written.filter((row) => row.made)
  if (made.length === 0) return new Map()
  const now = await refundsOf(
    tx,
    shopId,
    made.map((row) => row.tid),
  )
  const changed = made.filter((row) => now.get(row.tid)?.open !== counted.get(row.tid)?.open)
  await updateTradeReasons(
    tx,
    changed.map((row) => row.id),
  )
  return now
}

/** Stores documents that could not be read, sealed and with the reason. The download continues. */
export async function parkItems(
  tx: Tx,
  ring: KeyRing,
  { shopId, kind, items }: { shopId: string; kind: 'trade' | 'refund'; items: readonly BadItem[] },
): Promise<void> {
  if (items.length === 0) return
  await upsertParked(
    tx,
    shopId,
    kind,
    items.map((item) => ({ ...item, sealed: seal(ring, shopId, item.raw) })),
  )
}

/**
 * Returns why a detail is not written. A trade that a person marked processed is not updated; one that the system marked is. Platforms count
 * whole seconds, so of two details of one second the later request decides: its answer may have been written first.
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

/** Adds facts that are stored already: open refunds that were downloaded before the trade, and accepted unclear values. */
function withStoredFacts(
  ring: KeyRing,
  shop: IngestShop,
  item: PreparedTrade,
  known: { openRefunds: number; doubtsTaken: readonly Doubt[] | null },
): TradeColumns {
  return known.openRefunds === 0 && known.doubtsTaken === null
    ? item.columns
    : tradeColumns(ring, shop, item.arrived.trade, known)
}

// There are many trades of few listings. This process does not write a listing again that it has written before.
const rememberedMax = 200_000
const remembered = new Set<string>()

/** Adds the goods of trades to the listings. It has a transaction of its own, so that a rollback of the trades does not lose the goods. */
export async function rememberItems(
  db: Database,
  shopId: string,
  arrived: readonly ArrivedTrade[],
): Promise<void> {
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
