import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { keepUnmatchedHolds } from '../allocation/goods.ts'
import { enqueueGoodsOff, giveBackRefunded, type LineChange } from '../allocation/goods-refunds.ts'
import { removeUnearnedGifts } from '../gifts/take-back.ts'
import { endedOnPlatform, openPlatformChanges } from '../order/difference-queries.ts'
import { platformChangeRules } from '../order/lifecycle.ts'
import { isOpenAboutGoods } from '../order/open-refunds.ts'
import { insertHolds, type LockedOrder, lockOrders, type NewHold, refreshOrders } from '../order/queries.ts'
import { voidLocked } from '../status/void.ts'
import { type RefundTotals, totalRefunds } from './refund-money.ts'
import { applyNotices } from './refund-notices.ts'
import {
  type AppliedRefund,
  type LineWithRefunds,
  linesOfOrders,
  refundsOfOrders,
  upsertOrderRefunds,
  writeRefundedLines,
} from './refund-queries.ts'
import { countedOf } from './refunds.ts'

// While an order was voided or shipped, refunds changed its money but not its goods. When the order comes back (restored, or its shipping
// undone), the changes that it missed are applied.

export type MissedChanges = {
  refunds: readonly AppliedRefund[]
  lines: ReadonlyMap<string, readonly LineWithRefunds[]>
  settled: ReadonlyMap<string, RefundTotals>
}

export async function missedChangesOf(tx: Tx, orders: readonly LockedOrder[]): Promise<MissedChanges> {
  const ids = orders.map(({ id }) => id)
  const refunds = (await refundsOfOrders(tx, ids)).map((refund) => ({
    ...refund,
    takesGoods: refund.fact !== null,
  }))
  const lines = await linesOfOrders(tx, ids)
  const byOrder = Map.groupBy(refunds, (refund) => refund.orderId)
  const settled = new Map(
    orders.map((order) => [
      order.id,
      totalRefunds(order, lines.get(order.id) ?? [], countedOf(byOrder.get(order.id) ?? [])),
    ]),
  )
  return { refunds, lines, settled }
}

/**
 * Takes the goods of paid refunds off the lines of these orders. Places holds for open refunds, for a trade that was closed or shipped
 * elsewhere on the platform, and for platform changes that are still open. Returns how the gift lines changed.
 */
export async function applyMissedChanges(
  tx: Tx,
  ids: readonly string[],
  meanwhile: MissedChanges,
  actor: Actor,
): Promise<LineChange[]> {
  if (ids.length === 0) return []
  const refunds = meanwhile.refunds.filter(({ orderId }) => ids.includes(orderId))
  const counted = refunds.filter((refund) => refund.fact !== null)
  if (counted.length > 0) {
    await upsertOrderRefunds(tx, counted)
    await writeRefundedLines(
      tx,
      ids.flatMap((orderId) =>
        (meanwhile.settled.get(orderId)?.lines ?? []).map((line) => ({ orderId, ...line })),
      ),
    )
  }
  // Refund notices are applied first, because an order that gets a hold by them also leaves its merged shipment.
  const { known } = await applyNotices(tx, ids, actor)
  const unheard = refunds.filter(({ orderId, refundNo }) => !known.has(`${orderId}/${refundNo}`))
  await insertHolds(tx, await holdsOf(tx, ids, unheard), actor.name)
  await keepUnmatchedHolds(tx, ids)
  await refreshOrders(tx, ids)
  return counted.length > 0 ? removeUnearnedGifts(tx, ids, actor) : []
}

async function holdsOf(
  tx: Tx,
  ids: readonly string[],
  refunds: readonly AppliedRefund[],
): Promise<NewHold[]> {
  const base = { note: '', until: null }
  const open = refunds.filter(isOpenAboutGoods)
  const changes = (await openPlatformChanges(tx, ids)).flatMap(({ orderId, kind }) => {
    const reason = platformChangeRules[kind].hold
    return reason === null ? [] : [{ ...base, orderId, reason, source: kind }]
  })
  return [
    ...open.map(({ orderId, refundNo }) => ({ ...base, orderId, reason: 'refund_open', source: refundNo })),
    ...(await endedOnPlatform(tx, ids)).map(({ orderId, kind }) => ({
      ...base,
      orderId,
      reason: platformChangeRules[kind].hold,
      source: kind,
    })),
    ...changes,
  ]
}

/**
 * Applies missed refunds to orders whose shipping was undone: refunded goods are taken off and unreserved; an order that is refunded
 * completely is voided. The caller must have put the goods on hand before. Locks only the balances of these goods.
 */
export async function applyMissedAfterUnship(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  const orders = await lockOrders(tx, ids)
  const meanwhile = await missedChangesOf(tx, orders)
  const gifts = await applyMissedChanges(tx, ids, meanwhile, actor)
  const whole = ids.filter((id) => meanwhile.settled.get(id)?.whole)
  if (whole.length > 0) await voidLocked(tx, whole, { reason: 'refunded_whole' }, actor)
  const changes = [...meanwhile.lines].flatMap(([orderId, lines]) =>
    lines.map(({ lineNo, quantity, refundedQuantity }, at) => ({
      orderId,
      lineNo,
      was: quantity - refundedQuantity,
      left: quantity - (meanwhile.settled.get(orderId)?.lines[at]?.refundedQuantity ?? 0),
    })),
  )
  const all = [...changes, ...gifts]
  await enqueueGoodsOff(tx, orders, all)
  await giveBackRefunded(tx, all, new Set(whole))
}
