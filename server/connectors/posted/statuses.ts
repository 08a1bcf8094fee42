import type { LocalizedText } from '../../lib/localized-text.ts'
import {
  type RefundKind,
  type RefundStatus,
  refundKinds,
  refundStatuses,
  type TradeStatus,
  type TradeType,
  tradeStatuses,
  tradeTypes,
} from '../connector.ts'
import { entryOf } from '../fields.ts'

// A mall posts our own words.

const words: Readonly<Record<string, LocalizedText>> = {
  unpaid: { zh: '待付款', en: 'To pay' },
  paid: { zh: '待发货', en: 'To ship' },
  partly_shipped: { zh: '部分发货', en: 'Partly shipped' },
  shipped: { zh: '已发货', en: 'Shipped' },
  finished: { zh: '已完成', en: 'Finished' },
  closed_unpaid: { zh: '未付款关闭', en: 'Closed unpaid' },
  closed_refunded: { zh: '退款关闭', en: 'Closed by a refund' },
}

export const statusWords = (platformStatus: string): LocalizedText | undefined =>
  entryOf(words, platformStatus)

const among = <Word extends string>(all: readonly Word[], word: string, otherwise: Word): Word =>
  all.find((one) => one === word) ?? otherwise

export const tradeStatusOf = (word: string): TradeStatus => among(tradeStatuses, word, 'unknown')
export const tradeTypeOf = (word: string): TradeType =>
  word === '' ? 'normal' : among(tradeTypes, word, 'other')
export const refundStatusOf = (word: string): RefundStatus => among(refundStatuses, word, 'unknown')
export const refundKindOf = (word: string): RefundKind => among(refundKinds, word, 'other')
