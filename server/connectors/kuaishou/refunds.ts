import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { RefundBrief } from '../asking.ts'
import type { BadItem, Call, Refund, RefundDetail, RefundItem, RefundRef } from '../connector.ts'
import { courierCodes, courierOfCode } from '../couriers.ts'
import { anyRejection, ifThere, refundNumberAt, refundWith } from '../documents.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  fieldsAt,
  idAt,
  instantMsAt,
  isFields,
  isMissing,
  listAt,
  listIn,
  longest,
  note,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import type { ChainAt, ChainedPage, Window } from '../lists.ts'
import { askKuaishou } from './client.ts'
import { expressCodes } from './couriers.ts'
import { isNoRefund } from './errors.ts'
import { numberOf } from './fields.ts'
import { cursorAfter, emptyPage, spanOf } from './lists.ts'
import { orderOf } from './orders.ts'
import { isDecidedByPlatform, refundKinds, refundStatusOf, sentBack } from './statuses.ts'
import { listOption } from './unverified.ts'

const everyType = 9

/**
 * open.seller.order.refund.pcursor.list by the time of change, the oldest first. A page is named by its number and the cursor. The rows lack what
 * decides, such as the number of a returned parcel, so only their numbers and times are taken.
 */
export async function listChanged(
  call: Call,
  window: Window,
  { after, size }: ChainAt,
): Promise<ChainedPage<RefundItem>> {
  const [number = '1', pcursor = ''] =
    after === null ? [] : [after.split(' ')[0], after.slice(after.indexOf(' ') + 1)]
  const page = Number(number)
  const span = spanOf(call, window)
  if (!span) return emptyPage
  const { body } = await askKuaishou(call, 'open.seller.order.refund.pcursor.list', {
    ...span,
    type: everyType,
    queryType: 2,
    sort: 2,
    pageSize: size,
    currentPage: page,
    pcursor,
    option: listOption,
  })
  const data = fieldsAt(body, 'data')
  const next = cursorAfter(data, 'pcursor')
  const rows = needed(listIn(data.refundOrderInfoList), 'list')
  return {
    items: rows.map(refundNumberAt('refundId', 'updateTime')),
    next: next === null ? null : `${page + 1} ${next}`,
  }
}

/**
 * open.seller.order.refund.detail; undefined if the shop has no such refund. It names neither the goods nor their number, so the order is requested
 * with it.
 */
export async function refundDetail(
  call: Call,
  ref: Pick<RefundRef, 'refundId'>,
): Promise<RefundDetail | undefined> {
  return ifThere(isNoRefund, async () => {
    const { data, text } = await refundOf(call, ref)
    const refund = parseRefund(data, await itemOf(call, idAt(data, 'oid')))
    return refundWith(refund, text)
  })
}

/** The goods of the order; nothing if the platform does not show it. A refund is not lost for that: it stops its order. */
async function itemOf(call: Call, tid: string): Promise<Fields> {
  if (!/^\d{1,19}$/.test(tid)) return {}
  const order = await ifThere(anyRejection, async () => (await orderOf(call, tid)).order)
  return fieldsAt(order ?? {}, 'orderItemInfo')
}

/** The refund as the platform answers it. @throws {PlatformError} also if there is none. */
export async function refundOf(
  call: Call,
  { refundId }: Pick<RefundRef, 'refundId'>,
): Promise<{ data: Fields; text: string }> {
  const { body, text } = await askKuaishou(call, 'open.seller.order.refund.detail', {
    refundId: numberOf(refundId),
  })
  return { data: needed(isFields(body.data) ? body.data : null, 'refund'), text }
}

/** Asks whether an order has refunds: the order names them with their states, the newest first. */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  const { order } = await orderOf(call, tid)
  return listAt(order, 'orderRefundList', '').map((row): RefundBrief => {
    const refundId = isFields(row) ? idAt(row, 'refundId') : ''
    if (!isFields(row) || refundId === '')
      throw new PlatformError('retry', 'bad_answer', 'A refund of the order has no number.')
    return { refundId, oid: tid, status: refundStatusOf(textAt(row, 'refundStatus', 8), '') }
  })
}

export const refundsIn = (order: Fields): Fields[] => listAt(order, 'orderRefundList', '').filter(isFields)

export const isPaid = (row: Fields): boolean =>
  refundStatusOf(textAt(row, 'refundStatus', 8), '') === 'succeeded'

/**
 * The money that went back for the goods of an order, in 分: an exchange and the difference of a price (价保) give none back. Undefined: one of its refunds cannot be read, and may be
 * of all goods.
 */
export async function paidBackOf(call: Call, order: Fields): Promise<number | undefined> {
  let sum = 0
  for (const row of refundsIn(order).filter(isPaid)) {
    const found = await ifThere(isNoRefund, () => refundOf(call, { refundId: idAt(row, 'refundId') }))
    const refund = found && parseRefund(found.data)
    if (refund?.kind !== 'refund' || refund.doubts?.some(({ field }) => field === 'refund_amount'))
      return undefined
    const isOfGoods = refund.refundKind !== 'money_only' && refund.refundKind !== 'exchange'
    if (isOfGoods) sum += refund.amountFen
  }
  return sum
}

/** Parses a refund, with the goods of its order. Never throws. */
export function parseRefund(data: Fields, item: Fields = {}): Refund | BadItem {
  const [refundId, tid] = [idAt(data, 'refundId'), idAt(data, 'oid')]
  const doubts: Doubts = []
  const modifiedAt = instantMsAt(data, 'updateTime', { doubts, as: 'modified' })
  const reason = !refundId ? 'no refundId' : !tid ? 'no oid' : modifiedAt ? '' : 'no updateTime'
  if (reason || !modifiedAt) return { kind: 'bad', id: refundId || null, reason, raw: '' }
  const status = textAt(data, 'status', 8)
  const negotiation = textAt(data, 'negotiateStatus', 8)
  const refundKind = kindOf(data)
  const back = fieldsAt(data, 'logisticsInfo')
  const waybillNo = textAt(back, 'expressNo', longest.word)
  const goodsReceived = goodsOf(data, refundKind, waybillNo)
  if (isMissing(data.refundFee)) note(doubts, 'refund_amount', '', { guess: yuanFromFen(0) })
  // Only pieces of vouchers are counted: other goods are given back as a whole.
  const pieces = wholeAt(data, 'productNum', 1, 1_000_000) ?? wholeAt(item, 'num', 1, 1_000_000)
  if (pieces === null) note(doubts, 'num', item.num, { guess: '0' })
  const refund: Refund = {
    kind: 'refund',
    refundId,
    tid,
    // An order has one SKU, whose line has the order's number.
    oid: tid,
    refundKind,
    phase: refundKind === 'refund_only' && goodsReceived !== 'received' ? 'onsale' : 'aftersale',
    status: refundStatusOf(status, negotiation),
    platformStatus: negotiation === sentBack ? `${status}/${negotiation}` : status,
    // open.refund.reject compares it: a refund that has changed since is not touched.
    version: textAt(data, 'updateTime', longest.word),
    amountFen: wholeFenAt(data, 'refundFee', { doubts, as: 'refund_amount' }) ?? 0,
    quantity: pieces ?? 0,
    title: textAt(item, 'itemTitle', longest.title),
    spec: textAt(item, 'skuDesc', longest.title).trim(),
    outerId: textAt(item, 'skuNick', longest.name),
    reason: textAt(data, 'refundReasonDesc', longest.title),
    description: textAt(data, 'refundDesc', longest.text),
    goodsReceived,
    carrier: carrierOf(textAt(back, 'expressCode', longest.word)),
    waybillNo,
    createdAt: instantMsAt(data, 'createTime', { doubts, as: 'created' }) ?? modifiedAt,
    modifiedAt,
    deadline: instantMsAt(data, 'expireTime'),
    buyerNick: '',
    constraint: isDecidedByPlatform(status) ? '平台介入中' : '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

/** The courier of the returned parcel by its name; the platform's number where we do not know it. */
function carrierOf(expressCode: string): string {
  const courier = courierOfCode(expressCodes, expressCode)
  return courier === undefined ? expressCode : (courierCodes[courier]?.zh ?? expressCode)
}

/** `specialRefundType` 1 is 价保: the money of a difference, and no goods. */
function kindOf(data: Fields): Refund['refundKind'] {
  if (textAt(data, 'specialRefundType', 8) === '1') return 'money_only'
  return entryOf(refundKinds, textAt(data, 'handlingWay', 8)) ?? 'other'
}

function goodsOf(data: Fields, kind: Refund['refundKind'], waybillNo: string): Refund['goodsReceived'] {
  if (kind !== 'refund_only' && waybillNo !== '') return 'returned'
  const received = textAt(data, 'receiptStatus', 8)
  return received === '2' ? 'received' : received === '1' ? 'not_received' : 'unknown'
}
