import type { TradeLine } from '../connector.ts'
import {
  type Doubts,
  type Fields,
  idAt,
  largestFen,
  longest,
  note,
  textAt,
  wholeAt,
  wholeFenAt,
  wordAt,
} from '../fields.ts'
import { isRefunding, lineRefundOf, refundStatusOf, type Times, tradeStatusOf } from './statuses.ts'

/** Returns the lines by dealSubCode. If two have the same number, the first is kept, because refunds name lines by number. */
export function numbered(items: readonly Fields[], tid: string, doubts: Doubts): Map<string, Fields> {
  const byOid = new Map<string, Fields>()
  for (const [index, item] of items.entries()) {
    const stated = idAt(item, 'dealSubCode')
    const oid = stated || `${tid}-${index + 1}`
    if (stated === '') note(doubts, 'oid', item.dealSubCode, { guess: oid, line: oid })
    const second = `${textAt(item, 'itemName', 40)} × ${textAt(item, 'itemDealCount', 10)}`
    if (byOid.has(oid)) note(doubts, 'oid twice', second, { line: oid })
    else byOid.set(oid, item)
  }
  return byOid
}

const soldFen = (item: Fields) =>
  Math.min(
    (wholeFenAt(item, 'itemDealPrice') ?? 0) * (wholeAt(item, 'itemDealCount', 1, 1_000_000) ?? 1),
    largestFen,
  )

/** Price times pieces, changed by the seller (itemAdjustPrice, up or down) and less the line's own discount. */
export function askedFen(item: Fields): number {
  const adjusted = soldFen(item) + (wholeAt(item, 'itemAdjustPrice', -largestFen, largestFen) ?? 0)
  return Math.min(Math.max(adjusted - (wholeFenAt(item, 'itemDiscountFee') ?? 0), 0), largestFen)
}

type LineFacts = {
  oid: string
  /** The state of the deal, for a line without one. */
  state: string
  times: Times
  waybillNo: string
  paid: number
  /** True if the deal is being refunded, and none of its lines says so: then all are. */
  dealRefund: boolean
}

export function lineOf(item: Fields, { oid, paid, ...deal }: LineFacts, doubts: Doubts): TradeLine {
  const quantity = wholeAt(item, 'itemDealCount', 1, 1_000_000)
  if (quantity === null) note(doubts, 'num', item.itemDealCount, { guess: '1', line: oid })
  const ownState = wordAt(item, 'itemDealState')
  const state = ownState || deal.state
  const refundState = wordAt(item, 'refundState')
  const refund = lineRefundOf(refundState)
  // A refund that the buyer took back before says nothing of the deal's open one.
  const isHeld = (refund !== 'succeeded' && deal.dealRefund) || (refund === 'none' && isRefunding(ownState))
  if (refund === 'applied' && refundStatusOf(refundState) === 'unknown')
    note(doubts, 'refund_status', refundState, { guess: 'applied', line: oid })
  return {
    oid,
    status: tradeStatusOf(state, deal.times),
    platformStatus: state,
    refund: isHeld ? 'applied' : refund,
    refundId: '',
    itemId: idAt(item, 'itemCode'),
    skuId: idAt(item, 'skuId'),
    outerItemId: textAt(item, 'itemLocalCode', longest.name),
    outerSkuId: textAt(item, 'stockLocalCode', longest.name),
    title: textAt(item, 'itemName', longest.title),
    spec: specOf(textAt(item, 'stockAttr', longest.title)),
    pictureUrl: textAt(item, 'itemPic80', longest.url),
    quantity: quantity ?? 1,
    priceFen: wholeFenAt(item, 'itemDealPrice', { doubts, as: 'price', line: oid }) ?? 0,
    paymentFen: paid,
    discountFen: Math.max(soldFen(item) - paid, 0),
    shipBy: null,
    ...(deal.waybillNo === '' ? {} : { waybillNo: deal.waybillNo }),
  }
}

/** "颜色:白|尺码:XL" → "白 / XL" */
export const specOf = (attr: string): string =>
  attr
    .split('|')
    .map((pair) => pair.slice(pair.indexOf(':') + 1).trim())
    .filter(Boolean)
    .join(' / ')
