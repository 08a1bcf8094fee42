/** The suggested action for an open refund. Pure: server and pages use it. */

import type { RefundKind, RefundPhase, RefundStatus } from '../../connectors/connector.ts'
import {
  type InterceptState,
  type InterceptWay,
  isAlive,
} from '../../fulfilment/intercepts/intercept-lifecycle.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { type Original, refundRule } from '../../orders/refunds/refund-rules.ts'
import type { RefundState } from '../lifecycle.ts'

export const suggestions = [
  'convert',
  'agree',
  'pull',
  'recall',
  'return',
  'answer',
  'wait_original',
  'wait_platform',
  'wait_courier',
  'wait_buyer',
] as const
export type Suggestion = (typeof suggestions)[number]

export const suggestionWords: Record<Suggestion, LocalizedText> = {
  convert: { zh: '转退单：按原单状态处理', en: 'Convert it' },
  agree: { zh: '订单已停，可以同意退款', en: 'Order stopped: agree' },
  pull: { zh: '仓库拦下包裹，再同意', en: 'Pull it out, then agree' },
  recall: { zh: '请快递拦截，或只退钱', en: 'Ask the courier, or pay' },
  return: { zh: '同意退货，等买家寄回', en: 'Agree to the return' },
  // A converted refund is no longer refused here.
  answer: { zh: '同意，或到平台拒绝', en: 'Agree, or refuse there' },
  wait_original: { zh: '等原单', en: 'Wait for the original' },
  wait_platform: { zh: '等平台结果', en: 'Wait for the platform' },
  wait_courier: { zh: '等快递追回', en: 'Wait for the courier' },
  wait_buyer: { zh: '等买家寄回', en: 'Wait for the buyer' },
}

export type AfterSalesFacts = {
  state: RefundState
  /** The reason why the refund cannot be converted; empty: it can. */
  reason: string
  status: RefundStatus
  kind: RefundKind
  phase: RefundPhase
  /** The state of the original. null: the trade is not converted. */
  original: Original | null
  /** True if an agreement waits to be sent, is being sent, or its result is unclear. */
  agreeing: boolean
  /** The last intercept of the parcel; null: none. */
  intercept: { way: InterceptWay; state: InterceptState } | null
}

export function suggestionOf(refund: AfterSalesFacts): Suggestion {
  const { state, reason, status, original, intercept } = refund
  if (state === 'refusing' || refund.agreeing) return 'wait_platform'
  if (state === 'staged') return reason === '' ? 'convert' : 'wait_original'
  if (original === null) return 'agree'
  if (status === 'agreed' && refund.kind !== 'refund_only' && refund.kind !== 'money_only')
    return 'wait_buyer'
  const rule = refundRule(refund, original)
  if (rule.effect === 'hold' || original === 'voided') return 'agree'
  if (rule.goods === 'return') return 'return'
  if (rule.goods !== 'pull' && rule.goods !== 'recall') return 'answer'
  if (!intercept || !isAlive(intercept.state)) return 'answer'
  if (intercept.state === 'asked') return 'wait_courier'
  return intercept.way
}

export const duties = ['buyer', 'seller', 'warehouse', 'courier', 'platform'] as const
export type Duty = (typeof duties)[number]
export const dutyWords: Record<Duty, LocalizedText> = {
  buyer: { zh: '买家', en: 'Buyer' },
  seller: { zh: '商家', en: 'Seller' },
  warehouse: { zh: '仓库', en: 'Warehouse' },
  courier: { zh: '快递', en: 'Courier' },
  platform: { zh: '平台', en: 'Platform' },
}

/** Labels for refunds whose original is not an order. */
export const noOrderWords = {
  no_original: { zh: '没有原单', en: 'No original' },
  staged: { zh: '仍在待转入', en: 'Still staged' },
} as const satisfies Record<string, LocalizedText>
