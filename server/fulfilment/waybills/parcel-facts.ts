import type { Scope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import {
  copiedOrders,
  type DeliveryOrderFacts,
  deliveryFactsOf,
  type WriteBackFacts,
  writeBackFacts,
} from '../../orders/holds/shipping.ts'
import { isOffPlatform } from '../../orders/order/lifecycle.ts'
import { platformsOf } from '../../shops/platforms.ts'
import { commonOf } from '../shipping/designation.ts'
import { usableAccounts } from './account-queries.ts'
import type { ForParcel } from './account-rules.ts'
import type { AccountTable } from './choose-account.ts'
import { leadingOrders, packageCounts, waitingOrders } from './number-queries.ts'
import { storedRules } from './rule-queries.ts'

/** What decides the account of an order's delivery, with the order's number. */
export type ParcelFacts = ForParcel & Pick<DeliveryOrderFacts, 'no'>

/** Returns, by order, what decides from which account its delivery gets its number. */
export async function parcelFacts(
  tx: Tx,
  orders: readonly Pick<WriteBackFacts, 'id' | 'origin'>[],
): Promise<Map<string, ParcelFacts>> {
  const ids = orders.map(({ id }) => id)
  const facts = await deliveryFactsOf(tx, ids)
  const copied = await copiedOrders(tx, ids)
  const packages = await packageCounts(tx, ids)
  const platforms = await platformsOf(
    tx,
    [...facts.values()].map(({ shopId }) => shopId),
  )
  return new Map(
    orders.flatMap(({ id, origin }) => {
      const of = facts.get(id)
      if (!of) return []
      const { no, shopId, courier, warehouseId, toDoor, insuredFen } = of
      const designated = commonOf(of.designations)
      const isMasked = !isOffPlatform(origin) || copied.has(id)
      const platform = isMasked ? (platforms.get(shopId) ?? '') : ''
      const own = { no, platform, shopId, courier, warehouseId, designated, toDoor, insuredFen }
      return [[id, { ...own, packages: packages.get(id) ?? 1 }]]
    }),
  )
}

/**
 * Returns the order that decides the account of each of these parcels with a trade: an order of ours may go along with it, and its masked
 * receiver is printed by the platform's source only.
 */
export const leadsOf = (
  held: readonly { delivery: { parcel: string | null }; order: { id: string } }[],
  facts: ReadonlyMap<string, ParcelFacts>,
): ReadonlyMap<string, string> =>
  new Map(
    held.flatMap(({ delivery: { parcel }, order }) =>
      parcel !== null && facts.get(order.id)?.platform ? [[parcel, order.id] as const] : [],
    ),
  )

export async function accountTable(tx: Tx): Promise<AccountTable> {
  return { accounts: await usableAccounts(tx), rules: await storedRules(tx) }
}

/** An order whose delivery waits for a number, with what decides its account. */
export type WaitingParcel = ParcelFacts & { orderId: string }

/** At most this many waiting deliveries are looked at, those that were released first. */
export const looksAt = 2000

/** Returns what decides the accounts of the deliveries that wait for a number and have no request for one. */
export async function waitingParcels(tx: Tx, scope: Scope, most = looksAt): Promise<WaitingParcel[]> {
  return parcelsOfOrders(tx, await waitingOrders(tx, scope, most))
}

/** Returns what decides the accounts of these orders, in the same order. */
export async function parcelsOfOrders(tx: Tx, orderIds: readonly string[]): Promise<WaitingParcel[]> {
  const leads = await leadingOrders(tx, orderIds)
  const orders = await writeBackFacts(tx, [...new Set([...orderIds, ...leads.values()])])
  const facts = await parcelFacts(tx, [...orders.values()])
  return orderIds.flatMap((orderId) => {
    const [own, lead] = [facts.get(orderId), facts.get(leads.get(orderId) ?? orderId)]
    return own && lead ? [{ ...lead, no: own.no, packages: own.packages, orderId }] : []
  })
}
