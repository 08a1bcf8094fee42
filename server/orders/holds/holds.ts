import type { By } from '../../core/access/actor.ts'
import { systemActor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { type Outcome, type Refusal, wrongStatus } from '../../core/decide.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { heldBySystem } from '../order/hold-rules.ts'
import {
  type HoldReason,
  holdReasons,
  isUnshipped,
  type personHoldReasons,
  statusWords,
} from '../order/lifecycle.ts'
import {
  addOrderEvents,
  insertHolds,
  type LockedOrder,
  liftHoldsOf,
  lockOrders,
  openHoldsOf,
  refreshOrders,
  writeDueHoldsLifted,
} from '../order/queries.ts'

export type HoldInput = { reason: (typeof personHoldReasons)[number]; note: string; until: Date | null }

/** 挂起: places a hold on unshipped orders until a person lifts it or until the given time. */
export function holdOrders(
  tx: Tx,
  ids: readonly string[],
  input: HoldInput,
  { actor, scope }: By,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const holdable = orders.filter((order) => isUnshipped(order.status))
    const wanted = holdable.map((order) => ({ orderId: order.id, source: '', ...input }))
    const placed = new Set((await insertHolds(tx, wanted, actor.name)).map((hold) => hold.orderId))
    await refreshOrders(tx, [...placed])
    const detail = { reason: input.reason, until: input.until?.toISOString() ?? null }
    await addOrderEvents(
      tx,
      [...placed].map((orderId) => ({ orderId, event: 'hold', detail })),
      actor,
    )
    return answerOrders(granted, orders, (order) => {
      if (placed.has(order.id)) return undefined
      return isUnshipped(order.status) ? already(input.reason) : cannotHold(order)
    })
  })
}

/** Selects open holds of the orders: those of this reason, with these ids; a condition that is left out admits every hold. */
export type LiftHoldInput = { reason?: HoldReason | undefined; holdIds?: readonly string[] | undefined }

/** 解除挂起: lifts holds. The hold of a refund is lifted only by the refund, and the hold `unmatched` only once no goods lack a SKU. */
export function liftHolds(
  tx: Tx,
  ids: readonly string[],
  input: LiftHoldInput,
  { actor, scope }: By,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const chosen = (await openHoldsOf(tx, granted)).filter(
      (hold) =>
        (input.reason === undefined || hold.reason === input.reason) &&
        (!input.holdIds || input.holdIds.includes(hold.id)),
    )
    const liftable = chosen.filter((hold) => !heldBySystem(hold.reason))
    const released = await liftHoldsOf(tx, liftable, actor.name)
    const done = new Set(released.map((hold) => hold.orderId))
    await refreshOrders(tx, [...done])
    await addOrderEvents(
      tx,
      released.map(({ orderId, reason }) => ({ orderId, event: 'release_hold', detail: { reason } })),
      actor,
    )
    const stay = new Map(chosen.map((hold) => [hold.orderId, heldBySystem(hold.reason)]))
    return answerOrders(granted, orders, (order) =>
      done.has(order.id) ? undefined : (stay.get(order.id) ?? notHeld),
    )
  })
}

export async function liftDueHolds(tx: Tx, ids: readonly string[]): Promise<number> {
  const orders = await lockOrders(tx, ids)
  const released = await writeDueHoldsLifted(
    tx,
    orders.map((order) => order.id),
    systemActor.name,
  )
  await refreshOrders(tx, [...new Set(released.map((hold) => hold.orderId))])
  const events = released.map(({ orderId, reason }) => ({
    orderId,
    event: 'release_hold',
    detail: { reason, due: true },
  }))
  await addOrderEvents(tx, events, systemActor)
  return released.length
}

const notHeld: Refusal = { code: 'not_held', message: { zh: '没有可解除的挂起', en: 'No hold to release' } }

function already(reason: HoldReason): Refusal {
  const words = holdReasons[reason]
  return {
    code: 'already',
    message: { zh: `已因「${words.zh}」挂起`, en: `Held already: ${words.en.toLowerCase()}` },
  }
}

const cannotHold = ({ status }: LockedOrder) => wrongStatus(statusWords[status], { zh: '挂起', en: 'hold' })
