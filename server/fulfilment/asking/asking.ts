import type { Scope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Refusal } from '../../core/decide.ts'
import { minuteMs, secondMs } from '../../lib/time.ts'
import { writeBackFacts } from '../../orders/holds/shipping.ts'
import { isOffPlatform } from '../../orders/order/lifecycle.ts'
import type { LockedDelivery } from '../held.ts'
import { ordersOf, ordersOfShipments } from '../queries.ts'
import {
  areShopsKnown,
  insertUnchecked,
  knownOf,
  type RefundKnowledge,
  type UncheckedShipment,
} from './asking-queries.ts'

export type RefundCheckRequest = { shopId: string; tids: readonly string[] }

/**
 * Checks the refunds of these trades on the platforms, ingests the answers, and records the time. A platform that does not answer is no
 * error: `uncheckedDecisions` decides by the time since its last answer. The slice intake implements this function.
 */
export type CheckRefunds = (needs: readonly RefundCheckRequest[]) => Promise<void>

/** Trades that were checked within this time are not checked again before shipping. */
export const freshMs = minuteMs
/** A delivery may be shipped unchecked for this time after its shop's last answer; later only if the shop's setting allows it. */
const patienceMs = 10 * minuteMs
/**
 * For this time after a shop's check failed, no further check of this shop is made, so that its next deliveries do not wait for another
 * failing call; `uncheckedDecisions` decides about them.
 */
const restMs = 10 * secondMs

/**
 * Checks the refunds of deliveries that are about to be shipped, at once for all trades of a shop. Trades that were checked within a minute
 * are left out, and so are shops whose check failed within `restMs`. Call it before any lock is taken.
 */
export async function checkRefundsBeforeShipping(
  db: Database,
  ask: CheckRefunds,
  ids: readonly string[],
  scope: Scope,
): Promise<void> {
  if (await areShopsKnown(db, ids, freshMs)) return
  const stale = (await db.transaction().execute((tx) => leavingOf(tx, ids, scope))).filter(
    (one) => !isFresh(one) && (one.failedMs === null || one.failedMs > restMs),
  )
  if (stale.length === 0) return
  const byShop = Map.groupBy(stale, ({ shopId }) => shopId)
  await ask([...byShop].map(([shopId, rows]) => ({ shopId, tids: [...new Set(rows.map(({ tid }) => tid))] })))
}

/**
 * Returns what is known of the refunds of these deliveries and of the other deliveries in their merged shipments, without off-platform
 * orders. Empty if all were checked recently.
 */
async function leavingOf(tx: Tx, ids: readonly string[], scope: Scope): Promise<RefundKnowledge[]> {
  const asked = await ordersOf(tx, [...new Set(ids)], scope)
  const parcels = new Set(asked.flatMap(({ parcel }) => parcel ?? []))
  const beside = parcels.size === 0 ? [] : await ordersOfShipments(tx, [...parcels])
  const known = await knownOf(tx, [...new Set([...asked, ...beside].map(({ id }) => id))])
  if (known.every(isFresh)) return []
  const orders = await writeBackFacts(
    tx,
    known.map(({ orderId }) => orderId),
  )
  return known.filter(({ orderId }) => !isOffPlatform(orders.get(orderId)?.origin ?? ''))
}

const isFresh = ({ ageMs }: RefundKnowledge) => ageMs !== null && ageMs <= freshMs

/** The decision about a delivery whose refund check had no answer. `let`: it may be shipped unchecked; `refusal`: the reason why not. */
export type UnansweredCheck = { let: Omit<UncheckedShipment, 'round'> } | { refusal: Refusal }

/**
 * Decides about each delivery whose refunds were not checked within `freshMs`. The caller has locked the orders and has called the
 * platforms before.
 */
export async function uncheckedDecisions(
  tx: Tx,
  held: readonly LockedDelivery[],
): Promise<Map<string, UnansweredCheck>> {
  const platforms = held
    .filter(({ order }) => !isOffPlatform(order.origin))
    .map(({ delivery }) => delivery.id)
  const silent = (await knownOf(tx, platforms)).filter((one) => !isFresh(one))
  return new Map(silent.map((one) => [one.deliveryId, silenceOf(one)]))
}

function silenceOf({
  deliveryId,
  orderId,
  shopId,
  tid,
  knownTo,
  silentMs,
  shipsUnasked,
}: RefundKnowledge): UnansweredCheck {
  const own = { deliveryId, orderId, shopId, tid, knownTo }
  if (shipsUnasked) return { let: { ...own, letBy: 'setting' } }
  if (silentMs <= patienceMs) return { let: { ...own, letBy: 'patience' } }
  return { refusal: unanswered(Math.floor(silentMs / minuteMs)) }
}

const unanswered = (minutes: number): Refusal => ({
  code: 'refund_unasked',
  message: {
    zh: `平台 ${minutes} 分钟没有回答有没有退款，先不发。等它恢复，或在店铺设置里允许照发`,
    en: `The platform has not said for ${minutes} min whether there are refunds. Wait for it, or let the shop ship without its answer`,
  },
})

export function recordUnchecked(
  tx: Tx,
  leaving: readonly LockedDelivery[],
  silences: ReadonlyMap<string, UnansweredCheck>,
): Promise<void> {
  return insertUnchecked(
    tx,
    leaving.flatMap(({ delivery }) => {
      const silence = silences.get(delivery.id)
      return silence && 'let' in silence ? [{ ...silence.let, round: delivery.round + 1 }] : []
    }),
  )
}
