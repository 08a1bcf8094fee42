import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { BadItem, Call, Refund, RefundDetail, RefundItem, RefundRef } from '../connector.ts'
import { courierCodes, courierOfCode } from '../couriers.ts'
import { anyRejection, ifThere, refundNumberAt, refundWith } from '../documents.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  fieldsIn,
  idAt,
  instantMsAt,
  isFields,
  isMissing,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
  yuanAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import type { ListPage, Page, Window } from '../lists.ts'
import { askXiaohongshu } from './client.ts'
import { companyCodes } from './couriers.ts'
import { isNoRefund } from './errors.ts'
import { specOf } from './goods.ts'
import { oidOf } from './lines.ts'
import { millisecondsOf, pageOf, type Rows, timeType } from './lists.ts'
import { orderOf } from './orders.ts'
import { isBeforeShipping, isDecidedByPlatform, refundKindOf, refundStatusOf } from './statuses.ts'
import { goodsUnknown } from './unverified.ts'

/** afterSale.listAfterSaleInfos: rows without goods, so only their numbers and times are taken. */
const rows: Rows<RefundItem> = {
  method: 'afterSale.listAfterSaleInfos',
  rows: 'afterSaleBasicInfos',
  total: 'totalCount',
  read: refundNumberAt('returnsId', 'updatedAt'),
}

export const listChanged = (call: Call, window: Window, page: Page): Promise<ListPage<RefundItem>> =>
  pageOf(rows, call, { ...millisecondsOf(window), timeType: timeType.change }, page)

/** afterSale.getAfterSaleInfo; undefined if the shop has no such after-sale. */
export async function refundDetail(
  call: Call,
  ref: Pick<RefundRef, 'refundId'>,
): Promise<RefundDetail | undefined> {
  return ifThere(isNoRefund, async () => {
    const { data, text } = await refundOf(call, ref)
    return refundWith(parseRefund(data, await orderOfRefund(call, data)), text)
  })
}

/** The order of an after-sale: its goods show which line the after-sale concerns. Undefined: the platform rejects the request for it. */
const orderOfRefund = (call: Call, data: Fields): Promise<Fields | undefined> =>
  ifThere(anyRejection, async () => {
    const { order } = await orderOf(call, idAt(fieldsAt(data, 'afterSaleInfo'), 'orderId'))
    return order
  })

/** The after-sale as the platform answers it. @throws {PlatformError} also if there is none. */
export async function refundOf(
  call: Call,
  { refundId }: Pick<RefundRef, 'refundId'>,
): Promise<{ data: Fields; text: string }> {
  const { data, text } = await askXiaohongshu(call, 'afterSale.getAfterSaleInfo', {
    returnsId: refundId,
    needNegotiateRecord: false,
  })
  return { data: needed(isFields(data.afterSaleInfo) ? data : null, 'after-sale'), text }
}

/** Returns the after-sales of an order, a hundred at most. The list is empty for an unknown order. */
export async function afterSalesOf(call: Call, order: Fields): Promise<{ refund: Refund; data: Fields }[]> {
  const orderId = idAt(order, 'orderId')
  const { items } = await pageOf(rows, call, { orderId }, { number: 1, size: 100, mode: 'rows' })
  const found: { refund: Refund; data: Fields }[] = []
  for (const item of items) {
    if (!('refundId' in item)) throw unreadable()
    const { data } = await refundOf(call, item)
    const refund = parseRefund(data, order)
    if (refund.kind === 'bad') throw unreadable()
    found.push({ refund, data })
  }
  return found
}

const unreadable = () =>
  new PlatformError('retry', 'bad_answer', 'An after-sale of the order cannot be read.')

/** Returns the money that has gone back for each SKU of an order, in 分. */
export async function paidBackOf(call: Call, order: Fields): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>()
  for (const { refund, data } of await afterSalesOf(call, order)) {
    if (refund.status !== 'succeeded' || refund.refundKind === 'exchange') continue
    const skus = listAt(fieldsAt(data, 'afterSaleInfo'), 'skus', '').filter(isFields)
    for (const sku of skus) {
      const fen = skus.length === 1 ? refund.amountFen : (yuanAt(sku, 'appliedTotalAmountYuan') ?? 0)
      const skuId = idAt(sku, 'skuId')
      sums.set(skuId, (sums.get(skuId) ?? 0) + fen)
    }
  }
  return sums
}

/** Parses an after-sale. `order`: its order, if it is known. Never throws. */
export function parseRefund(data: Fields, order?: Fields): Refund | BadItem {
  const info = fieldsAt(data, 'afterSaleInfo')
  const [refundId, tid] = [idAt(info, 'returnsId'), idAt(info, 'orderId')]
  const doubts: Doubts = []
  const modifiedAt = instantMsAt(info, 'updatedAt', { doubts, as: 'modified' })
  const reason = !refundId ? 'no returnsId' : !tid ? 'no orderId' : modifiedAt ? '' : 'no updatedAt'
  if (reason || !modifiedAt) return { kind: 'bad', id: refundId || null, reason, raw: '' }
  const [returnType, platformStatus] = [textAt(info, 'returnType', 8), textAt(info, 'status', 8)]
  const refundKind = refundKindOf(returnType)
  const status = refundStatusOf(platformStatus, refundKind, textAt(info, 'refundStatus', 8))
  const back = fieldsAt(fieldsAt(data, 'logisticsInfo'), 'after_sale')
  const waybillNo = textAt(back, 'expressNo', longest.word) || textAt(info, 'returnExpressNo', longest.word)
  const refund: Refund = {
    kind: 'refund',
    refundId,
    tid,
    ...goodsOf(info, { tid, order }, doubts),
    refundKind,
    phase: isBeforeShipping(returnType) ? 'onsale' : 'aftersale',
    status,
    platformStatus,
    version: textAt(info, 'updatedAt', longest.word),
    amountFen: amountOf(info, status, doubts),
    reason: textAt(info, 'reasonNameZh', longest.title),
    description: textAt(info, 'desc', longest.text),
    goodsReceived:
      refundKind !== 'refund_only' && waybillNo !== ''
        ? 'returned'
        : isBeforeShipping(returnType)
          ? 'not_received'
          : goodsUnknown,
    carrier: carrierOf(back),
    waybillNo,
    createdAt: instantMsAt(info, 'applyTime', { doubts, as: 'created' }) ?? modifiedAt,
    modifiedAt,
    deadline: instantMsAt(info, 'expireTime'),
    buyerNick: '',
    constraint: isDecidedByPlatform(platformStatus) ? '平台介入中' : '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

/** An after-sale of one SKU is of its line; one of several is of the whole order. */
function goodsOf(
  info: Fields,
  { tid, order }: { tid: string; order: Fields | undefined },
  doubts: Doubts,
): Pick<Refund, 'oid' | 'quantity' | 'title' | 'spec' | 'outerId'> {
  const skus = fieldsIn(listAt(info, 'skus', ''), 'lines', doubts)
  const [only = {}] = skus.length === 1 ? skus : []
  const pieces = skus.map((sku) => wholeAt(sku, 'appliedCount', 1, 1_000_000))
  if (pieces.length === 0 || pieces.includes(null)) note(doubts, 'num', '', { guess: '0' })
  const skuId = idAt(only, 'skuId')
  return {
    oid: skuId === '' ? '' : order ? oidOf(order, skuId) : `${tid}-${skuId}`,
    quantity: Math.min(
      pieces.reduce<number>((sum, one) => sum + (one ?? 0), 0),
      1_000_000,
    ),
    title: textAt(only, 'skuName', longest.title),
    spec: specOf(only),
    outerId: textAt(only, 'skuERPCode', longest.name),
  }
}

/** The amount that the buyer asked for, in yuan, and the paid one once the money has gone back. */
function amountOf(info: Fields, status: Refund['status'], doubts: Doubts): number {
  const paid = status === 'succeeded' ? yuanAt(info, 'refundAmountYuan') : null
  if (paid !== null && paid > 0) return paid
  if (isMissing(info.expectedRefundAmountYuan)) note(doubts, 'refund_amount', '', { guess: yuanFromFen(0) })
  return yuanAt(info, 'expectedRefundAmountYuan', { doubts, as: 'refund_amount' }) ?? 0
}

/** The courier of the returned parcel by its name; the platform's name where we do not know it. */
function carrierOf(back: Fields): string {
  const code = textAt(back, 'expressCompanyCode', longest.word)
  const courier = courierOfCode(companyCodes, code)
  return (courier && courierCodes[courier]?.zh) ?? (textAt(back, 'expressCompanyName', longest.word) || code)
}
