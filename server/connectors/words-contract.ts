import type { LocalizedPair, LocalizedText } from '../lib/localized-text.ts'
import type { LineRefund, RefundKind, RefundStatus, TradeLine, TradeStatus, TradeType } from './connector.ts'

export const tradeStatusWords: Record<TradeStatus, LocalizedPair> = {
  unpaid: ['等待付款', 'Unpaid'],
  paid: ['已付款待发货', 'Paid, to ship'],
  partly_shipped: ['部分发货', 'Partly shipped'],
  shipped: ['已发货', 'Shipped'],
  finished: ['已完成', 'Finished'],
  closed_unpaid: ['付款前关闭', 'Closed unpaid'],
  closed_refunded: ['退款关闭', 'Closed after refund'],
  unknown: ['未识别', 'Unknown'],
}

export const tradeTypeWords: Record<TradeType, LocalizedText> = {
  normal: { zh: '普通', en: 'Normal' },
  presale: { zh: '预售', en: 'Presale' },
  cod: { zh: '货到付款', en: 'Cash on delivery' },
  group_buy: { zh: '拼团', en: 'Group buy' },
  auction: { zh: '拍卖', en: 'Auction' },
  distribution: { zh: '分销', en: 'Distribution' },
  virtual: { zh: '虚拟', en: 'Virtual' },
  other: { zh: '其他', en: 'Other' },
  present: { zh: '送礼', en: 'Present' },
}

export const refundKindWords: Record<RefundKind, LocalizedPair> = {
  refund_only: ['仅退款', 'Refund only'],
  return: ['退货退款', 'Return and refund'],
  exchange: ['换货', 'Exchange'],
  reship: ['补发', 'Reship'],
  repair: ['维修', 'Repair'],
  other: ['其他', 'Other'],
  money_only: ['价保、补差', 'Money only'],
}

export const refundStatusWords: Record<RefundStatus, LocalizedPair> = {
  applied: ['申请中', 'Applied for'],
  agreed: ['等买家寄回', 'Awaiting return'],
  refused: ['已拒绝', 'Refused'],
  closed: ['已关闭', 'Closed'],
  succeeded: ['退款成功', 'Succeeded'],
  unknown: ['未识别', 'Unknown'],
}

/** Every reason for which a platform may forbid shipping, that is each member of `holds` of a trade. */
export const tradeHoldWords: Readonly<Record<string, LocalizedPair>> = {
  top_hold: ['平台暂停发货', 'held by the platform'],
  team_buy_hold: ['团购未成团', 'group buy still open'],
  share_group_hold: ['拼团未成团', 'group still open'],
  group_open: ['拼团未成团', 'group still open'],
  ofp_hold: ['履约管控', 'under fulfilment control'],
  forbid_consign: ['禁止发货', 'shipping forbidden'],
  is_sh_ship: ['平台屏蔽发货', 'shipping blocked by the platform'],
  rx_audit: ['处方审核中', 'prescription under review'],
  presale_collecting: ['预售收款中', 'presale still collecting'],
  risk: ['风控审核', 'risk check'],
  ship_hold: ['平台暂停发货', 'held by the platform'],
  gift_open: ['礼物待收下', 'gift not accepted yet'],
  address_review: ['买家要改地址，待同意', 'the buyer asks to change the address'],
}

/** The seller's flags; 0 is none. */
export const flagWords = {
  0: ['灰', 'Grey'],
  1: ['红', 'Red'],
  2: ['黄', 'Yellow'],
  3: ['绿', 'Green'],
  4: ['蓝', 'Blue'],
  5: ['紫', 'Purple'],
} as const

export type SheetGoods = Pick<
  TradeLine,
  'title' | 'spec' | 'quantity' | 'outerSkuId' | 'outerItemId' | 'refund'
>

const lineRefundWords: Record<LineRefund, LocalizedText> = {
  none: { zh: '', en: '' },
  applied: { zh: '退款申请中', en: 'refund open' },
  succeeded: { zh: '已退款', en: 'refunded' },
  closed: { zh: '', en: '' },
}

/** "四件套 雾蓝 × 2; …" */
export function goodsText(goods: readonly SheetGoods[], language: 'zh' | 'en'): string {
  return goods
    .map(({ title, spec, quantity, refund }) => {
      const name = [title, spec].filter(Boolean).join(' ')
      const state = lineRefundWords[refund][language]
      return `${name} × ${quantity}${state === '' ? '' : ` (${state})`}`
    })
    .join('; ')
}

export function codesText(goods: readonly SheetGoods[]): string {
  return [...new Set(goods.map((line) => line.outerSkuId || line.outerItemId).filter(Boolean))].join('; ')
}
