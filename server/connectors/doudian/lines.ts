import type { TradeLine } from '../connector.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  idAt,
  instantAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import type { Parcel } from './parcels.ts'
import { isLineRefundUnknown, lineRefundOf, platformStatusOf, tradeStatusOf } from './statuses.ts'

/** Returns the lines by number. If two have the same number, the first is kept, because refunds and parcels name lines by number. */
export function numbered(skus: readonly Fields[], tid: string, doubts: Doubts): Map<string, Fields> {
  const byOid = new Map<string, Fields>()
  for (const [index, sku] of skus.entries()) {
    const stated = idAt(sku, 'order_id')
    const oid = stated || (skus.length === 1 ? tid : `${tid}-${index + 1}`)
    if (stated === '') note(doubts, 'oid', sku.order_id, { guess: oid, line: oid })
    const second = `${textAt(sku, 'product_name', 40)} × ${textAt(sku, 'item_num', 10)}`
    if (byOid.has(oid)) note(doubts, 'oid twice', second, { line: oid })
    else byOid.set(oid, sku)
  }
  return byOid
}

/** Price times pieces. */
export function soldFen(sku: Fields): number {
  const pieces = wholeAt(sku, 'item_num', 1, 1_000_000) ?? 1
  return Math.min((wholeFenAt(sku, 'origin_amount') ?? 0) * pieces, largestFen)
}

type LineFacts = {
  oid: string
  isPaid: boolean
  shipBy: Date | null
  parcels: readonly Parcel[]
  paid: number
}

export function lineOf(
  sku: Fields,
  { oid, isPaid, shipBy, parcels, paid }: LineFacts,
  doubts: Doubts,
): TradeLine {
  const quantity = wholeAt(sku, 'item_num', 1, 1_000_000)
  if (quantity === null) note(doubts, 'num', sku.item_num, { guess: '1', line: oid })
  const info = fieldsAt(sku, 'after_sale_info')
  if (isLineRefundUnknown(info))
    note(doubts, 'refund_status', info.after_sale_status, { guess: 'none', line: oid })
  const mine = parcels.filter(({ pieces }) => pieces.has(oid))
  const sent = mine.reduce((sum, { pieces }) => sum + (pieces.get(oid) ?? 0), 0)
  const waybills = mine.map(({ waybillNo }) => waybillNo).filter(Boolean)
  const status = tradeStatusOf(sku, isPaid)
  return {
    oid,
    status: status === 'paid' && sent > 0 ? 'partly_shipped' : status,
    platformStatus: platformStatusOf(sku),
    refund: lineRefundOf(info),
    refundId: '',
    itemId: idAt(sku, 'product_id_str') || idAt(sku, 'product_id'),
    skuId: idAt(sku, 'sku_id'),
    outerItemId: textAt(sku, 'out_product_id', longest.name),
    outerSkuId: textAt(sku, 'code', longest.name) || idAt(sku, 'out_sku_id'),
    title: textAt(sku, 'product_name', longest.title),
    spec: specOf(sku),
    pictureUrl: textAt(sku, 'product_pic', longest.url),
    quantity: quantity ?? 1,
    priceFen: wholeFenAt(sku, 'origin_amount', { doubts, as: 'price', line: oid }) ?? 0,
    paymentFen: paid,
    discountFen: Math.max(soldFen(sku) - paid, 0),
    shipBy: instantAt(sku, 'exp_ship_time') ?? shipBy,
    ...(waybills[0] === undefined ? {} : { waybillNo: waybills[0], waybills }),
  }
}

/** The values of `spec`: "雾蓝 / 1.8m床". */
function specOf(sku: Fields): string {
  return listAt(sku, 'spec', '')
    .filter(isFields)
    .map((one) => textAt(one, 'value', longest.name).trim())
    .filter(Boolean)
    .join(' / ')
    .slice(0, longest.title)
    .toWellFormed()
}
