import type { Actor } from '../../core/access/actor.ts'
import { shopsBeingRead } from '../../core/access/shop-gate.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, type Outcome } from '../../core/decide.ts'
import { orderAnswers, otherLockOwner } from '../order/access.ts'
import { firstHoldReason, holdWords } from '../order/hold-rules.ts'
import { type OrderEvent, orderEvents, whyNotOrder } from '../order/lifecycle.ts'
import { type LockedOrder, lockOrders, openHoldsOf, writeStatus } from '../order/queries.ts'
import { updateSettlements } from '../settle/settlements.ts'

/**
 * The only writer of an order's status: locks the orders in the order of their ids, asks the lifecycle table, moves the permitted ones, and
 * writes their event rows and settlements. Returns an outcome for each id. `detail` is stored on the events and must contain no personal
 * data; its `reason` is also stored on a voided order. `shown`: the platform shows that it happened, so it does not wait until the shop was
 * read again. `locked`: the orders, if the caller has just locked them.
 */
export async function transition(
  tx: Tx,
  ids: readonly string[],
  {
    event,
    detail = null,
    shown = false,
    locked,
  }: {
    event: OrderEvent
    detail?: Record<string, unknown> | null
    shown?: boolean
    locked?: readonly LockedOrder[]
  },
  actor: Actor,
): Promise<Outcome[]> {
  const orders = new Map((locked ?? (await lockOrders(tx, ids))).map((order) => [order.id, order]))
  const holds = await holdReasonsOf(tx, orders, event)
  const reading = shown ? new Set() : await shopsNotRead(tx, [...orders.values()], event)
  const outcomes = answerEach(ids, orders, orderAnswers, (order) => {
    const refusal = whyNotOrder(
      { ...order, lockedByOther: otherLockOwner(order, actor), beingRead: reading.has(order.shopId) },
      event,
    )
    const reasons = holds.get(order.id) ?? []
    return refusal?.code === 'on_hold' && reasons.length > 0 ? whyHeld(reasons) : refusal
  })
  const moving = outcomes.filter(({ done }) => done).map(({ id }) => id)
  const reason = event === 'void' && typeof detail?.reason === 'string' ? detail.reason : ''
  if (moving.length === 0) return outcomes
  const { to } = orderEvents[event]
  await writeStatus(tx, moving, { event, to, reason, detail }, actor)
  if (movesMoney.has(event))
    await updateSettlements(
      tx,
      moving.flatMap((id) => orders.get(id) ?? []).map((order) => ({ ...order, status: to })),
      actor,
    )
  return outcomes
}

const whyHeld = (reasons: readonly string[]) => ({
  code: 'on_hold',
  reason: firstHoldReason(reasons),
  message: holdWords(reasons),
})

/** Returns the shops whose orders `being_read` refuses. */
async function shopsNotRead(
  tx: Tx,
  orders: readonly LockedOrder[],
  event: OrderEvent,
): Promise<ReadonlySet<string>> {
  const { unless } = orderEvents[event]
  if (!unless.some((guard) => guard === 'being_read')) return new Set()
  return shopsBeingRead(
    tx,
    orders.map(({ shopId }) => shopId),
  )
}

/** Reads the hold reasons of orders that the hold guard refuses, so that the refusal can name them. */
async function holdReasonsOf(
  tx: Tx,
  orders: ReadonlyMap<string, LockedOrder>,
  event: OrderEvent,
): Promise<Map<string, string[]>> {
  const { from, unless } = orderEvents[event]
  const held = unless.some((guard) => guard === 'on_hold')
    ? [...orders.values()].filter(
        ({ openHolds, status }) => openHolds > 0 && from.some((one) => one === status),
      )
    : []
  if (held.length === 0) return new Map()
  const open = await openHoldsOf(
    tx,
    held.map(({ id }) => id),
  )
  const byOrder = Map.groupBy(open, ({ orderId }) => orderId)
  return new Map([...byOrder].map(([id, rows]) => [id, [...new Set(rows.map(({ reason }) => reason))]]))
}

/** The events that change what an order owes; no other event changes its settlements. */
const movesMoney: ReadonlySet<OrderEvent> = new Set(['confirm', 'unconfirm', 'void', 'restore'])
