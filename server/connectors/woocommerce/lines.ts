import { apportion } from '../../lib/money.ts'
import type { LineRefund, TradeLine, TradeStatus } from '../connector.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  idAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
} from '../fields.ts'
import { type GivenBack, isAllBack } from '../given-back.ts'
import { grossAt } from './fields.ts'

/** What an order says of one of its lines. `paidFen` null: not stated. */
export type Goods = {
  oid: string
  item: Fields
  quantity: number
  /** Before discounts, and after; both with tax. */
  fullFen: number
  paidFen: number | null
}

export function goodsIn(items: readonly Fields[], tid: string, doubts: Doubts): Goods[] {
  const taken = new Set<string>()
  return items.map((item, index) => {
    const stated = idAt(item, 'id')
    const isOwn = stated !== '' && !taken.has(stated)
    const oid = isOwn ? stated : `${tid}-0-${index + 1}`
    taken.add(oid)
    if (!isOwn) note(doubts, stated === '' ? 'oid' : 'oid twice', item.id, { guess: oid, line: oid })
    const whole = wholeAt(item, 'quantity', 1, 1_000_000)
    if (whole === null) note(doubts, 'num', item.quantity, { guess: '1', line: oid })
    const paidFen = grossAt(item, ['total', 'total_tax'], { doubts, as: 'payment', line: oid })
    const fullFen = grossAt(item, ['subtotal', 'subtotal_tax']) ?? paidFen ?? 0
    return { oid, item, quantity: whole ?? 1, fullFen, paidFen }
  })
}

export type LineFacts = {
  paid: number
  status: TradeStatus
  platformStatus: string
  waybillNo: string
  back: GivenBack | undefined
}

export function lineOf({ oid, item, quantity, fullFen, paidFen }: Goods, facts: LineFacts): TradeLine {
  const [itemId, skuId] = [idAt(item, 'product_id'), idAt(item, 'variation_id')]
  const sku = textAt(item, 'sku', longest.name)
  const refund = refundOf(facts, quantity)
  const isOver = refund === 'succeeded' && facts.status !== 'unknown' && !facts.status.startsWith('closed')
  return {
    oid,
    status: isOver ? 'closed_refunded' : facts.status,
    platformStatus: facts.platformStatus,
    refund,
    refundId: '',
    itemId,
    skuId,
    outerItemId: skuId === '' ? sku : '',
    outerSkuId: skuId === '' ? '' : sku,
    title: textAt(item, 'parent_name', longest.title) || textAt(item, 'name', longest.title),
    spec: specOf(item),
    pictureUrl: textAt(fieldsAt(item, 'image'), 'src', longest.url),
    quantity,
    priceFen: Math.round(fullFen / quantity),
    paymentFen: facts.paid,
    discountFen: Math.max(fullFen - (paidFen ?? fullFen), 0),
    shipBy: null,
    ...(facts.status === 'shipped' && facts.waybillNo !== '' ? { waybillNo: facts.waybillNo } : {}),
  }
}

/** A line is over once all its pieces or all its money have been given back. */
function refundOf({ status, paid, back }: LineFacts, quantity: number): LineRefund {
  if (status === 'closed_refunded') return 'succeeded'
  return back && isAllBack(back, { paid, quantity }) ? 'succeeded' : 'none'
}

/** The variety as it was chosen: plugins hide their own fields by a line in front. */
export const specOf = (item: Fields): string =>
  listAt(item, 'meta_data', '')
    .filter(isFields)
    .filter((meta) => !textAt(meta, 'key', longest.word).startsWith('_'))
    .map((meta) =>
      (textAt(meta, 'display_value', longest.name) || textAt(meta, 'value', longest.name)).trim(),
    )
    .filter(Boolean)
    .join(' / ')
    .slice(0, longest.title)
    .toWellFormed()

/** A deduction is a fee below nothing. It belongs to all lines, in proportion to their amounts. */
export function withDeduction(goods: readonly Goods[], deductionFen: number): (number | null)[] {
  const paid = goods.map(({ paidFen }) => paidFen)
  if (deductionFen === 0 || paid.includes(null)) return paid
  const known = paid.map((fen) => fen ?? 0)
  const sum = known.reduce((total, fen) => Math.min(total + fen, largestFen), 0)
  return apportion(Math.max(sum - deductionFen, 0), known)
}
