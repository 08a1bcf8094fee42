import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { answerOrders, lockWithRelated, withoutForeignEditLocks } from '../order/access.ts'
import { addOrderEvents, type LockedOrder, lockOrders } from '../order/queries.ts'
import { judgeAgain } from '../review/judge-again.ts'
import {
  mergeFacts,
  removeFromShipments,
  withCandidates,
  withShipments,
  writeShipments,
} from '../shipments/merge-queries.ts'
import {
  byHand,
  groupsAmong,
  type MergeFacts,
  type MergeGroup,
  type MergeSettings,
  whyNotUnmerged,
} from '../shipments/merge-rules.ts'

/**
 * 合单: orders to one receiver leave in one merged shipment under one waybill. Each keeps its trade, money and refunds and is written back by
 * itself, so a refund of one needs no unmerging. The outcome of an order that is not merged gives the reason. Orders can join an existing
 * shipment only if one of its orders is among `ids`, and only if they go with all of its orders.
 */
export async function mergeOrders(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
  settings: MergeSettings = byHand,
): Promise<Outcome[]> {
  await lockWithRelated(tx, ids, scope, withShipments)
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const all = await mergeFacts(tx, await withShipments(tx, granted))
    const asked = new Set(granted)
    const groups = groupsOf(all, asked, settings)
    const joining = groups.flatMap(({ members: [leader, ...others] }) =>
      leader === undefined || others.length === 0
        ? []
        : [leader, ...others]
            .filter(({ parcel }) => parcel === null)
            .map(({ id }) => ({ orderId: id, leaderId: leader.id, parcel: leader.parcel })),
    )
    if (joining.length > 0) await writeShipments(tx, joining)
    const joined = new Set(joining.map(({ orderId }) => orderId))
    await addMergeEvents(tx, groups, joined, actor)
    // Merging solves the problem `mergeable`, so the orders are checked again.
    await judgeAgain(tx, granted, actor)
    const refusals = refusalsOf(groups)
    return answerOrders(granted, orders, ({ id }) =>
      joined.has(id) ? undefined : (refusals.get(id) ?? alone),
    )
  })
}

/** Merges the orders with all open orders to the same receivers. Returns the outcomes of the given orders only. */
export async function mergeWithCandidates(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  const asked = new Set(ids)
  const outcomes = await mergeOrders(tx, await withCandidates(tx, ids), by)
  return outcomes.filter(({ id }) => asked.has(id))
}

/**
 * Groups the orders by receiver, and by shop if shops are not merged. Different receivers can have the same hash; masked receiver and
 * region distinguish them.
 */
function groupsOf(
  all: readonly MergeFacts[],
  asked: ReadonlySet<string>,
  settings: MergeSettings,
): MergeGroup[] {
  const byHash = Map.groupBy(all, ({ receiverHash }) => receiverHash)
  const receivers = Map.groupBy(
    all.filter(({ id }) => asked.has(id)),
    ({ receiverHash, receiverMasked, region, shopId }) =>
      JSON.stringify([receiverHash, receiverMasked, region, settings.acrossShops || shopId]),
  )
  return [...receivers.values()].flatMap((orders) =>
    groupsAmong(orders, settings, byHash.get(orders[0]?.receiverHash ?? 0) ?? []),
  )
}

async function addMergeEvents(
  tx: Tx,
  groups: readonly MergeGroup[],
  joined: ReadonlySet<string>,
  actor: Actor,
): Promise<void> {
  const events = groups.flatMap(({ members }) =>
    members
      .filter(({ id }) => joined.has(id))
      .map((one) => ({
        orderId: one.id,
        event: 'merged',
        detail: { with: members.filter(({ id }) => id !== one.id).map(({ no }) => no) },
      })),
  )
  await addOrderEvents(tx, events, actor)
}

function refusalsOf(groups: readonly MergeGroup[]): Map<string, Refusal> {
  return new Map(
    groups.flatMap(({ members, refused }) => [
      ...refused.map(({ order, why }) => [order.id, why] as const),
      ...members.flatMap(({ id, parcel }) => (parcel === null ? [] : [[id, already] as const])),
    ]),
  )
}

const already: Refusal = { code: 'already', message: { zh: '已合在一个包裹', en: 'In one parcel already' } }
const alone: Refusal = {
  code: 'no_partner',
  message: { zh: '没有同一收件人、能一起发的单', en: 'No other order goes to this receiver' },
}

/** 取消合单: takes orders out of their merged shipments. An order that would be alone in a shipment leaves it too. */
export function unmergeOrders(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const leaving = orders.filter((order) => !whyNotUnmerged(order))
    if (leaving.length > 0) {
      await removeFromShipments(
        tx,
        leaving.map(({ id }) => id),
      )
      await addOrderEvents(tx, leaving.map(eventOf), actor)
    }
    return answerOrders(granted, orders, whyNotUnmerged)
  })
}

const eventOf = ({ id }: LockedOrder) => ({ orderId: id, event: 'unmerged', detail: {} })
