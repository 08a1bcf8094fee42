import type { Scope } from '../actor.ts'
import { wholeScope } from '../actor.ts'
import type { Database } from '../db.ts'
import { extraRefundPage } from '../finance/extra-refunds.ts'
import { factsOfOrder } from '../finance/facts.ts'
import type { OrderDetail } from './contract.ts'
import {
  allowed,
  differenceRules,
  holdReasons,
  isUnshipped,
  type OrderFacts,
  orderEventNames,
  statusWords,
} from './lifecycle.ts'
import {
  orderDifferences,
  orderEvents,
  orderHolds,
  orderLines,
  orderRefunds,
  wholeOrder,
} from './view-queries.ts'

/** One order with its lines, money, holds, differences, story and documents, and what may be done with it now. */
export async function viewOrder(db: Database, id: string, scope: Scope): Promise<OrderDetail | undefined> {
  const order = await wholeOrder(db, id, scope)
  if (!order) return undefined
  const differences = await orderDifferences(db, id)
  const holds = await orderHolds(db, id)
  const extraRefunds = await extraRefundPage(db, { orderId: id }, wholeScope, { limit: 100 })
  const pending = extraRefunds.filter((row) => row.status !== 'voided')
  const extraPendingFen = pending.reduce((sum, row) => sum + row.amountFen, 0)
  const paidFen = order.paidAt ? order.paymentFen : 0
  return {
    ...order,
    lines: await orderLines(db, id),
    holds,
    openDifferences: differences.filter((one) => one.settledAt === null),
    settledDifferences: differences.filter((one) => one.settledAt !== null),
    events: await orderEvents(db, id),
    refunds: await orderRefunds(db, id),
    extraRefunds,
    facts: await factsOfOrder(db, id),
    extraPendingFen,
    extraLimitFen: Math.max(0, paidFen - order.refundedFen - extraPendingFen),
    actions: actionsOf(
      order,
      holds,
      differences.filter((one) => one.settledAt === null),
    ),
  }
}

type Order = NonNullable<Awaited<ReturnType<typeof wholeOrder>>>
type Action = OrderDetail['actions'][number]

/** The buttons, from the lifecycle table, and the three that change no status. */
function actionsOf(
  order: Order,
  holds: OrderDetail['holds'],
  open: OrderDetail['openDifferences'],
): Action[] {
  const events = orderEventNames.map((event): Action => {
    const verdict = allowed(factsOf(order), event)
    return verdict.ok ? yes(event) : no(event, verdict.code, verdict.message)
  })
  return [...events, holdAction(order), releaseAction(holds), applyAction(order, open), ignoreAction(open)]
}

function factsOf(order: Order): OrderFacts {
  return {
    status: order.status,
    openHolds: order.openHolds,
    paid: order.paidAt !== null,
    cod: order.cod,
    refundedWhole:
      (order.paymentFen > 0 && order.refundedFen >= order.paymentFen) ||
      order.refundedQuantity >= order.quantity,
    writtenBack: order.writtenBackAt !== null,
  }
}

function holdAction({ status }: Order): Action {
  if (isUnshipped(status)) return yes('hold')
  const words = statusWords[status]
  return no('hold', 'wrong_status', { zh: `${words.zh}，不能挂起`, en: `${words.en}: cannot hold` })
}

function releaseAction(holds: OrderDetail['holds']): Action {
  const open = holds.filter((hold) => hold.releasedAt === null)
  if (open.length === 0) return no('release-hold', 'not_held', { zh: '没有挂起', en: 'Not on hold' })
  if (open.some((hold) => hold.reason !== 'refund_open')) return yes('release-hold')
  const words = holdReasons.refund_open
  return no('release-hold', 'hold_of_refund', {
    zh: `${words.zh}。退款关闭或拒绝后自动解除`,
    en: `${words.en}. Lifted by itself once the refund is closed or refused`,
  })
}

function applyAction({ status }: Order, open: OrderDetail['openDifferences']): Action {
  if (open.length === 0) return no('apply-differences', 'no_difference', noDifference)
  const applies = open.some(({ kind }) => {
    const rule = differenceRules[kind].applies
    return rule === 'any' || (rule === 'unconfirmed' && status === 'unconfirmed')
  })
  const byHand = { zh: '不能自动应用，手工处理后忽略', en: 'Handle it by hand, then ignore' }
  return applies ? yes('apply-differences') : no('apply-differences', 'cannot_apply', byHand)
}

function ignoreAction(open: OrderDetail['openDifferences']): Action {
  return open.length > 0 ? yes('ignore-differences') : no('ignore-differences', 'no_difference', noDifference)
}

const noDifference = { zh: '没有未处理的平台变更', en: 'No open difference' }
const yes = (action: string): Action => ({ action, allowed: true, code: '', message: null })
const no = (action: string, code: string, { zh, en }: { zh: string; en: string }): Action => ({
  action,
  allowed: false,
  code,
  message: { zh, en },
})
