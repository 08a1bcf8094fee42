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
  openRefundCounts,
  upsertRaw,
  upsertTrades,
} from '../staged/trade-queries.ts'
import { noteTradeChanges } from './changes.ts'
import { shippableBefore } from './left-behind.ts'
import { updateTradeReasons } from './recheck.ts'

export type ArrivedTrade = { trade: Trade; raw: string }

/** `skipped` by reason: `older` than what we hold, `processed` by a person. */
export type IngestCounts = {
  created: number
  updated: number
  skipped: Record<string, number>
}

export type IngestShop = { id: string; facts: ShopFacts }

/** A detail with its seal made: what is left to do is SQL. */
export type PreparedTrade = { arrived: ArrivedTrade; columns: TradeColumns; raw: Buffer }

/**
 * Masks, seals and hashes details, about 60 µs each, before any lock is held. Of two answers for one trade in a set
 * the newer counts.
 */
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
    columns: tradeColumns(ring, shop.id, shop.facts, item.trade),
    raw: seal(ring, shop.id, item.raw),
  }))
}

/**
 * Complete trades → the pool, in the caller's transaction. Idempotent and order-free: the platform's modified time
 * decides, what a person marked processed stays so, a converted trade keeps its order and its changes are noted there.
 * `fetchedAt` is when the answers were asked for.
 */
export async function ingestTrades(
  tx: Tx,
  ring: KeyRing,
  shop: IngestShop,
  prepared: readonly PreparedTrade[],
  actor: Actor,
  fetchedAt: Date,
): Promise<IngestCounts> {
  const counts: IngestCounts = { created: 0, updated: 0, skipped: {} }
  if (prepared.length === 0) return counts
  const tids = prepared.map((item) => item.columns.tid)
  const held = new Map((await lockTrades(tx, shop.id, tids)).map((row) => [row.tid, row]))
  const open = await openRefundCounts(tx, shop.id, tids)
  const writable = prepared.filter((item) => {
    const skip = whySkip(held.get(item.columns.tid), item.columns)
    if (skip) counts.skipped[skip] = (counts.skipped[skip] ?? 0) + 1
    return !skip
  })
  const rows = writable.map((item) =>
    withStoredFacts(ring, shop, item, {
      openRefunds: open.get(item.columns.tid) ?? 0,
      doubtsTaken: held.get(item.columns.tid)?.doubts_taken ?? null,
    }),
  )
  const shippable = await shippableBefore(tx, held, rows)
  const written = await upsertTrades(tx, shop.id, rows, actor.name, fetchedAt)
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
  // Refunds that were here before their trade stop waiting.
  await updateRefundReasons(tx, shop.id, tids)
  await countRefundsAgain(tx, shop.id, written, open)
  await noteTradeChanges(tx, shop.id, written, held, rows, { actor, shippable })
  return counts
}

/**
 * A new trade could not be locked before it was here: a refund may have come since its refunds were counted. One that
 * comes from now on finds the trade, or is found by the next run.
 */
async function countRefundsAgain(
  tx: Tx,
  shopId: string,
  written: readonly { id: string; tid: string; made: boolean }[],
  counted: ReadonlyMap<string, number>,
): Promise<void> {
  const made = written.filter((row) => row.made)
  if (made.length === 0) return
  const now = await openRefundCounts(
    tx,
    shopId,
    made.map((row) => row.tid),
  )
  const changed = made.filter((row) => now.get(row.tid) !== counted.get(row.tid))
  await updateTradeReasons(
    tx,
    changed.map((row) => row.id),
  )
}

/** Items that could not be understood are kept, sealed, with their reason; the window goes on. */
export async function parkItems(
  tx: Tx,
  ring: KeyRing,
  shopId: string,
  kind: 'trade' | 'refund',
  items: readonly BadItem[],
): Promise<void> {
  if (items.length === 0) return
  await upsertParked(
    tx,
    shopId,
    kind,
    items.map((item) => ({ ...item, sealed: seal(ring, shopId, item.raw) })),
  )
}

/** What a person closed never comes back through any channel; what the system closed is kept up to date. */
function whySkip(held: LockedTrade | undefined, columns: TradeColumns): 'processed' | 'older' | undefined {
  if (held?.state === 'processed' && held.note === '') return 'processed'
  return held?.detail_at && held.detail_at > columns.modifiedAt ? 'older' : undefined
}

/** Refunds that were downloaded before their trade weigh in its reason, and so do doubts that a person took; most trades have neither. */
function withStoredFacts(
  ring: KeyRing,
  shop: IngestShop,
  item: PreparedTrade,
  known: { openRefunds: number; doubtsTaken: readonly Doubt[] | null },
): TradeColumns {
  return known.openRefunds === 0 && known.doubtsTaken === null
    ? item.columns
    : tradeColumns(ring, shop.id, shop.facts, item.arrived.trade, known)
}

// Items are few and trades are many: what this process has written before is not sent again.
const rememberedMax = 200_000
const remembered = new Set<string>()

/** Adds goods not seen before to the listings. Own transaction: it loses nothing to a rollback. */
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
