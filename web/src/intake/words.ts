import { refundKindWords, tradeStatusWords } from '../../../server/connectors/words-contract.ts'
import { reasonWords } from '../../../server/intake/lifecycle.ts'
import { before } from '../../../server/orders/refunds/refund-row-rules.ts'
import type { Original } from '../../../server/orders/refunds/refund-rules.ts'
import { troubleText } from '../ui/base/code-words.ts'
import type { LocalizedPair, Say } from '../words.ts'
import type { RefundKind } from './types.ts'

/** Returns the text of a processed trade's note: the label of our own reasons, otherwise the text that a user typed. */
export function noteText(note: string, say: Say): string {
  const words = Object.entries({ ...tradeStatusWords, all_refunded: reasonWords.all_refunded }).find(
    ([name]) => name === note,
  )?.[1]
  return words ? say(words) : note
}

type RefundGoods = { title: string; oid: string; quantity: number }

/**
 * Returns the name of a refund's goods, and how many pieces of it. Some platforms name no goods, or refund whole trades only: their pieces are
 * part of the name ("整单 9 件"), since a trade is not there nine times.
 */
export function refundGoods(
  { title, oid, quantity }: RefundGoods,
  say: Say,
): { title: string; quantity: number } {
  const named = title || oid
  if (named) return { title: named, quantity }
  const whole =
    quantity > 0
      ? say(['整单 {n} 件', 'The whole trade, {n} {n|pc|pcs}'], { n: quantity })
      : say(['整单', 'The whole trade'])
  return { title: whole, quantity: 0 }
}

/** Returns the refund's type: 未发货仅退款 if the original was not shipped. Without an original the platform's phase decides. */
export function refundTypeWords(
  kind: RefundKind,
  phase: string,
  original: Original | '' | null = null,
): LocalizedPair {
  if (kind !== 'refund_only') return refundKindWords[kind]
  if (!original || original === 'voided')
    return phase === 'onsale' ? ['售中仅退款', 'Refund during sale'] : ['售后仅退款', 'Refund after sale']
  return before.includes(original)
    ? ['未发货仅退款', 'Refund, not shipped']
    : ['已发货仅退款', 'Refund, shipped']
}

export const intakeWords = {
  goods: ['商品', 'Goods'],
  convertible: ['能否转单', 'Convertible'],
  ready: ['可转', 'Ready'],
  remove: ['移除', 'Remove'],
  download: ['下载订单', 'Download'],
  fetchNow: ['现在取', 'Fetch now'],
  handleRefund: ['处理退款', 'Handle'],
  andMore: ['等 {kinds} 种 {pieces} 件', '{pieces} {pieces|pc|pcs}'],
  pieces: ['等 {pieces} 件', '{pieces} {pieces|pc|pcs}'],
  detailFailed: ['取明细失败', 'Detail failed'],
} as const

/** Returns the platform's own status, in the words of its clerks. */
export function platformStatusText(
  row: { platformStatus: string; platformWords: { zh: string; en: string } | null },
  say: Say,
): string {
  if (row.platformStatus === '') return ''
  return say(row.platformWords ?? ['平台的新状态', 'A new status of the platform'])
}

export function fetchErrorText(error: string, say: Say): string {
  return troubleText(error, say)
}
