import type { By, Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import {
  decideExtraRefunds,
  type ExtraRefundRow,
  extraRefundSums,
  extraRefundsByIds,
  insertExtraRefund,
} from '../../finance/extra-refunds.ts'
import type { ExtraRefundKind } from '../../finance/lifecycle.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { money } from '../../lib/money-text.ts'
import { noOrder } from '../order/access.ts'
import { isPaid } from '../order/paid-rules.ts'
import { addOrderEvents, type LockedOrder, lockOrders } from '../order/queries.ts'
import { updateSettlements } from './settlements.ts'

export type ExtraRefundInput = {
  orderId: string
  kind: ExtraRefundKind
  amountFen: number
  reason: string
  /** Number of the platform's refund from which the extra refund was opened; that refund stays open. */
  refundNo?: string | undefined
}
export type ExtraRefundAnswer =
  | { done: true; extraRefund: ExtraRefundRow }
  | { done: false; code: string; message: LocalizedText; limitFen?: number }

/**
 * 额外退款: creates a draft on the order, money only, without a call to the platform. The amount is at most paid − refunded − pending. The
 * order's row lock keeps two drafts at the same time from exceeding that together.
 */
export async function createExtraRefund(
  tx: Tx,
  input: ExtraRefundInput,
  { actor, scope }: By,
): Promise<ExtraRefundAnswer> {
  const [order] = await lockOrders(tx, [input.orderId])
  if (!order || !inScope(scope, order.shopId)) {
    return { done: false, ...noOrder }
  }
  if (!isPaid(order))
    return {
      done: false,
      code: 'not_paid',
      message: { zh: '未付款，没有可退的钱', en: 'Not paid: there is no money to return' },
    }
  const pendingFen = (await extraRefundSums(tx, [order.id])).get(order.id)?.pendingFen ?? 0
  const limitFen = Math.max(0, order.paymentFen - order.refundedFen - pendingFen)
  if (input.amountFen > limitFen)
    return { done: false, code: 'over_limit', message: overLimit(limitFen), limitFen }
  const extraRefund = await insertExtraRefund(
    tx,
    { ...input, refundNo: input.refundNo ?? '', shopId: order.shopId, orderNo: order.no },
    actor.name,
  )
  await addOrderEvents(tx, [eventOf('extra_refund_draft', extraRefund)], actor)
  return { done: true, extraRefund }
}

/** 审核: approves drafts and creates their settlements. A draft that exceeds the amount left after later refunds is refused. */
export async function approveExtraRefunds(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const orders = await lockTheirOrders(tx, ids, scope)
  const sums = await extraRefundSums(tx, [...orders.keys()])
  const approved = new Map([...sums].map(([id, sum]) => [id, sum.approvedFen]))
  const { outcomes, done } = await decideExtraRefunds(
    tx,
    ids,
    {
      step: 'approve',
      unless: (row) => {
        const order = orders.get(row.orderId)
        if (!order) return noOrder
        const before = approved.get(row.orderId) ?? 0
        const limitFen = Math.max(0, order.paymentFen - order.refundedFen - before)
        if (row.amountFen > limitFen) return { code: 'over_limit', message: overLimit(limitFen) }
        approved.set(row.orderId, before + row.amountFen)
        return undefined
      },
    },
    { actor, scope },
  )
  const charged = new Set(done.map(({ orderId }) => orderId))
  await updateSettlements(
    tx,
    [...orders.values()].filter(({ id }) => charged.has(id)),
    actor,
  )
  await addOrderEvents(
    tx,
    done.map((row) => eventOf('extra_refund_approve', row)),
    actor,
  )
  return outcomes
}

export async function voidExtraRefunds(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  await lockTheirOrders(tx, ids, scope)
  const { outcomes, done } = await decideExtraRefunds(
    tx,
    ids,
    { step: 'void', unless: () => undefined },
    { actor, scope },
  )
  await addOrderEvents(
    tx,
    done.map((row) => eventOf('extra_refund_void', row)),
    actor,
  )
  return outcomes
}

/** Locks and returns the orders of these extra refunds, by id. An order is locked before its extra refunds. */
async function lockTheirOrders(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<Map<string, LockedOrder>> {
  const rows = await extraRefundsByIds(tx, ids, scope, false)
  const orders = await lockOrders(tx, [...new Set(rows.map((row) => row.orderId))])
  return new Map(orders.map((order) => [order.id, order]))
}

function eventOf(event: string, { orderId, no, kind, amountFen }: ExtraRefundRow) {
  return { orderId, event, detail: { no, kind, amountFen } }
}

const overLimit = (limitFen: number) => ({
  zh: `超过可退金额，最多 ${money(limitFen)}`,
  en: `More than can be returned; at most ${money(limitFen)}`,
})
