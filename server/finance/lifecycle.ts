import { already, type Refusal, wrongStatus } from '../core/decide.ts'
import type { LocalizedText } from '../lib/localized-text.ts'

/** 额外退款: an internal document about money, without goods. Pure: server, API and buttons use it. */

export const extraRefundStatuses = ['draft', 'approved', 'voided'] as const
export type ExtraRefundStatus = (typeof extraRefundStatuses)[number]

export const extraRefundWords: Record<ExtraRefundStatus, LocalizedText> = {
  draft: { zh: '待审核', en: 'Draft' },
  approved: { zh: '已审核', en: 'Approved' },
  voided: { zh: '已作废', en: 'Voided' },
}

type Rule = LocalizedText & { from: readonly ExtraRefundStatus[]; to: ExtraRefundStatus }

export const extraRefundEvents = {
  approve: { from: ['draft'], to: 'approved', zh: '审核', en: 'Approve' },
  void: { from: ['draft'], to: 'voided', zh: '作废', en: 'Void' },
} as const satisfies Record<string, Rule>
export type ExtraRefundEvent = keyof typeof extraRefundEvents

export function whyNotExtraRefund(status: ExtraRefundStatus, event: ExtraRefundEvent): Refusal | undefined {
  const rule: Rule = extraRefundEvents[event]
  if (status === rule.to) return already(extraRefundWords[status])
  return rule.from.includes(status) ? undefined : wrongStatus(extraRefundWords[status], rule)
}

export const extraRefundKinds = {
  compensation: { zh: '补偿', en: 'Compensation' },
  price_difference: { zh: '补差价', en: 'Price difference' },
  return_freight: { zh: '退运费', en: 'Return freight' },
  deposit: { zh: '定金', en: 'Deposit' },
  cashback: { zh: '返现', en: 'Cashback' },
  goods: { zh: '货款', en: 'Goods' },
  other: { zh: '其他', en: 'Other' },
} as const satisfies Record<string, LocalizedText>
export type ExtraRefundKind = keyof typeof extraRefundKinds

export const extraRefundKindNames = [
  'compensation',
  'price_difference',
  'return_freight',
  'deposit',
  'cashback',
  'goods',
  'other',
] as const satisfies readonly ExtraRefundKind[]

/** Kinds of settlements (零售结算单). `no`: the number that the ERP E3 gives the kind. Facets store it, so it must never change. */
export const settlementKinds = {
  order_receipt: { no: 1, zh: '订单收款', en: 'Order receipt' },
  cod_receipt: { no: 2, zh: '货到付款', en: 'Cash on delivery' },
  order_refund: { no: 5, zh: '订单退款', en: 'Order refund' },
  return_refund: { no: 6, zh: '退单退款', en: 'Return refund' },
  void_refund: { no: 7, zh: '无效单退款', en: 'Void refund' },
  extra_refund: { no: 8, zh: '额外退款', en: 'Extra refund' },
  refund_only: { no: 11, zh: '仅退款', en: 'Refund only' },
} as const satisfies Record<string, LocalizedText & { no: number }>
export type SettlementKind = keyof typeof settlementKinds

export const settlementKindNames = [
  'order_receipt',
  'cod_receipt',
  'order_refund',
  'return_refund',
  'void_refund',
  'extra_refund',
  'refund_only',
] as const satisfies readonly SettlementKind[]

export const settlementStatuses = ['draft', 'approved', 'posted', 'settled', 'voided'] as const
export type SettlementStatus = (typeof settlementStatuses)[number]

export const settlementStatusWords: Record<SettlementStatus, LocalizedText> = {
  draft: { zh: '未审批', en: 'Draft' },
  approved: { zh: '已审批', en: 'Approved' },
  posted: { zh: '已记账', en: 'Posted' },
  settled: { zh: '已结算', en: 'Settled' },
  voided: { zh: '已作废', en: 'Voided' },
}

type SettlementRule = LocalizedText & { from: readonly SettlementStatus[]; to: SettlementStatus }

export const settlementEvents = {
  approve: { from: ['draft'], to: 'approved', zh: '审批', en: 'Approve' },
  unapprove: { from: ['approved'], to: 'draft', zh: '反审批', en: 'Take the approval back' },
  post: { from: ['approved'], to: 'posted', zh: '记账', en: 'Post' },
  settle: { from: ['posted'], to: 'settled', zh: '结算', en: 'Settle' },
  void: { from: ['draft'], to: 'voided', zh: '作废', en: 'Void' },
  revive: { from: ['voided'], to: 'draft', zh: '恢复', en: 'Revive' },
} as const satisfies Record<string, SettlementRule>
export type SettlementEvent = keyof typeof settlementEvents

export type SettlementFacts = { status: SettlementStatus; withdrawn: boolean; orderId: string | null }

export function whyNotSettlement(
  { status, withdrawn, orderId }: SettlementFacts,
  event: SettlementEvent,
): Refusal | undefined {
  const rule: SettlementRule = settlementEvents[event]
  if (status === rule.to) return already(settlementStatusWords[status])
  if (!rule.from.includes(status)) return wrongStatus(settlementStatusWords[status], rule)
  if (event === 'revive' && withdrawn)
    return {
      code: 'not_owed',
      message: {
        zh: '不再应收应退。再次应收应退时会自动产生',
        en: 'Owed no more; made anew once it is owed',
      },
    }
  if (event === 'revive' && orderId === null)
    return {
      code: 'no_order',
      message: {
        zh: '交易没有转单，核对不了金额',
        en: 'Its trade is no order of ours, so the amount cannot be checked',
      },
    }
  return undefined
}

/**
 * How an order owes money. `waiting`: it is unconfirmed and nothing was refunded. `standing`: it is confirmed or further, was shipped by
 * others, or something was refunded, which implies a payment. `voided_paid`, `voided_unpaid`: it is voided, with or without a payment.
 */
export type ReceivableState = 'waiting' | 'standing' | 'voided_paid' | 'voided_unpaid'
type Part = 'nothing' | 'payment' | 'back' | 'left'

/**
 * What an order owes besides its refunds. `receipt`: the receivable (kinds 1 and 2). `voidRefund`: the refund of an order that was paid and
 * then voided (kind 7). It covers only the payment that other refunds leave, so the platform's own refund replaces it.
 */
export const owedByState: Record<ReceivableState, { receipt: Part; voidRefund: Part }> = {
  waiting: { receipt: 'nothing', voidRefund: 'nothing' },
  standing: { receipt: 'payment', voidRefund: 'nothing' },
  voided_paid: { receipt: 'payment', voidRefund: 'left' },
  voided_unpaid: { receipt: 'back', voidRefund: 'nothing' },
}

/** Facts of an order's money. `status`: the order's status; `back`: its counted refunds and approved extra refunds. */
export type OrderMoney = {
  no: string
  status: string
  paid: boolean
  cod: boolean
  paymentFen: number
  back: readonly { kind: SettlementKind; source: string; amountFen: number }[]
}
/** What an order owes from one source. Positive: money that we receive; negative: money that we pay back; 0: nothing is owed. */
export type OwedPart = { kind: SettlementKind; source: string; amountFen: number }

export function receivableStateOf({ status, paid, back }: OrderMoney): ReceivableState {
  if (status === 'voided') return paid ? 'voided_paid' : 'voided_unpaid'
  const wentBack = back.some(({ amountFen }) => amountFen !== 0)
  return status === 'unconfirmed' && !wentBack ? 'waiting' : 'standing'
}

/** Returns all receivables of an order in its present state; those that it does not owe have the amount 0. */
export function owedBy(order: OrderMoney): OwedPart[] {
  const { receipt, voidRefund } = owedByState[receivableStateOf(order)]
  const backFen = order.back.reduce((sum, { amountFen }) => sum + amountFen, 0)
  const parts: Record<Part, number> = {
    nothing: 0,
    payment: order.paymentFen,
    back: backFen,
    left: Math.max(0, order.paymentFen - backFen),
  }
  return [
    { kind: order.cod ? 'cod_receipt' : 'order_receipt', source: order.no, amountFen: parts[receipt] },
    { kind: 'void_refund', source: order.no, amountFen: 0 - parts[voidRefund] },
    ...order.back.map(({ kind, source, amountFen }) => ({ kind, source, amountFen: 0 - amountFen })),
  ]
}
