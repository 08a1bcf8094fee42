import { type Actor, systemActor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { sendEvent } from '../../events.ts'
import { readdressDeliveries } from '../../fulfilment/parcels.ts'
import { type LineDay, type Plan, planOrders } from '../../orders/holds/ship-after.ts'
import { lockWithShipmentAndChildren } from '../../orders/holds/shipping.ts'
import { designationIn } from '../../orders/order/facets.ts'
import { recordPlatformChanges } from '../../orders/platform-changes/differences.ts'
import { addTradeEvents, type TradeEvent } from '../event-queries.ts'
import type { TradeState } from '../lifecycle.ts'
import { noteTradeLines } from '../staged/notices.ts'
import { ownFacets, type TradeColumns } from '../staged/trade-columns.ts'
import type { LockedTrade } from '../staged/trade-queries.ts'
import { linesNotConverted } from './left-behind.ts'
import { noteShownWaybills } from './shown-waybills.ts'

type PlatformChange = Parameters<typeof recordPlatformChanges>[1][number]

/**
 * Records what a newer detail changed: an event on the trade, and for a converted trade a platform change on its order. Only the order's
 * planned ship dates, refund holds and intercepts change at once; a finished trade completes its order later. Values of personal fields stay sealed.
 */
export async function noteTradeChanges(
  tx: Tx,
  shopId: string,
  {
    written,
    held,
    rows,
  }: {
    written: readonly { id: string; tid: string; state: TradeState }[]
    held: ReadonlyMap<string, LockedTrade>
    rows: readonly TradeColumns[]
  },
  { actor, shippable }: { actor: Actor; shippable: ReadonlyMap<string, ReadonlySet<string>> },
): Promise<void> {
  const byTid = new Map(rows.map((row) => [row.tid, row]))
  const writtenRows = written.flatMap(({ tid }) => byTid.get(tid) ?? [])
  const events: TradeEvent[] = []
  const differences: PlatformChange[] = []
  const finished: string[] = []
  for (const { tid, state } of written) {
    const before = held.get(tid)
    const after = byTid.get(tid)
    if (!after) continue
    if (state === 'processed' && before?.state !== 'processed')
      events.push({ tid, event: 'processed', detail: { note: after.note } })
    if (!before?.detail_at) continue
    const changed = changes(before, after)
    if (changed.length > 0) events.push({ tid, event: 'changed', detail: { fields: changed } })
    if (before.order_id) {
      if (after.status === 'finished' && before.status !== 'finished') finished.push(before.order_id)
      const told = new Set<Field>([...changed, ...valueFields])
      differences.push(...[...told].flatMap((field) => toPlatformChange(field, before, after)))
    }
  }
  differences.push(...(await linesNotConverted(tx, held, writtenRows, shippable)))
  await addTradeEvents(
    tx,
    shopId,
    events.filter(({ event }) => event !== 'processed'),
    actor,
  )
  // The system closed the trade, and not the actor who downloaded it.
  await addTradeEvents(
    tx,
    shopId,
    events.filter(({ event }) => event === 'processed'),
    systemActor,
  )
  const plans = plansOf(written, held, byTid)
  const refunded = refundedOf(shopId, written, held, byTid)
  // The lock order: all orders are locked together before the next steps lock single ones.
  if (
    plans.length > 0 ||
    refunded.length > 0 ||
    differences.some(({ kind }) => kind === 'address' || kind === 'courier')
  )
    await lockWithShipmentAndChildren(
      tx,
      [...plans, ...differences, ...refunded].map(({ orderId }) => orderId),
    )
  await noteTradeLines(tx, refunded, actor)
  await planOrders(tx, plans, actor)
  if (differences.length > 0) {
    const readdressed = await recordPlatformChanges(tx, differences, actor)
    await readdressDeliveries(tx, readdressed, actor)
  }
  const shown = shownShipments(differences, held, byTid)
  if (shown.length > 0) await sendEvent(tx, 'flows.shown_shipped', [{ shown }])
  const paid = paidOf(written, held, byTid)
  if (paid.length > 0) await sendEvent(tx, 'orders.trades_paid', [{ paid }])
  if (finished.length > 0) await sendEvent(tx, 'fulfilment.trades_finished', [{ orderIds: finished }])
  await noteShownWaybills(
    tx,
    shopId,
    writtenRows.filter(({ tid }) => held.get(tid)?.order_id),
  )
}

/** Returns the waybills under which the platform shows goods of unshipped orders as shipped. One of them may be the delivery's own. */
function shownShipments(
  differences: readonly PlatformChange[],
  held: ReadonlyMap<string, LockedTrade>,
  rows: ReadonlyMap<string, TradeColumns>,
): { orderId: string; waybillNo: string }[] {
  const shipped = new Set(
    differences
      .filter(({ kind, takenBack = false }) => kind === 'shipped_elsewhere' && !takenBack)
      .map(({ orderId }) => orderId),
  )
  return [...held].flatMap(([tid, { order_id: orderId }]) => {
    if (orderId === null || !shipped.has(orderId)) return []
    const lines = rows.get(tid)?.lines ?? []
    const numbers = lines.flatMap(({ waybillNo, waybills = [] }) => [waybillNo ?? '', ...waybills])
    return [...new Set(numbers)].filter(Boolean).map((one) => ({ orderId, waybillNo: one }))
  })
}

/**
 * Returns the new planned ship dates of converted trades whose date on the platform changed, or whose lines have dates. An order for which
 * a user planned another date keeps it.
 */
function plansOf(
  written: readonly { tid: string }[],
  held: ReadonlyMap<string, LockedTrade>,
  rows: ReadonlyMap<string, TradeColumns>,
): Plan[] {
  return written.flatMap(({ tid }) => {
    const [before, after] = [held.get(tid), rows.get(tid)]
    if (!before?.order_id || !after || (!before.plan_at && !after.planAt)) return []
    const lines = lineDays(after)
    const moved = before.plan_at?.getTime() !== after.planAt?.getTime()
    if (!moved && lines.every(({ at }) => at === null)) return []
    return [{ orderId: before.order_id, from: before.plan_at, at: after.planAt, lines }]
  })
}

/** Returns the orders of trades that were converted unpaid and are paid now. Cash on delivery is paid to the courier. */
function paidOf(
  written: readonly { tid: string }[],
  held: ReadonlyMap<string, LockedTrade>,
  rows: ReadonlyMap<string, TradeColumns>,
): { orderId: string; at: string }[] {
  return written.flatMap(({ tid }) => {
    const [before, after] = [held.get(tid), rows.get(tid)]
    if (!before?.order_id || !after || after.cod) return []
    const isPaid = after.status === 'paid' || shippedStatuses.includes(after.status)
    const at = after.paidAt ?? (isPaid ? after.modifiedAt : null)
    const isNew = before.status === 'unpaid' || (before.paid_at === null && after.paidAt !== null)
    return isNew && at !== null ? [{ orderId: before.order_id, at: at.toISOString() }] : []
  })
}

/** Returns the converted trades that have refunded lines now or had some before. */
function refundedOf(
  shopId: string,
  written: readonly { tid: string }[],
  held: ReadonlyMap<string, LockedTrade>,
  rows: ReadonlyMap<string, TradeColumns>,
) {
  return written.flatMap(({ tid }) => {
    const [before, after] = [held.get(tid), rows.get(tid)]
    if (!before?.order_id || !after) return []
    const some = before.lines_applied + before.lines_refunded + after.linesApplied + after.linesRefunded
    if (some === 0) return []
    const { modifiedAt, lines } = after
    return [{ orderId: before.order_id, shopId, tid, modifiedAt, lines }]
  })
}

function lineDays({ lines }: TradeColumns): LineDay[] {
  return lines.map(({ oid, planAt }) => ({ oid, at: planAt ?? null }))
}

/** These fields are compared with the order's value at each detail, because either may have changed since. */
const valueFields = ['memo', 'flag', 'message'] as const

type Field = 'status' | 'address' | 'courier' | 'memo' | 'flag' | 'message' | 'payment' | 'refund'

/** True if a detail is of the version that we hold, and shows nothing else. */
export const isSameDetail = (before: LockedTrade | undefined, after: TradeColumns | undefined): boolean =>
  before !== undefined &&
  after !== undefined &&
  before.detail_at?.getTime() === after.modifiedAt.getTime() &&
  changes(before, after).length === 0

function changes(before: LockedTrade, after: TradeColumns): Field[] {
  // Texts of an erased buyer are gone, which is no change of the platform.
  const isKept = after.personal !== null
  const all: [Field, boolean][] = [
    ['status', before.status !== after.status],
    ['address', isKept && !after.receiverHashes.includes(before.receiver_hash)],
    ['courier', designationIn(before.facets) !== designationIn(after.facets)],
    ['memo', isKept && before.seller_memo !== after.sellerMemo],
    ['flag', !after.flagUnsaid && before.flag !== after.flag],
    ['message', isKept && before.buyer_message !== after.buyerMessage],
    ['payment', Number(before.payment_fen) !== after.paymentFen],
    ['refund', before.lines_applied !== after.linesApplied || before.lines_refunded !== after.linesRefunded],
  ]
  return all.filter(([, differs]) => differs).map(([field]) => field)
}

function toPlatformChange(field: Field, before: LockedTrade, after: TradeColumns): PlatformChange[] {
  if (before.order_id === null) return []
  // The texts of an erased buyer are empty by our own doing.
  if (after.personal === null && (field === 'memo' || field === 'message')) return []
  const base = { orderId: before.order_id, tradeVersion: after.modifiedAt }
  switch (field) {
    case 'status':
      return statusChange(base, before, after)
    case 'address':
      return [
        {
          ...base,
          kind: 'address',
          old: before.receiver_masked,
          new: after.receiverMasked,
          personal: after.personal,
          region: after.region,
          facets: after.facets.slice(ownFacets),
          people: after.people,
          receiverHash: after.receiverHashes[0] ?? 0,
        },
      ]
    case 'courier':
      return [
        { ...base, kind: 'courier', old: designationIn(before.facets), new: designationIn(after.facets) },
      ]
    case 'memo':
      return [{ ...base, kind: 'memo', old: before.seller_memo, new: after.sellerMemo }]
    case 'flag':
      if (after.flagUnsaid) return []
      return [{ ...base, kind: 'flag', old: String(before.flag), new: String(after.flag) }]
    case 'message':
      return [{ ...base, kind: 'message', old: before.buyer_message, new: after.buyerMessage }]
    case 'payment':
      return [{ ...base, kind: 'payment', old: before.payment_fen, new: String(after.paymentFen) }]
    case 'refund':
      // Refunds are downloaded separately and applied by their own rules.
      return []
  }
}

/**
 * Returns what a changed status says of the order: that its trade was closed or shipped elsewhere, or that the platform took this back. A
 * status that we do not know takes nothing back.
 */
function statusChange(
  base: { orderId: string; tradeVersion: Date },
  before: LockedTrade,
  after: TradeColumns,
): PlatformChange[] {
  const change = { ...base, old: before.status, new: after.status }
  const closed = { ...change, kind: 'closed' } as const
  const shipped = { ...change, kind: 'shipped_elsewhere' } as const
  const [was, is] = [before.status, after.status]
  if (is.startsWith('closed')) return [closed]
  const reopened =
    was.startsWith('closed') || was === 'unknown' ? [{ ...closed, takenBack: true as const }] : []
  if (shippedStatuses.includes(is)) return [shipped, ...reopened]
  if (!openStatuses.includes(is)) return []
  return openStatuses.includes(was) ? [] : [...reopened, { ...shipped, takenBack: true }]
}

const openStatuses = ['unpaid', 'paid']
const shippedStatuses = ['partly_shipped', 'shipped', 'finished']
