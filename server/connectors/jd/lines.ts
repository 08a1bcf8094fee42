import type { LineRefund, TradeLine, TradeStatus } from '../connector.ts'
import {
  type Doubts,
  type Fields,
  idAt,
  largestFen,
  longest,
  note,
  textAt,
  wholeAt,
  yuanAt,
} from '../fields.ts'

/** A line as the order names it: goods of a SKU. `couponFen`: the discounts of this SKU alone. */
export type Goods = {
  oid: string
  item: Fields
  quantity: number
  priceFen: number
  soldFen: number
  couponFen: number
}

/**
 * The platform has no numbers of lines: order and SKU name one. A gift of a SKU that was also bought is a line of its own, and gets its place behind
 * the number.
 */
export function goodsOf(
  items: readonly Fields[],
  tid: string,
  coupons: readonly Fields[],
  doubts: Doubts,
): Goods[] {
  const seen = new Map<string, number>()
  return items.map((item, index) => {
    const skuId = idAt(item, 'skuId')
    const named = `${tid}-${skuId || `0-${index + 1}`}`
    const place = (seen.get(named) ?? 0) + 1
    seen.set(named, place)
    const oid = place === 1 ? named : `${named}-${place}`
    if (skuId === '') note(doubts, 'oid', item.skuId, { guess: oid, line: oid })
    const stated = wholeAt(item, 'itemTotal', 1, 1_000_000)
    if (stated === null) note(doubts, 'num', item.itemTotal, { guess: '1', line: oid })
    const quantity = stated ?? 1
    const priceFen = yuanAt(item, 'jdPrice', { doubts, as: 'price', line: oid }) ?? 0
    const soldFen = Math.min(priceFen * quantity, largestFen)
    // The discounts of a SKU are of its first line.
    const couponFen = place === 1 && skuId !== '' ? couponsOf(coupons, skuId) : 0
    return { oid, item, quantity, priceFen, soldFen, couponFen }
  })
}

const couponsOf = (coupons: readonly Fields[], skuId: string): number =>
  coupons
    .filter((coupon) => idAt(coupon, 'skuId') === skuId)
    .reduce((sum, coupon) => Math.min(sum + (yuanAt(coupon, 'couponPrice') ?? 0), largestFen), 0)

export type LineFacts = {
  paid: number
  status: TradeStatus
  state: string
  refund: LineRefund
  waybills: readonly string[]
}

export function lineOf(goods: Goods, { paid, status, state, refund, waybills }: LineFacts): TradeLine {
  const { oid, item, quantity, priceFen, soldFen } = goods
  return {
    oid,
    status,
    platformStatus: state,
    refund,
    refundId: '',
    itemId: idAt(item, 'wareId'),
    skuId: idAt(item, 'skuId'),
    outerItemId: '',
    outerSkuId: textAt(item, 'outerSkuId', longest.name),
    title: textAt(item, 'skuName', longest.title),
    // The name of a SKU ends with its variety, which no other field has.
    spec: '',
    pictureUrl: '',
    quantity,
    priceFen,
    paymentFen: paid,
    discountFen: Math.max(soldFen - paid, 0),
    shipBy: null,
    ...(waybills[0] === undefined ? {} : { waybillNo: waybills[0] }),
    ...(waybills.length > 1 ? { waybills } : {}),
  }
}
