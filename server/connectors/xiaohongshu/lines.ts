import type { LineRefund, TradeLine, TradeStatus } from '../connector.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  fieldsIn,
  idAt,
  isFields,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { lineRefunds } from './unverified.ts'

/** The goods of a SKU in an order. `paidFen` null: not stated. */
export type Goods = {
  oid: string
  skuId: string
  isGift: boolean
  item: Fields
  details: readonly Fields[]
  quantity: number
  paidFen: number | null
  depositFen: number
  merchantOffFen: number
  platformOffFen: number
}

/**
 * The platform has no numbers of lines: order and SKU name one. A gift (skuTag 1) of a SKU that was also bought is a line of its own; so is every
 * other line that repeats a SKU, by its place.
 */
export function goodsIn(items: readonly Fields[], tid: string, doubts: Doubts): Goods[] {
  const places = new Map<string, number>()
  return items.map((item, index) => {
    const skuId = idAt(item, 'skuId')
    const details = fieldsIn(listAt(item, 'skuDetailList', ''), 'lines', [])
    const isGift = [item, ...details].some((one) => textAt(one, 'skuTag', 8) === '1')
    const name = `${tid}-${skuId || `0-${index + 1}`}${isGift ? '-g' : ''}`.slice(0, longest.word * 3)
    const place = (places.get(name) ?? 0) + 1
    places.set(name, place)
    const oid = place === 1 ? name : `${name}-${place}`
    if (skuId === '') note(doubts, 'oid', item.skuId, { guess: oid, line: oid })
    return { oid, skuId, isGift, item, details, ...figuresOf(item, { oid, details }, doubts) }
  })
}

function figuresOf(
  item: Fields,
  { oid, details }: Pick<Goods, 'oid' | 'details'>,
  doubts: Doubts,
): Pick<Goods, 'quantity' | 'paidFen' | 'depositFen' | 'merchantOffFen' | 'platformOffFen'> {
  const stated = wholeAt(item, 'skuQuantity', 1, 1_000_000)
  if (stated === null) note(doubts, 'num', item.skuQuantity, { guess: '1', line: oid })
  const quantity = stated ?? 1
  const fen = (key: string, as: string) => wholeFenAt(item, key, { doubts, as, line: oid })
  const deposit = details.reduce((sum, one) => sum + (wholeAt(one, 'depositAmountPerSku', 0, 1e9) ?? 0), 0)
  return {
    quantity,
    paidFen: fen('totalPaidAmount', 'payment'),
    depositFen: deposit * quantity,
    merchantOffFen: fen('totalMerchantDiscount', 'discount_amount') ?? 0,
    platformOffFen: fen('totalRedDiscount', 'platform_discount') ?? 0,
  }
}

/**
 * Returns the number of the line that an after-sale of a SKU concerns: the bought goods, else a gift, else the bundle of which the SKU is a
 * component. Empty: the order has none of them, so the after-sale concerns the whole order.
 */
export function oidOf(order: Fields, skuId: string): string {
  const items = listAt(order, 'skuList', '').filter(isFields)
  const goods = goodsIn(items, idAt(order, 'orderId'), [])
  const own = goods.filter((one) => one.skuId === skuId)
  const bundle = goods.find(({ details }) => details.some((one) => idAt(one, 'skuId') === skuId))
  return (own.find(({ isGift }) => !isGift) ?? own[0] ?? bundle)?.oid ?? ''
}

/** The price of a piece before discounts. `pricePerSku` is declared at customs, without tax, and is not the price of the sale. */
export function priceOf({ paidFen, merchantOffFen, platformOffFen, quantity, details }: Goods): number {
  const [only] = details.length === 1 ? details : []
  const raw = only && wholeFenAt(only, 'rawPricePerSku')
  if (paidFen === null) return raw ?? 0
  return Math.round((paidFen + merchantOffFen + platformOffFen) / quantity)
}

/** A parcel that the platform shows, with its SKUs: each is in one parcel with all its pieces. */
export type Parcel = { index: number | null; waybillNo: string; skuIds: readonly string[] }

/** Reads `simpleDeliveryOrderList`. An order that left whole may have its waybill in `expressTrackingNo` only. */
export function parcelsIn(order: Fields): Parcel[] {
  const parcels = listAt(order, 'simpleDeliveryOrderList', '')
    .filter(isFields)
    .map((parcel) => ({
      index: wholeAt(parcel, 'deliveryOrderIndex', 0, 10_000),
      waybillNo: textAt(parcel, 'expressTrackingNo', longest.word).trim(),
      skuIds: listAt(parcel, 'skuIdList', '').map((id) => idAt({ id }, 'id')),
    }))
  return parcels.filter(({ waybillNo }) => waybillNo !== '')
}

export type LineFacts = {
  paid: number
  status: TradeStatus
  platformStatus: string
  parcels: readonly Parcel[]
  /** The waybill of an order that left whole; empty: none. */
  waybillNo: string
  /** True if an application or an open after-sale holds all goods of the order. */
  isHeld: boolean
  /** The money that has gone back, by SKU. */
  paidBack: ReadonlyMap<string, number>
  shipBy: Date | null
}

export function lineOf(goods: Goods, facts: LineFacts): TradeLine {
  const { oid, skuId, item, details, quantity, merchantOffFen, platformOffFen } = goods
  const own = facts.parcels.find(({ skuIds }) => skuIds.includes(skuId))
  const waybillNo = own?.waybillNo ?? (facts.parcels.length === 0 ? facts.waybillNo : '')
  const status = lineStatusOf(facts, own !== undefined)
  const hasLeft = facts.status === 'shipped' || facts.status === 'finished' || own !== undefined
  return {
    oid,
    status,
    platformStatus: facts.platformStatus,
    refund: refundIn(goods, status, facts),
    refundId: '',
    itemId: idAt(item, 'itemId'),
    skuId,
    outerItemId: '',
    outerSkuId: textAt(item, 'erpcode', longest.name) || textAt(details[0] ?? {}, 'erpCode', longest.name),
    title: textAt(item, 'itemName', longest.title) || textAt(item, 'skuName', longest.title),
    spec: textAt(item, 'skuSpec', longest.title).trim(),
    pictureUrl: textAt(item, 'skuImage', longest.url),
    quantity,
    priceFen: priceOf(goods),
    paymentFen: facts.paid,
    discountFen: merchantOffFen + platformOffFen,
    shipBy: facts.shipBy,
    ...(hasLeft && waybillNo !== '' ? { waybillNo } : {}),
  }
}

/** The goods in a parcel of an order that left in part have left. Goods in no parcel of an order that has left were refunded before. */
function lineStatusOf({ status, parcels }: LineFacts, isInParcel: boolean): TradeStatus {
  if (status === 'partly_shipped') return isInParcel ? 'shipped' : 'paid'
  const isGone = (status === 'shipped' || status === 'finished') && parcels.length > 0 && !isInParcel
  return isGone ? 'closed_refunded' : status
}

/** Goods whose whole payment has gone back are not sent. */
function refundIn(
  { skuId, details }: Goods,
  status: TradeStatus,
  { isHeld, paid, paidBack }: LineFacts,
): LineRefund {
  if (status === 'closed_refunded') return 'succeeded'
  const stated = isHeld ? 'applied' : statedIn(details)
  const isPaidBack = paid > 0 && (paidBack.get(skuId) ?? 0) >= paid
  return isPaidBack && stated !== 'applied' ? 'succeeded' : stated
}

/** `skuAfterSaleStatus` is of the components of a bundle; one that is open or unknown holds the whole. */
export function statedIn(details: readonly Fields[]): LineRefund {
  const stated = details
    .map((one) => textAt(one, 'skuAfterSaleStatus', 8))
    .filter((state) => state !== '' && state !== '0')
  const states = stated.map((state) => entryOf(lineRefunds, state) ?? 'applied')
  return states.includes('applied') ? 'applied' : (states[0] ?? 'none')
}
