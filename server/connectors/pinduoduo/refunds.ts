import { secondMs } from '../../lib/time.ts'
import type { BadItem, Call, Refund, RefundDetail, RefundPage, RefundRef } from '../connector.ts'
import { ifThere, refundWith } from '../documents.ts'
import {
  amountAt,
  type Doubts,
  type Fields,
  fieldsAt,
  idAt,
  isFields,
  isMissing,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  timeAt,
  wholeAt,
  wholeOrNote,
} from '../fields.ts'
import type { Page, Window } from '../lists.ts'
import { callPop } from './client.ts'
import { isNotFound } from './errors.ts'
import { refundKindOf, refundStatusOf } from './statuses.ts'
import { secondsOf, totalOf } from './trades.ts'

/**
 * pdd.refund.list.increment.get, with windows up to 30 minutes. The value 1 asks for every status and every type. The answer has no
 * has_next.
 */
export async function listChanged(call: Call, window: Window, page: Page): Promise<RefundPage> {
  const isCount = page.mode === 'count'
  const { body } = await callPop(call, 'pdd.refund.list.increment.get', {
    ...secondsOf(window),
    after_sales_status: statusFilter(window.status ?? ''),
    after_sales_type: '1',
    page: String(isCount ? 1 : page.number),
    page_size: String(isCount ? 1 : page.size),
  })
  const list = fieldsAt(body, 'refund_increment_get_response')
  const total = totalOf(list)
  if (isCount) return { total, items: [], hasNext: false }
  const items = listAt(list, 'refund_list', '').map((value) => ({ ...parseListed(value), raw: rawOf(value) }))
  return { items, hasNext: page.number * page.size < total }
}

/** Returns the list's filter for our status. POP accepts one number or all; if several numbers have our status, all are requested. */
function statusFilter(status: string): string {
  const numbers = [...refundStatusOf].filter(([, word]) => word === status).map(([number]) => number)
  return numbers.length === 1 ? String(numbers[0]) : '1'
}

/** Parses a refund of the list. It is complete except for its deadline, which only the detail has. Never throws. */
export function parseListed(value: unknown): Refund | BadItem {
  const fields = isFields(value) ? value : {}
  const modifiedAt = moment(fields, 'updated_time')
  const doubts: Doubts = []
  const amountFen = amountAt(fields, 'refund_amount', doubts)
  if (isMissing(fields.refund_amount)) note(doubts, 'refund_amount', '', { guess: '0.00' })
  const refundKind = refundKindOf.get(wholeAt(fields, 'after_sales_type', 0, 99) ?? 0) ?? 'other'
  return refundOf(fields, modifiedAt, doubts, {
    refundKind,
    amountFen,
    version: textAt(fields, 'updated_time', longest.word),
    title: textAt(fields, 'goods_name', longest.title),
    outerId: textAt(fields, 'outer_id', longest.name) || textAt(fields, 'outer_goods_id', longest.name),
    reason: textAt(fields, 'after_sale_reason', longest.title),
    description: '',
    goodsReceived: goodsOf(fields, refundKind),
    // Without a return, the waybill is that of our own parcel, so it is not used.
    carrier: refundKind === 'return' ? textAt(fields, 'shipping_name', longest.name) : '',
    waybillNo: refundKind === 'return' ? textAt(fields, 'tracking_number', longest.word) : '',
    createdAt: moment(fields, 'created_time'),
    deadline: null,
  })
}

/** True for a refund that may wait for the seller: only its detail says until when. */
export const needsDeadlineFor = ({ status }: Refund): boolean => status === 'applied' || status === 'agreed'

/**
 * pdd.refund.information.get. Amounts are in 分, times in UNIX seconds, types count from 1. The detail has the deadline of a refund that
 * waits for the seller, but no modified time. The time of application is used instead, so a stored version of the list counts as newer.
 */
export async function refundDetail(call: Call, refund: RefundRef): Promise<RefundDetail | undefined> {
  return ifThere(isNotFound, async () => {
    const { body, text } = await callPop(call, 'pdd.refund.information.get', {
      order_sn: refund.tid,
      after_sales_id: refund.refundId,
    })
    const detail = parseDetail(body)
    return refundWith(detail, text)
  })
}

export function parseDetail(fields: Fields): Refund | BadItem {
  const appliedAt = moment(fields, 'recreated_at')
  const type = wholeAt(fields, 'after_sales_type', 0, 99)
  const refundKind = (type === null ? undefined : refundKindOf.get(type + 1)) ?? 'other'
  const doubts: Doubts = []
  const amountFen = wholeAt(fields, 'refund_amount', 0, 1e12)
  if (amountFen === null) note(doubts, 'refund_amount', fields.refund_amount, { guess: '0.00' })
  return refundOf(fields, appliedAt, doubts, {
    refundKind,
    amountFen: amountFen ?? 0,
    version: '',
    title: '',
    outerId: '',
    reason: textAt(fields, 'after_sales_reason', longest.title),
    description: textAt(fields, 'remark', longest.text),
    goodsReceived: goodsOf(fields, refundKind),
    carrier: textAt(fields, 'shipping_name', longest.name),
    waybillNo: textAt(fields, 'express_no', longest.word),
    createdAt: appliedAt,
    deadline: moment(fields, 'expire_time'),
  })
}

type Own = Pick<
  Refund,
  | 'refundKind'
  | 'amountFen'
  | 'version'
  | 'title'
  | 'outerId'
  | 'reason'
  | 'description'
  | 'goodsReceived'
  | 'carrier'
  | 'waybillNo'
  | 'deadline'
> & { createdAt: Date | null }

function refundOf(fields: Fields, modifiedAt: Date | null, doubts: Doubts, own: Own): Refund | BadItem {
  const refundId = idAt(fields, 'id')
  const tid = idAt(fields, 'order_sn')
  const reason = !refundId ? 'no refund id' : !tid ? 'no order_sn' : modifiedAt ? '' : 'no modified time'
  if (reason || !modifiedAt) return { kind: 'bad', id: refundId || null, reason, raw: '' }
  const status = wholeAt(fields, 'after_sales_status', 0, 999)
  const refund: Refund = {
    ...own,
    kind: 'refund',
    refundId,
    tid,
    // On this platform an order has one product, so a refund is always for the whole order.
    oid: '',
    // POP has no phases. A refund with return, or of received goods, counts as `aftersale`, because the goods were delivered.
    phase: own.refundKind === 'refund_only' && own.goodsReceived !== 'received' ? 'onsale' : 'aftersale',
    status: (status === null ? undefined : refundStatusOf.get(status)) ?? 'unknown',
    platformStatus: textAt(fields, 'after_sales_status', longest.word),
    quantity: wholeOrNote(fields, 'goods_number', { min: 0, max: 1_000_000, instead: 0, doubts }),
    spec: '',
    createdAt: own.createdAt ?? modifiedAt,
    modifiedAt,
    buyerNick: '',
    constraint: '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

/** user_shipping_status, according to the buyer: 1 not received, 2 received. A return with a waybill counts as returned. */
function goodsOf(fields: Fields, kind: Refund['refundKind']): Refund['goodsReceived'] {
  const parcel = textAt(fields, 'tracking_number', longest.word) || textAt(fields, 'express_no', longest.word)
  if (kind === 'return' && parcel !== '') return 'returned'
  const status = textAt(fields, 'user_shipping_status', 8)
  return status === '1' ? 'not_received' : status === '2' ? 'received' : 'unknown'
}

/** Reads "2018-04-10 17:03:29" or UNIX seconds; the documentation shows both. */
function moment(fields: Fields, name: string): Date | null {
  const seconds = wholeAt(fields, name, 1e9, 1e10)
  return seconds === null ? timeAt(fields, name) : new Date(seconds * secondMs)
}
