/** The suggested action for an open refund. Pure: server and pages use it. */

import type { RefundKind, RefundPhase, RefundStatus } from '../../connectors/connector.ts'
import {
  type InterceptState,
  type InterceptWay,
  isAlive,
} from '../../fulfilment/intercepts/intercept-lifecycle.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { comesBack, goodsOnly } from '../../orders/refunds/refund-row-rules.ts'
import { type Original, refundRule } from '../../orders/refunds/refund-rules.ts'
import type { RefundState } from '../lifecycle.ts'

export const suggestions = [
  'convert',
  'agree',
  'agree_no_order',
  'pull',
  'recall',
  'return',
  'return_there',
  'goods_back',
  'goods_back_there',
  'settle_return',
  'wait_payment',
  'answer',
  'wait_original',
  'wait_platform',
  'wait_courier',
  'wait_buyer',
  'wait_goods',
] as const
export type Suggestion = (typeof suggestions)[number]

export const suggestionWords: Record<Suggestion, LocalizedText> = {
  convert: { zh: '转退单：按原单状态处理', en: 'Convert it' },
  agree: { zh: '订单已停，可以同意退款', en: 'Order stopped: agree' },
  agree_no_order: { zh: '没有订单，可同意', en: 'No order: agree' },
  pull: { zh: '仓库拦下包裹，再同意', en: 'Pull it out, then agree' },
  recall: { zh: '请快递拦截，或只退钱', en: 'Ask the courier, or pay' },
  return: { zh: '同意退货，等买家寄回', en: 'Agree to the return' },
  return_there: { zh: '到平台同意退货', en: 'Agree on the platform' },
  goods_back: { zh: '货已收到，可以同意退款', en: 'Goods are back: agree' },
  goods_back_there: { zh: '货已收到，到平台退款', en: 'Goods are back: pay there' },
  wait_payment: { zh: '货已收到，等平台退款', en: 'Goods are back: wait' },
  settle_return: { zh: '退货有出入，先了结', en: 'Settle the return first' },
  answer: { zh: '同意或拒绝', en: 'Agree or refuse' },
  wait_original: { zh: '等原单', en: 'Wait for the original' },
  wait_platform: { zh: '等平台结果', en: 'Wait for the platform' },
  wait_courier: { zh: '等快递追回', en: 'Wait for the courier' },
  wait_buyer: { zh: '等买家寄回', en: 'Wait for the buyer' },
  wait_goods: { zh: '等换货、补发完成', en: 'Wait: goods are owed' },
}

export type GoodsBack = {
  /** Discrepancies that are not resolved. */
  openProblems: number
  /** True if the receipt was written back, or is being written back. */
  writtenBack: boolean
  /** True if the platform has a call by which we agree to a refund whose goods came back. */
  agreesHere: boolean
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
  /** True if our answer is under way, or was taken and the new status is not here yet. */
  answering: boolean
  /** True if only the platform's own pages can agree to the return of the goods (`goodsComeFirst`). */
  goodsFirst: boolean
  /** The goods that were received; null: none. */
  goodsBack: GoodsBack | null
  /** The last intercept of the parcel; null: none. `ofThis`: this refund raised it. */
  intercept: { way: InterceptWay; state: InterceptState; ofThis: boolean } | null
}

export function suggestionOf(refund: AfterSalesFacts): Suggestion {
  const { state, status, original, intercept } = refund
  if (state === 'refusing' || refund.answering) return 'wait_platform'
  if (state === 'staged') return beforeConversion(refund)
  if (status === 'agreed' && comesBack.includes(refund.kind)) return afterReceipt(refund)
  if (status === 'agreed' && goodsOnly.includes(refund.kind)) return 'wait_goods'
  if (original === null) return 'agree_no_order'
  const rule = refundRule(refund, original)
  if (rule.effect === 'hold' || original === 'voided') return 'agree'
  if (rule.goods === 'return') return refund.goodsFirst ? 'return_there' : 'return'
  if (rule.goods !== 'pull' && rule.goods !== 'recall') return 'answer'
  if (!intercept || !isAlive(intercept.state)) return 'answer'
  if (intercept.state === 'asked') return 'wait_courier'
  return intercept.way
}

/** A refund stops its parcel before it is converted: then the warehouse is to act first. */
function beforeConversion({ reason, intercept }: AfterSalesFacts): Suggestion {
  if (intercept?.ofThis && intercept.way === 'pull' && isAlive(intercept.state)) return 'pull'
  return reason === '' ? 'convert' : 'wait_original'
}

/**
 * Some platforms pay by themselves after the write-back of the receipt; others wait for our agreement, or for a person on their pages.
 * Goods against goods are never paid.
 */
function afterReceipt({ goodsBack: back, kind }: AfterSalesFacts): Suggestion {
  if (!back) return 'wait_buyer'
  if (back.openProblems > 0) return 'settle_return'
  if (goodsOnly.includes(kind)) return 'wait_goods'
  if (back.writtenBack) return 'wait_payment'
  return back.agreesHere ? 'goods_back' : 'goods_back_there'
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
