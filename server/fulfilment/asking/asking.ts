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

/** A shop, and its trades that are about to be shipped. */
export type RefundCheckRequest = { shopId: string; tids: readonly string[] }

/**
 * Checks refunds of these trades on the platforms, ingests the answers, and records the time. A missing answer is no error; how long the
 * shop has not answered decides. A higher slice gives this function.
 */
export type CheckRefunds = (needs: readonly RefundCheckRequest[]) => Promise<void>

/** Trades that were checked within this time are not checked again before shipping. */
export const freshMs = minuteMs
/** For this time after its shop's last answer a delivery may be shipped unchecked; later only if the shop's setting allows it. */
const patienceMs = 10 * minuteMs
/**
 * For this time after a shop's check failed, no further check of this shop is made, so that its next deliveries do not wait for another failing
 * call; `uncheckedDecisions` decides about them.
 */
const restMs = 10 * secondMs

/**
 * Checks the refunds of deliveries that are about to be shipped, once for each shop that was not checked within a minute. Called before
 * any lock is taken.
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

/** Returns the deliveries with the others of their merged shipments, without those of off-platform orders. */
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

/** The decision about a delivery without an answer: it may be shipped unchecked, or the reason why not. */
export type UnansweredCheck = { let: Omit<UncheckedShipment, 'round'> } | { refusal: Refusal }

/** Returns the decisions about unanswered deliveries. Reads under the orders' locks, after the platforms were asked. */
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

/** Inserts the unchecked shipments, which stay open until the platform has answered. */
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
