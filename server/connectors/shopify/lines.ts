import type { LineRefund, TradeLine, TradeStatus } from '../connector.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
} from '../fields.ts'
import { type GivenBack, isAllBack } from '../given-back.ts'
import { amountAt, bagAt, numberAt } from './fields.ts'
import { refundLinesIncludeTax } from './unverified.ts'

/** What an order says of one of its lines. `paidFen` null: not stated. */
export type Goods = {
  oid: string
  item: Fields
  quantity: number
  priceFen: number
  /** Before discounts, and after; both with tax. */
  fullFen: number
  paidFen: number | null
}

type Of = { tid: string; taxesIncluded: boolean }

export function goodsIn(items: readonly Fields[], { tid, taxesIncluded }: Of, doubts: Doubts): Goods[] {
  const taken = new Set<string>()
  return items.map((item, index) => {
    const stated = numberAt(item, 'id')
    const isOwn = stated !== '' && !taken.has(stated)
    const oid = isOwn ? stated : `${tid}-0-${index + 1}`
    taken.add(oid)
    if (!isOwn) note(doubts, stated === '' ? 'oid' : 'oid twice', item.id, { guess: oid, line: oid })
    const whole = wholeAt(item, 'quantity', 1, 1_000_000)
    if (whole === null) note(doubts, 'num', item.quantity, { guess: '1', line: oid })
    const quantity = whole ?? 1
    const price = amountAt(item, 'originalUnitPriceSet', { doubts, as: 'price', line: oid })
    const fullFen = Math.min((price ?? 0) * quantity, largestFen)
    const off = sumOf(item, 'discountAllocations', 'allocatedAmountSet')
    const tax = taxesIncluded ? 0 : taxOf(item)
    const paidFen = price === null ? null : Math.max(Math.min(fullFen - off + tax, largestFen), 0)
    return { oid, item, quantity, priceFen: price ?? 0, fullFen: fullFen + tax, paidFen }
  })
}

/** The sum of the amounts in a list, such as the discounts that were allocated to a line: its own, and its part of the order's. */
function sumOf(of: Fields, list: string, bag: string): number {
  return listAt(of, list, '')
    .filter(isFields)
    .reduce((sum, one) => Math.max(Math.min(sum + (bagAt(one, bag) ?? 0), largestFen), -largestFen), 0)
}

export const taxOf = (of: Fields): number => Math.max(sumOf(of, 'taxLines', 'priceSet'), 0)

const hasTaxInside = (order: Fields): boolean => refundLinesIncludeTax(order.taxesIncluded !== false)

/** The money that was given back in a row of a refund, with its tax, as the payment of a line is. */
export function backFenIn(row: Fields, order: Fields): number {
  const tax = hasTaxInside(order) ? 0 : (amountAt(row, 'totalTaxSet') ?? 0)
  return Math.min((amountAt(row, 'subtotalSet') ?? 0) + tax, largestFen)
}

/** The price of pieces of a line that a buyer wants to return, with their part of the line's tax. */
export function askedFenIn(row: Fields, order: Fields): number {
  const item = fieldsAt(fieldsAt(row, 'fulfillmentLineItem'), 'lineItem')
  const bought = wholeAt(item, 'quantity', 1, 1_000_000) ?? 1
  const part = Math.min((wholeAt(row, 'quantity', 0, 1_000_000) ?? 0) / bought, 1)
  const tax = hasTaxInside(order) ? 0 : Math.round(taxOf(item) * part)
  return Math.min((amountAt(row, 'withCodeDiscountedTotalPriceSet') ?? 0) + tax, largestFen)
}

export type LineFacts = {
  paid: number
  status: TradeStatus
  platformStatus: string
  waybills: readonly string[]
  back: GivenBack | undefined
  /** A return of the line is not over. */
  isAsked: boolean
}

export function lineOf(
  { oid, item, quantity, priceFen, fullFen, paidFen }: Goods,
  facts: LineFacts,
): TradeLine {
  const [itemId, skuId] = [
    numberAt(fieldsAt(item, 'product'), 'id'),
    numberAt(fieldsAt(item, 'variant'), 'id'),
  ]
  const refund = refundOf(facts, quantity)
  return {
    oid,
    status: statusOf(item, facts, refund),
    platformStatus: facts.platformStatus,
    refund,
    refundId: '',
    itemId,
    skuId,
    // Only varieties have codes.
    outerItemId: '',
    outerSkuId: textAt(item, 'sku', longest.name),
    title: textAt(item, 'title', longest.title) || textAt(item, 'name', longest.title),
    spec: specOf(item, 'variantTitle'),
    pictureUrl: textAt(fieldsAt(item, 'image'), 'url', longest.url),
    quantity,
    priceFen,
    paymentFen: facts.paid,
    discountFen: Math.max(fullFen - (paidFen ?? fullFen), 0),
    shipBy: null,
    waybills: facts.waybills,
  }
}

/** A line has left once none of its pieces waits; pieces whose money went back do not wait. */
function statusOf(item: Fields, { status }: LineFacts, refund: LineRefund): TradeStatus {
  const isOpen = ['paid', 'partly_shipped', 'shipped'].includes(status)
  if (refund === 'succeeded' && (isOpen || status === 'unpaid')) return 'closed_refunded'
  if (!isOpen) return status
  const left = wholeAt(item, 'unfulfilledQuantity', 0, 1_000_000)
  return left === 0 || (left === null && status === 'shipped') ? 'shipped' : 'paid'
}

/** A line is over once all its pieces or all its money have been given back. */
function refundOf({ status, paid, back, isAsked }: LineFacts, quantity: number): LineRefund {
  if (status === 'closed_refunded') return 'succeeded'
  if (back && isAllBack(back, { paid, quantity })) return 'succeeded'
  return isAsked ? 'applied' : 'none'
}

/** The variety as text. A product without varieties has one that the platform has named. */
export function specOf(of: Fields, key: string): string {
  const text = textAt(of, key, longest.title).trim()
  return text === 'Default Title' ? '' : text
}
