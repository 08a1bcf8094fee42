import type { Refund } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { isOpen } from '../../orders/order/open-refund-rules.ts'
import { erasedAmong, forgetPosted } from '../../shops/erased.ts'
import { addRefundEvents, type RefundEvent } from '../event-queries.ts'
import type { RefundState } from '../lifecycle.ts'
import { noteStaged, stopParcels } from '../staged/notices.ts'
import { type RefundColumns, refundColumns, reopens, withoutBuyer } from '../staged/refund-columns.ts'
import {
  changedRefunds,
  type LockedRefund,
  lockRefunds,
  updateRefundReasons,
  upsertRefunds,
} from '../staged/refund-queries.ts'
import { lockTrades, upsertRaw } from '../staged/trade-queries.ts'
import { updateTradeReasons } from '../trades/recheck.ts'
import { applyToOriginals } from './convert-refunds.ts'

/** `detailMissing`: only the list's facts arrived. The detail is requested later. */
export type ArrivedRefund = { refund: Refund; raw: string; detailMissing: boolean }
export type RefundCounts = { created: number; updated: number; skipped: Record<string, number> }

/**
 * Writes refund versions to the staged refunds, in the caller's transaction; the newest modified time wins. One that we have exactly like this
 * is left alone, and nothing is locked for it. A processed or refused refund keeps its state unless the version is open again and differs. A newer
 * version of a converted refund is applied to its order. Then it is determined again why the trades cannot be converted.
 */
export async function ingestRefunds(
  tx: Tx,
  ring: KeyRing,
  { shopId, arrived }: { shopId: string; arrived: readonly ArrivedRefund[] },
  actor: Actor,
): Promise<RefundCounts> {
  const counts: RefundCounts = { created: 0, updated: 0, skipped: {} }
  const all = newestOf(arrived)
  const changed = await changedRefunds(tx, shopId, all)
  const newest = all.filter(({ refund }) => changed.has(refund.refundId))
  const unchanged = all.length - newest.length
  if (unchanged > 0) counts.skipped['same'] = unchanged
  if (newest.length === 0) return counts
  // The lock order: trades before refunds.
  const theirTrades = [...new Set(newest.map((item) => item.refund.tid))]
  const trades = await lockTrades(tx, shopId, theirTrades)
  const { held, rows, written, older } = await writeRefunds(tx, ring, { shopId, newest }, actor)
  if (older > 0) counts.skipped['older'] = older
  if (rows.length === 0) return counts
  counts.created = written.filter((row) => !held.has(row.refundNo)).length
  const same = rows.filter((row) => isSame(held.get(row.refund.refundId), row)).length
  if (same > 0) counts.skipped['same'] = unchanged + same
  counts.updated = written.length - counts.created - same
  await keepRaw(tx, ring, shopId, rows)
  await addRefundEvents(
    tx,
    shopId,
    rows.flatMap((row) => events(held.get(row.refund.refundId), row.refund, row.state)),
    actor,
  )
  const tids = [...new Set(rows.map((row) => row.refund.tid))]
  // A trade that was staged after this lock cannot be locked now. Its refund keeps the reason "no original", and the next run links it to the trade.
  const tradeIds = trades.map(({ id }) => id)
  const refunds = rows.map((row) => row.refund.refundId)
  await updateRefundReasons(tx, shopId, tids, { trades: tradeIds, refunds })
  await updateTradeReasons(tx, tradeIds)
  // A version with unclear values is not applied until a person accepts them, but its notice is recorded.
  const converted = written.filter(
    ({ refundNo, doubtful }) => held.get(refundNo)?.state === 'converted' && !doubtful,
  )
  const fresh = new Set(written.map(({ refundNo }) => refundNo))
  const news = rows.flatMap(({ refund }) => (fresh.has(refund.refundId) ? [refund] : []))
  const applying = new Set(converted.map(({ refundNo }) => refundNo))
  const noted = await noteStaged(tx, shopId, news, { actor, applying })
  await applyToOriginals(
    tx,
    converted.map(({ id }) => id),
    actor,
  )
  await stopParcels(tx, noted, news, actor)
  return counts
}

/** Keeps the raw texts of the refunds. Those of erased buyers are not kept, and their posted documents are deleted. */
async function keepRaw(tx: Tx, ring: KeyRing, shopId: string, rows: readonly RefundRow[]): Promise<void> {
  const kept = rows.filter(({ personal }) => personal !== null)
  await upsertRaw(
    tx,
    shopId,
    'refund',
    kept.map(({ refund, raw }) => ({
      platformId: refund.refundId,
      modifiedAt: refund.modifiedAt,
      sealed: seal(ring, shopId, raw),
    })),
  )
  const erased = rows.filter(({ personal }) => personal === null)
  await forgetPosted(
    tx,
    shopId,
    'refund',
    erased.map(({ refund }) => refund.refundId),
  )
}

type RefundRow = ArrivedRefund & RefundColumns & { state: RefundState }
type Written = {
  held: Map<string, LockedRefund>
  rows: RefundRow[]
  written: Awaited<ReturnType<typeof upsertRefunds>>
  /** How many versions are older than ours. */
  older: number
}

/**
 * Locks the refunds that are there, and writes those versions that count. A refund that another transaction stages after the look for it is not
 * written without having been read, because a person may have decided it by then: it is read and written in a second turn.
 */
async function writeRefunds(
  tx: Tx,
  ring: KeyRing,
  { shopId, newest }: { shopId: string; newest: readonly ArrivedRefund[] },
  actor: Actor,
): Promise<Written> {
  const all: Written = { held: new Map(), rows: [], written: [], older: 0 }
  const { held } = all
  let turn = newest
  while (turn.length > 0) {
    const numbers = turn.map(({ refund }) => refund.refundId)
    const theirTrades = [...new Set(turn.map(({ refund }) => refund.tid))]
    for (const row of await lockRefunds(tx, shopId, numbers, theirTrades)) held.set(row.refund_no, row)
    const erased = await erasedAmong(tx, shopId, theirTrades)
    const isKnown = ({ refund }: ArrivedRefund) => held.has(refund.refundId)
    const rows = turn
      .filter(({ refund }) => !isOlder(held.get(refund.refundId), refund))
      .map((item) => ({
        ...item,
        ...refundColumns(ring, shopId, item.refund),
        state: stateAfter(held.get(item.refund.refundId), item.refund),
      }))
      .map((row) => (erased.has(row.refund.tid) ? withoutBuyer(row) : row))
    all.older += turn.length - rows.length
    const ids = rows.flatMap(({ refund }) => held.get(refund.refundId)?.id ?? [])
    const written = await upsertRefunds(tx, shopId, rows, { by: actor.name, held: ids })
    all.written.push(...written)
    const fresh = new Set(written.map(({ refundNo }) => refundNo))
    const isDone = (row: RefundRow) => isKnown(row) || fresh.has(row.refund.refundId)
    all.rows.push(...rows.filter(isDone))
    turn = rows.filter((row) => !isDone(row))
  }
  return all
}

function newestOf(arrived: readonly ArrivedRefund[]): ArrivedRefund[] {
  const newest = new Map<string, ArrivedRefund>()
  for (const item of arrived) {
    const other = newest.get(item.refund.refundId)?.refund
    const held = other && { modified_at: other.modifiedAt, version: other.version }
    if (!isOlder(held, item.refund)) newest.set(item.refund.refundId, item)
  }
  return [...newest.values()]
}

/** True if the stored version is newer. Platforms count whole seconds; within one second the version number decides, if there is one. */
function isOlder(held: Pick<LockedRefund, 'modified_at' | 'version'> | undefined, refund: Refund): boolean {
  if (!held) return false
  const laterMs = refund.modifiedAt.getTime() - held.modified_at.getTime()
  if (laterMs !== 0 || held.version === '' || refund.version === '') return laterMs < 0
  const longer = refund.version.length - held.version.length
  return longer < 0 || (longer === 0 && refund.version < held.version)
}

/** True if the version is the one that we hold, and adds nothing to it. */
const isSame = (held: LockedRefund | undefined, { refund, state, detailMissing }: RefundRow): boolean =>
  held !== undefined &&
  held.modified_at.getTime() === refund.modifiedAt.getTime() &&
  held.version === refund.version &&
  held.status === refund.status &&
  Number(held.amount_fen) === refund.amountFen &&
  // On some platforms a parcel changes neither version nor time.
  (detailMissing || held.waybill_no === refund.waybillNo) &&
  held.state === state &&
  (detailMissing || !held.detail_missing) &&
  (held.deadline !== null || refund.deadline === null || !isOpen(refund.status))

function stateAfter(held: LockedRefund | undefined, refund: Refund): RefundState {
  if (!held) return 'staged'
  if (held.state !== 'processed' && held.state !== 'refused') return held.state
  return reopens(held.decided_on, refund) ? 'staged' : held.state
}

function events(held: LockedRefund | undefined, refund: Refund, state: RefundState): RefundEvent[] {
  const refundNo = refund.refundId
  if (!held)
    return [{ refundNo, event: 'downloaded', detail: { status: refund.status, amountFen: refund.amountFen } }]
  const all: RefundEvent[] = []
  if (held.version !== refund.version || held.status !== refund.status) {
    all.push({
      refundNo,
      event: 'changed',
      detail: { from: held.status, status: refund.status, amountFen: refund.amountFen },
    })
  }
  if (state === 'staged' && held.state !== 'staged')
    all.push({ refundNo, event: 'reopened', detail: { was: held.state } })
  return all
}
