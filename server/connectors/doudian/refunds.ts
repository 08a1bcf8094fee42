import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type RefundBrief, refundBriefOf } from '../asking.ts'
import type { BadItem, Call, Refund, RefundDetail, RefundPage, RefundRef } from '../connector.ts'
import { ifThere, refundWith } from '../documents.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  fieldsAt,
  idAt,
  instantAt,
  isFields,
  isMissing,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
  wholeFenAt,
  wholeOrNote,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { type Page, rowsAfter, type Window } from '../lists.ts'
import { callFxg } from './client.ts'
import { isNoRefund } from './errors.ts'
import { pageOf, secondsOf, totalOf } from './fields.ts'
import { refundKindOf, refundStatusOf } from './statuses.ts'

/** afterSale/List by the time of the last change. Without this order the platform leaves rows out; so the oldest is first. */
export async function listChanged(call: Call, window: Window, page: Page): Promise<RefundPage> {
  const { from, to } = secondsOf(window)
  const { body } = await callFxg(call, 'afterSale/List', {
    update_start_time: from,
    update_end_time: to,
    order_by: ['update_time asc'],
    ...pageOf(page),
  })
  const data = fieldsAt(body, 'data')
  if (page.mode === 'count') return { total: totalOf(data), items: [], hasNext: false }
  const rows = listAt(data, 'items', '')
  const items = rows.map((value) => ({ ...parseListed(value), raw: rawOf(value) }))
  return { items, hasNext: rowsAfter(totalOf(data), rows, page) }
}

/**
 * Asks whether an order has after-sales. Its lines show it, but without numbers; the list is requested unless every line says that it has none.
 * All are returned: a later one of a line, such as a difference in price, does not end one before it.
 */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  const { body } = await callFxg(call, 'order/orderDetail', { shop_order_id: tid })
  const skus = listAt(fieldsAt(fieldsAt(body, 'data'), 'shop_order_detail'), 'sku_order_list', '')
  if (skus.length === 0) throw new PlatformError('retry', 'bad_answer', 'The answer has no lines.')
  const states = skus.map(afterSaleOf)
  if (states.every((state) => state === 0)) return []
  const list = await callFxg(call, 'afterSale/List', {
    order_id: tid,
    order_by: ['apply_time asc'],
    page: 0,
    size: 100,
  })
  const rows = listAt(fieldsAt(list.body, 'data'), 'items', '')
  if (rows.length === 0 && states.some((state) => state !== 0 && state !== null))
    throw new PlatformError('retry', 'bad_answer', 'The list lacks an after-sale of the order.')
  return rows.map((row) => refundBriefOf(parseListed(row)))
}

/** The state of a line's after-sale, 0 without one; null: the answer does not say it, because the application's rights may not reach so far. */
const afterSaleOf = (sku: unknown): number | null =>
  isFields(sku) ? wholeAt(fieldsAt(sku, 'after_sale_info'), 'after_sale_status', 0, 999) : null

/** afterSale/Detail; undefined if the shop has no such after-sale. */
export async function refundDetail(
  call: Call,
  { refundId }: Pick<RefundRef, 'refundId'>,
): Promise<RefundDetail | undefined> {
  return ifThere(isNoRefund, async () => {
    const { body, text } = await callFxg(call, 'afterSale/Detail', { after_sale_id: refundId })
    const data = fieldsAt(body, 'data')
    needed(isFields(data.process_info) ? data : null, 'after-sale')
    return refundWith(parseDetail(data), text)
  })
}

/** Parses an item of the list. Never throws. */
export function parseListed(value: unknown): Refund | BadItem {
  const item = isFields(value) ? value : {}
  const [info, order, texts] = [
    fieldsAt(item, 'aftersale_info'),
    fieldsAt(item, 'order_info'),
    fieldsAt(item, 'text_part'),
  ]
  const sku = firstOf(order, 'related_order_info')
  const doubts: Doubts = []
  return refundOf(info, doubts, {
    refundId: idAt(info, 'aftersale_id'),
    tid: idAt(order, 'shop_order_id'),
    oid: idAt(sku, 'sku_order_id'),
    type: textAt(info, 'aftersale_type', 8),
    platformStatus: textAt(info, 'aftersale_status', 8),
    amountFen: amountOf(info, 'refund_amount', doubts),
    quantity: quantityOf(info, 'aftersale_num', doubts),
    reason: textAt(texts, 'reason_text', longest.title),
    description: '',
    carrier: textAt(info, 'return_logistics_company_name', longest.name),
    waybillNo: textAt(info, 'return_logistics_code', longest.word),
    ...goodsFacts(sku),
  })
}

/** Parses the data of a detail. Never throws. */
export function parseDetail(data: Fields): Refund | BadItem {
  const process = fieldsAt(data, 'process_info')
  const [info, order] = [fieldsAt(process, 'after_sale_info'), fieldsAt(data, 'order_info')]
  const back = fieldsAt(fieldsAt(process, 'logistics_info'), 'return')
  const sku = firstOf(order, 'sku_order_infos')
  const doubts: Doubts = []
  return refundOf(info, doubts, {
    refundId: idAt(info, 'after_sale_id'),
    tid: idAt(order, 'shop_order_id'),
    oid: idAt(sku, 'sku_order_id'),
    type: textAt(info, 'after_sale_type', 8),
    platformStatus: textAt(info, 'after_sale_status', 8),
    amountFen: amountOf(info, 'refund_total_amount', doubts),
    quantity: quantityOf(info, 'after_sale_apply_count', doubts),
    reason: textAt(info, 'reason', longest.title),
    description: textAt(info, 'reason_remark', longest.text),
    carrier: textAt(back, 'company_name', longest.name),
    waybillNo: textAt(back, 'tracking_no', longest.word),
    ...goodsFacts(sku),
  })
}

/** The line of the refund; nothing if it is of several lines. */
function firstOf(order: Fields, list: string): Fields {
  const skus = listAt(order, list, '').filter(isFields)
  return skus.length === 1 ? (skus[0] ?? {}) : {}
}

const goodsFacts = (sku: Fields) => ({
  title: textAt(sku, 'product_name', longest.title),
  spec: listAt(sku, 'sku_spec', '')
    .filter(isFields)
    .map((one) => textAt(one, 'value', longest.name).trim())
    .filter(Boolean)
    .join(' / ')
    .slice(0, longest.title)
    .toWellFormed(),
  outerId: textAt(sku, 'shop_sku_code', longest.name),
})

function amountOf(info: Fields, key: string, doubts: Doubts): number {
  const fen = wholeFenAt(info, key, { doubts, as: 'refund_amount' })
  if (isMissing(info[key])) note(doubts, 'refund_amount', '', { guess: yuanFromFen(0) })
  return fen ?? 0
}

function quantityOf(info: Fields, key: string, doubts: Doubts): number {
  const noted: Doubts = []
  const pieces = wholeOrNote(info, key, { min: 0, max: 1_000_000, instead: 0, doubts: noted })
  for (const { raw, guess } of noted) note(doubts, 'num', raw, { guess })
  return pieces
}

type Own = Pick<
  Refund,
  | 'refundId'
  | 'tid'
  | 'oid'
  | 'platformStatus'
  | 'amountFen'
  | 'quantity'
  | 'title'
  | 'spec'
  | 'outerId'
  | 'reason'
  | 'description'
  | 'carrier'
  | 'waybillNo'
> & { type: string }

/** Reads what list and detail name alike. */
function refundOf(info: Fields, doubts: Doubts, { type, ...own }: Own): Refund | BadItem {
  const { refundId, tid, platformStatus } = own
  const modifiedAt = instantAt(info, 'update_time', { doubts, as: 'modified' })
  const reason = !refundId ? 'no number' : !tid ? 'no shop_order_id' : modifiedAt ? '' : 'no update_time'
  if (reason || !modifiedAt) return { kind: 'bad', id: refundId || null, reason, raw: '' }
  const refundKind = entryOf(refundKindOf, type) ?? 'other'
  const goodsReceived = goodsOf(info, refundKind, own.waybillNo)
  const refund: Refund = {
    ...own,
    kind: 'refund',
    refundKind,
    // Type 2 is a refund before shipping. A buyer without the goods is still in the sale.
    phase: refundKind === 'refund_only' && goodsReceived !== 'received' ? 'onsale' : 'aftersale',
    status: refundStatusOf(platformStatus, textAt(info, 'refund_status', 8)),
    // afterSale/operate compares it: an after-sale that has changed since is not touched.
    version: textAt(info, 'update_time', longest.word),
    goodsReceived,
    createdAt: instantAt(info, 'apply_time', { doubts, as: 'created' }) ?? modifiedAt,
    modifiedAt,
    deadline: instantAt(info, 'status_deadline'),
    buyerNick: '',
    constraint: '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

function goodsOf(info: Fields, kind: Refund['refundKind'], waybillNo: string): Refund['goodsReceived'] {
  if (kind === 'return' && waybillNo !== '') return 'returned'
  const received = textAt(info, 'got_pkg', 8)
  return received === '1' ? 'received' : received === '0' ? 'not_received' : 'unknown'
}
