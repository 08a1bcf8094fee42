/** Names, labels and rules of unclear values. Pure: server and pages use them. */

import type { Doubt } from '../connectors/connector.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { lineStatusField } from './lifecycle.ts'

/**
 * Every field that can be unclear. None of them contains personal data, so its original text may be stored and shown. The text of any other
 * field is not stored.
 */
export const doubtWords: Readonly<Record<string, LocalizedText>> = {
  [lineStatusField]: { zh: '商品行状态', en: 'Status of a line' },
  lines: { zh: '商品行', en: 'Line' },
  oid: { zh: '子订单号', en: 'Number of the line' },
  'oid twice': { zh: '子订单号重复的商品行', en: 'Line with the number of another' },
  num: { zh: '数量', en: 'Quantity' },
  goods_count: { zh: '数量', en: 'Quantity' },
  goods_number: { zh: '数量', en: 'Quantity' },
  price: { zh: '单价', en: 'Price' },
  goods_price: { zh: '单价', en: 'Price' },
  payment: { zh: '实付', en: 'Payment' },
  pay_amount: { zh: '实付', en: 'Payment' },
  'line payments': { zh: '各行实付', en: 'Payments of the lines' },
  divide_order_fee: { zh: '分摊后实付', en: 'Share of the payment' },
  part_mjz_discount: { zh: '优惠分摊', en: 'Share of the discount' },
  total_fee: { zh: '应付', en: 'Amount due' },
  post_fee: { zh: '运费', en: 'Freight' },
  postage: { zh: '运费', en: 'Freight' },
  discount_amount: { zh: '优惠', en: 'Discount' },
  platform_subsidy_fee: { zh: '平台补贴', en: 'Subsidy' },
  platform_discount: { zh: '平台补贴', en: 'Subsidy' },
  refund_fee: { zh: '退款金额', en: 'Refunded amount' },
  refund_amount: { zh: '退款金额', en: 'Refunded amount' },
  refund_status: { zh: '退款状态', en: 'State of refunding' },
  step_trade_status: { zh: '预售付款阶段', en: 'Stage of presale' },
  created: { zh: '创建时间', en: 'Time of creation' },
  created_time: { zh: '创建时间', en: 'Time of creation' },
  modified: { zh: '修改时间', en: 'Time of change' },
  pay_time: { zh: '付款时间', en: 'Time of payment' },
  confirm_time: { zh: '成团时间', en: 'Time of confirmation' },
  consign_time: { zh: '发货时间', en: 'Time of shipping' },
  shipping_time: { zh: '发货时间', en: 'Time of shipping' },
  end_time: { zh: '结束时间', en: 'Time of end' },
  receive_time: { zh: '签收时间', en: 'Time of receipt' },
  delivery_time: { zh: '最晚发货时间', en: 'Ship by' },
  last_ship_time: { zh: '最晚发货时间', en: 'Ship by' },
  timeout_action_time: { zh: '超时时间', en: 'Time-out' },
  est_con_time: { zh: '承诺发货时间', en: 'Promised shipping' },
  estimate_con_time: { zh: '承诺发货时间', en: 'Promised shipping' },
  send_time: { zh: '预售发货时间', en: 'Presale shipping' },
  pre_sale_time: { zh: '预售时间', en: 'Presale time' },
}

/** Labels of the values taken instead, if they are no figures. */
export const guessWords: Readonly<Record<string, LocalizedText>> = {
  '': { zh: '按没有处理', en: 'taken for absent' },
  applied: { zh: '按退款申请中处理', en: 'taken for an open refund' },
  none: { zh: '按没有退款处理', en: 'taken for no refund' },
}

export const leftOutWords: LocalizedText = { zh: '不带过去，先不发', en: 'left out, not shipped' }
export const isLeftOut = ({ field }: Doubt) =>
  field === lineStatusField || field === 'lines' || field === 'oid twice'

type DoubtedLine = { oid: string; status: string; platformStatus: string; refund: string }

/** Returns the unclear values to store for a document, including lines with an unknown status; null: none. */
export function doubtsToKeep(
  parsed: readonly Doubt[] | undefined,
  lines: readonly DoubtedLine[] = [],
): Doubt[] | null {
  const unknown = lines
    .filter(({ status, refund }) => status === 'unknown' && refund !== 'succeeded')
    .map(({ oid, platformStatus }) => ({ field: lineStatusField, line: oid, raw: platformStatus, guess: '' }))
  const kept = [...unknown, ...(parsed ?? [])].map((one) =>
    Object.hasOwn(doubtWords, one.field) ? one : { ...one, raw: '' },
  )
  return kept.length === 0 ? null : kept
}

/** Returns the unclear values that no person has accepted. */
export function openDoubts(doubts: readonly Doubt[] | null, taken: readonly Doubt[] | null): Doubt[] {
  if (doubts === null) return []
  const known = new Set((taken ?? []).map(keyOf))
  return doubts.filter((one) => !known.has(keyOf(one)))
}

const keyOf = ({ field, line, raw, guess }: Doubt) => JSON.stringify([field, line, raw, guess])
