import type { Tx } from '../../core/db/db.ts'
import { sendEvent } from '../../events.ts'
import { type LineLeft, reduceReservations } from '../../inventory/release.ts'
import type { LockedOrder } from '../order/queries.ts'
import { refreshAllocation } from './goods.ts'

/** The pieces of a line to ship before a refund (`was`) and after it (`left`). */
export type LineChange = LineLeft & { was: number }

/**
 * Reduces the reservations of lines from which refunds took goods; for `voided` orders to nothing. A reservation cannot grow. If a
 * corrected refund leaves more pieces on a line than before, all reservations of these lines of its order are dropped, and the task
 * `reserve_waiting` requests stock for them again.
 */
export async function giveBackRefunded(
  tx: Tx,
  lines: readonly LineChange[],
  voided: ReadonlySet<string>,
): Promise<void> {
  const anew = new Set(lines.filter(({ was, left }) => left > was).map(({ orderId }) => orderId))
  const less = lines
    .map(({ orderId, lineNo, was, left }) => ({
      orderId,
      lineNo,
      was,
      left: voided.has(orderId) || anew.has(orderId) ? 0 : left,
    }))
    .filter(({ was, left }) => left < was)
  if (less.length === 0) return
  await reduceReservations(tx, less)
  await refreshAllocation(tx, [...new Set(less.map(({ orderId }) => orderId))])
}

/**
 * Sends an event for released orders whose lines a refund reduced, since the warehouse may have picked the goods. `source` contains the
 * order's version, by which fulfilment recognises a repeated event.
 */
export async function enqueueGoodsOff(
  tx: Tx,
  orders: readonly Pick<LockedOrder, 'id' | 'status' | 'version'>[],
  lines: readonly LineChange[],
): Promise<void> {
  const off = Map.groupBy(
    lines.filter(({ was, left }) => left < was),
    ({ orderId }) => orderId,
  )
  const payloads = orders
    .filter(({ id, status }) => status === 'released' && off.has(id))
    .map(({ id, version }) => ({
      orderId: id,
      source: `refund/${version}`,
      lines: (off.get(id) ?? []).map(({ lineNo, was, left }) => ({ lineNo, quantity: was - left })),
    }))
  await sendEvent(tx, 'fulfilment.goods_off', payloads)
}
