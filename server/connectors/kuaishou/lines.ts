import type { LineRefund, TradeLine } from '../connector.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  fieldsIn,
  idAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { refundStatusOf, tradeStatusOf } from './statuses.ts'

/** What an order, or one of its gifts, says of its goods: its own number, status, parcels and after-sales. */
export type Goods = {
  oid: string
  item: Fields
  status: string
  quantity: number
  /** Pieces that have left. */
  sent: number
  soldFen: number
  waybills: readonly string[]
  /** Numbers of which some have left with pieces and others were merely taken; the platform does not say which. */
  unsure: readonly string[]
  refunds: readonly Fields[]
}

/** The gifts of an order. The platform's types and its documents name the list in two ways. */
export function giftsIn(order: Fields, doubts: Doubts): Fields[] {
  const detailed = listAt(order, 'subOrderDetail', '')
  return fieldsIn(detailed.length > 0 ? detailed : listAt(order, 'subOrderInfo', ''), 'lines', doubts)
}

/** An order has one SKU. Its gifts are orders of their own below it, each with a number by which it is shipped. */
export function goodsOf(order: Fields, tid: string, gifts: readonly Fields[], doubts: Doubts): Goods[] {
  const main = goodsIn(
    {
      oid: tid,
      item: fieldsAt(order, 'orderItemInfo'),
      base: fieldsAt(order, 'orderBaseInfo'),
      delivery: fieldsAt(order, 'orderDeliveryInfo'),
      parcels: listAt(order, 'orderLogisticsInfo', ''),
      refunds: listAt(order, 'orderRefundList', '').filter(isFields),
    },
    doubts,
  )
  const byOid = new Map([[tid, main]])
  for (const [index, gift] of gifts.entries()) {
    const base = fieldsAt(gift, 'subOrderBaseInfo')
    const stated = idAt(base, 'oid')
    const oid = stated || `${tid}-${index + 1}`
    if (stated === '') note(doubts, 'oid', base.oid, { guess: oid, line: oid })
    const item = fieldsAt(gift, 'subOrderItemInfo')
    if (byOid.has(oid)) {
      note(doubts, 'oid twice', `${textAt(item, 'itemTitle', 40)} × ${textAt(item, 'num', 10)}`, {
        line: oid,
      })
      continue
    }
    const delivery = fieldsAt(gift, 'subOrderDeliveryInfo')
    const parcels = listAt(gift, 'subOrderLogisticsInfo', '')
    byOid.set(oid, goodsIn({ oid, item, base, delivery, parcels, refunds: [] }, doubts))
  }
  return [...byOid.values()]
}

type Parts = {
  oid: string
  item: Fields
  base: Fields
  delivery: Fields
  parcels: readonly unknown[]
  refunds: readonly Fields[]
}

function goodsIn({ oid, item, base, delivery, parcels, refunds }: Parts, doubts: Doubts): Goods {
  const status = textAt(base, 'status', longest.word)
  const quantity = wholeAt(item, 'num', 1, 1_000_000)
  if (quantity === null) note(doubts, 'num', item.num, { guess: '1', line: oid })
  const pieces = quantity ?? 1
  const price = wholeFenAt(item, 'price', { doubts, as: 'price', line: oid }) ?? 0
  const hasLeft = ['40', '50', '70'].includes(status)
  const sent = hasLeft ? pieces : (wholeAt(delivery, 'deliveryNum', 0, 1_000_000) ?? 0)
  // Numbers that were taken for a parcel are shown before it has left.
  const shown = sent === 0 ? [] : waybillsIn(parcels)
  const left = wholeAt(delivery, 'packageNum', 1, 1_000_000) ?? shown.length
  const isUnsure = sent < pieces && shown.length > left
  return {
    oid,
    item,
    status,
    quantity: pieces,
    sent,
    soldFen: Math.min(price * pieces, largestFen),
    waybills: isUnsure ? [] : shown,
    unsure: isUnsure ? shown : [],
    refunds,
  }
}

const waybillsIn = (parcels: readonly unknown[]): string[] => [
  ...new Set(
    parcels
      .filter(isFields)
      .map((parcel) => textAt(parcel, 'expressNo', longest.word))
      .filter(Boolean),
  ),
]

type LineFacts = { isPaid: boolean; shipBy: Date | null; paid: number }

export function lineOf(goods: Goods, { isPaid, shipBy, paid }: LineFacts, doubts: Doubts): TradeLine {
  const { oid, item, quantity, sent, waybills } = goods
  const price = wholeFenAt(item, 'price') ?? 0
  return {
    oid,
    status: tradeStatusOf(goods.status, { isPaid, sent, pieces: quantity }),
    platformStatus: goods.status,
    ...refundOf(goods, doubts),
    itemId: idAt(item, 'itemId'),
    skuId: idAt(item, 'skuId'),
    outerItemId: idAt(item, 'relItemId'),
    outerSkuId: textAt(item, 'skuNick', longest.name) || textAt(item, 'goodsCode', longest.name),
    title: textAt(item, 'itemTitle', longest.title),
    spec: textAt(item, 'skuDesc', longest.title).trim(),
    pictureUrl: textAt(item, 'itemPicUrl', longest.url),
    quantity,
    priceFen: price,
    paymentFen: paid,
    discountFen: Math.max(goods.soldFen - paid, 0),
    shipBy,
    ...(waybills[0] === undefined ? {} : { waybillNo: waybills[0], waybills }),
  }
}

/** Kuaishou lists the after-sales of an order newest first. An open one holds the goods, also if it is not the newest; so does one that was paid before a newer one was closed. */
function refundOf({ oid, refunds }: Goods, doubts: Doubts): { refund: LineRefund; refundId: string } {
  const states = refunds.map((refund) => ({
    refundId: idAt(refund, 'refundId'),
    refund: lineRefundOf(refund, oid, doubts),
  }))
  const of = (wanted: LineRefund) => states.find(({ refund }) => refund === wanted)
  return of('applied') ?? of('succeeded') ?? states[0] ?? { refund: 'none', refundId: '' }
}

function lineRefundOf(refund: Fields, oid: string, doubts: Doubts): LineRefund {
  const stated = textAt(refund, 'refundStatus', 8)
  const status = refundStatusOf(stated, '')
  if (status === 'succeeded' || status === 'closed') return status
  if (status === 'unknown')
    note(doubts, 'refund_status', refund.refundStatus, { guess: 'applied', line: oid })
  return 'applied'
}
