import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { redoSourcingOfChanged } from '../allocation/goods.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { nothingOpen, whyNotApplied } from '../order/change-rules.ts'
import {
  accountedFor,
  markResolved,
  type NewPlatformChange,
  type OpenPlatformChange,
  type OrderTexts,
  openPlatformChanges,
  orderTexts,
  writePlatformChanges,
  writeTexts,
} from '../order/difference-queries.ts'
import { designationIn, facetsFor, withDesignation, withProvinceOf } from '../order/facets.ts'
import {
  isUnshipped,
  ofWholeTrade,
  type PlatformChangeKind,
  platformChangeRules,
} from '../order/lifecycle.ts'
import {
  addOrderEvents,
  insertHolds,
  type LockedOrder,
  liftHoldsOf,
  lockOrders,
  lockOrdersWithChildren,
  refreshOrders,
} from '../order/queries.ts'
import { leaveShipments } from '../shipments/leave.ts'

/**
 * Records changes of trades after their conversion: an event, a badge, and a hold where the rules say so. Values of the order are not
 * overwritten. A newer change supersedes an open one of its kind; an older one is dropped. Child orders get the changes too. An unshipped
 * order whose address or designated courier changed leaves its merged shipment, whose orders the caller has locked. Returns these orders, in
 * a shipment or not.
 */
export async function recordPlatformChanges(
  tx: Tx,
  differences: readonly NewPlatformChange[],
  actor: Actor,
): Promise<Readdressed[]> {
  const held = await lockOrdersWithChildren(tx, [...new Set(differences.map((one) => one.orderId))])
  const orders = new Map(held.map((order) => [order.id, order]))
  const told = await forChildren(tx, oneOfEachKind(differences), held)
  const concerning = told.filter((one) => concerns(orders.get(one.orderId), one.kind))
  if (concerning.length === 0) return []
  const written = await writePlatformChanges(tx, concerning, actor.name)
  const holds = written.flatMap(({ orderId, kind, gone }) => {
    const reason = platformChangeRules[kind].hold
    return reason === null ? [] : [{ orderId, reason, source: kind, gone, note: '', until: null }]
  })
  const unshipped = (hold: { orderId: string }) => isUnshipped(orders.get(hold.orderId)?.status ?? 'voided')
  await insertHolds(
    tx,
    holds.filter((hold) => !hold.gone && unshipped(hold)),
    actor.name,
  )
  await liftHoldsOf(
    tx,
    holds.filter((hold) => hold.gone),
    actor.name,
  )
  await refreshOrders(tx, [...new Set(written.map((one) => one.orderId))])
  const events = written.map(({ orderId, kind, gone }) => ({
    orderId,
    event: gone ? 'difference_gone' : 'difference',
    detail: { kind },
  }))
  await addOrderEvents(tx, events, actor)
  const newValue = new Map(concerning.map((one) => [`${one.orderId}/${one.kind}`, one.new]))
  const moved = written
    .filter((one) => !one.gone && unshipped(one))
    .flatMap(({ orderId, kind }): (Readdressed & { for: string })[] => {
      if (kind === 'address') return [{ orderId, designation: null, for: kind }]
      const designation = newValue.get(`${orderId}/${kind}`) ?? ''
      return kind === 'courier' ? [{ orderId, designation, for: kind }] : []
    })
  await leaveShipments(
    tx,
    moved.filter(({ orderId }) => orders.get(orderId)?.parcel),
    actor,
  )
  return moved
}

/**
 * An order whose label became wrong. `designation`: null if its address changed; else the couriers among which it must go now, as text
 * ("SF,ZTO", empty: any), so that a label of one of them is still right.
 */
export type Readdressed = { orderId: string; designation: string | null }

/**
 * Adds the changes for child orders, except for payment and goods, which can only be compared with the whole trade. The change "shipped
 * elsewhere" is left out where the shipped child orders explain it.
 */
async function forChildren(
  tx: Tx,
  differences: readonly NewPlatformChange[],
  held: readonly LockedOrder[],
): Promise<NewPlatformChange[]> {
  const parts = Map.groupBy(
    held.filter(({ splitFrom }) => splitFrom !== null),
    ({ splitFrom }) => splitFrom ?? '',
  )
  if (parts.size === 0) return [...differences]
  const accounted = await accountedFor(tx, [...parts.keys()])
  return differences
    .flatMap((one) => [
      one,
      ...(ofWholeTrade.includes(one.kind) ? [] : (parts.get(one.orderId) ?? [])).map(({ id }) => ({
        ...one,
        orderId: id,
      })),
    ])
    .filter(({ orderId, kind, new: status, takenBack = false }) => {
      const siblings = kind === 'shipped_elsewhere' && !takenBack ? accounted.get(orderId) : undefined
      return siblings === undefined || (status !== 'partly_shipped' && !siblings.all)
    })
}

/**
 * Returns true if the change is recorded for the order. A shipment on the platform is recorded only if the order is unshipped, or voided
 * (because it may be restored): a shipped order already accounts for the shipment.
 */
function concerns(order: LockedOrder | undefined, kind: PlatformChangeKind): boolean {
  if (!order) return false
  return kind !== 'shipped_elsewhere' || isUnshipped(order.status) || order.status === 'voided'
}

/** Keeps the newest change of each kind, with the old value of the first one. */
function oneOfEachKind(differences: readonly NewPlatformChange[]): NewPlatformChange[] {
  const merged = new Map<string, NewPlatformChange>()
  for (const one of differences.toSorted((a, b) => a.tradeVersion.getTime() - b.tradeVersion.getTime())) {
    const key = `${one.orderId}/${one.kind}`
    merged.set(key, { ...one, old: merged.get(key)?.old ?? one.old })
  }
  return [...merged.values()]
}

export type ResolveInput = {
  how: 'apply' | 'ignore'
  kinds?: readonly PlatformChangeKind[] | undefined
  /** Only changes that the person saw; left out: all open ones. A later change stays open. */
  differenceIds?: readonly string[] | undefined
}

/**
 * Applies open platform changes to their orders, or ignores them; either way the holds that the changes placed are lifted. Memo, flag and
 * buyer message can always be applied, address and designated courier only while the order is unconfirmed. Other changes cannot be
 * applied: a person edits the order and then ignores the change.
 */
export function resolvePlatformChanges(
  tx: Tx,
  ids: readonly string[],
  input: ResolveInput,
  { actor, scope }: By,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const byId = new Map(orders.map((order) => [order.id, order]))
    const chosen = (await openPlatformChanges(tx, granted)).filter(
      (one) =>
        (!input.kinds || input.kinds.includes(one.kind)) &&
        (!input.differenceIds || input.differenceIds.includes(one.id)),
    )
    const refusalOf = (one: OpenPlatformChange) =>
      input.how === 'ignore' ? undefined : whyNotApplied(one.kind, byId.get(one.orderId)?.status)
    const settling = chosen.filter((one) => refusalOf(one) === undefined)
    const refused = new Map(chosen.map((one) => [one.orderId, refusalOf(one)]))
    if (settling.length > 0) await resolveNow(tx, settling, input.how, actor)
    if (input.how === 'apply') await redoSourcingOfChanged(tx, readByRules(settling, byId), actor)
    const done = new Set(settling.map((one) => one.orderId))
    return answerOrders(granted, orders, (order) =>
      done.has(order.id) ? undefined : (refused.get(order.id) ?? nothingOpen),
    )
  })
}

/** Returns the unconfirmed orders whose address, designated courier, memo or message changed, since sourcing reads these. */
function readByRules(
  settled: readonly OpenPlatformChange[],
  orders: ReadonlyMap<string, LockedOrder>,
): string[] {
  const read: readonly PlatformChangeKind[] = ['address', 'courier', 'memo', 'message']
  const changed = settled.filter(
    ({ kind, orderId }) => read.includes(kind) && orders.get(orderId)?.status === 'unconfirmed',
  )
  return [...new Set(changed.map(({ orderId }) => orderId))]
}

async function resolveNow(
  tx: Tx,
  settling: readonly OpenPlatformChange[],
  how: ResolveInput['how'],
  actor: Actor,
): Promise<void> {
  const orderIds = [...new Set(settling.map((one) => one.orderId))]
  if (how === 'apply') await writeTexts(tx, applied(await orderTexts(tx, orderIds), settling))
  await markResolved(
    tx,
    settling.map((one) => one.id),
    how === 'apply' ? 'applied' : 'ignored',
    actor.name,
  )
  const holds = settling.flatMap(({ orderId, kind }) => {
    const reason = platformChangeRules[kind].hold
    return reason === null ? [] : [{ orderId, reason, source: kind }]
  })
  await liftHoldsOf(tx, holds, actor.name)
  await refreshOrders(tx, orderIds)
  const event = how === 'apply' ? 'difference_applied' : 'difference_ignored'
  await addOrderEvents(
    tx,
    settling.map(({ orderId, kind }) => ({ orderId, event, detail: { kind } })),
    actor,
  )
}

function applied(
  orders: readonly OrderTexts[],
  settling: readonly OpenPlatformChange[],
): Parameters<typeof writeTexts>[1][number][] {
  const byOrder = Map.groupBy(settling, (one) => one.orderId)
  return orders.map((order) => {
    const value = (kind: PlatformChangeKind) => byOrder.get(order.id)?.find((one) => one.kind === kind)
    const address = value('address')
    const flag = Number(value('flag')?.newValue ?? order.flag)
    const sellerMemo = value('memo')?.newValue ?? order.sellerMemo
    const buyerMessage = value('message')?.newValue ?? order.buyerMessage
    const base = address?.facets ? withProvinceOf(order.facets, address.facets) : order.facets
    const courier = value('courier')
    const designated = withDesignation(base, courier?.newValue ?? designationIn(order.facets))
    const facets = facetsFor(designated, { flag, sellerMemo, buyerMessage })
    const ends = { addressFrom: address?.id ?? null, courierEnds: courier !== undefined }
    return { id: order.id, flag, sellerMemo, buyerMessage, facets, ...ends }
  })
}
