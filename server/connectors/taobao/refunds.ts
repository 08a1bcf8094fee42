import type { BadItem, Call, Refund, RefundDetail, RefundPage, RefundPhase, RefundRef } from '../connector.ts'
import {
  amountAt,
  type Doubts,
  entryOf,
  type Fields,
  fieldsAt,
  idAt,
  isFields,
  isMissing,
  isTrueAt,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  timeAt,
  wholeOrNote,
  wordAt,
} from '../fields.ts'
import type { Page, Window } from '../lists.ts'
import { callTop } from './client.ts'
import { refundKindOf, refundStatusOf, tradeTypeOf } from './statuses.ts'
import { specOf } from './trade.ts'
import { documentOf, foundOr, pageParams, secondsOf, totalOf, unwrap } from './trades.ts'

const listFields = [
  'refund_id',
  'tid',
  'oid',
  'status',
  'order_status',
  'dispute_type',
  'has_good_return',
  'good_status',
  'refund_fee',
  'num',
  'title',
  'sku',
  'outer_id',
  'reason',
  'desc',
  'company_name',
  'sid',
  'refund_phase',
  'refund_version',
  'operation_contraint',
  'created',
  'modified',
  'buyer_nick',
]
/** Only the detail has the deadline. */
const detailFields = [...listFields, 'refund_remind_timeout'].join(',')

/** taobao.refunds.receive.get: by modified time, newest first. Every trade type is requested, as for the trade list. */
export async function listChanged(call: Call, window: Window, page: Page): Promise<RefundPage> {
  const [from, to] = secondsOf(window)
  const { body } = await callTop(call, 'taobao.refunds.receive.get', {
    ...pageParams(page),
    start_modified: from,
    end_modified: to,
    fields: page.mode === 'count' ? 'refund_id' : listFields.join(','),
    type: Object.keys(tradeTypeOf).join(','),
    status: statusFilter(window.status ?? ''),
  })
  if (page.mode === 'count') return { total: totalOf(body), items: [], hasNext: false }
  const items = listAt(body, 'refunds', 'refund').map((value) => {
    const raw = rawOf(value)
    const refund = parseRefund(value, raw)
    return 'kind' in refund ? refund : { ...refund.refund, raw }
  })
  return { items, hasNext: isTrueAt(body, 'has_next') }
}

/**
 * Returns the list's filter for our status. TOP accepts one of its statuses or none. If several have our status, the filter is empty: the
 * answer has more refunds, but none is missing.
 */
function statusFilter(status: string): string {
  const names = Object.keys(refundStatusOf).filter((name) => refundStatusOf[name] === status)
  if (names.length === 1) return names[0] ?? ''
  return names.length > 1 || status === 'unknown' ? '' : status
}

/** taobao.refund.get; undefined if the refund does not exist. */
export async function refundDetail(call: Call, refund: RefundRef): Promise<RefundDetail | undefined> {
  const answer = await foundOr(() =>
    callTop(call, 'taobao.refund.get', { fields: detailFields, refund_id: refund.refundId }),
  )
  return answer && parseRefund(documentOf(answer, 'refund'), answer.text)
}

/** Parses the `jdp_response` of a pushed refund. It equals the answer of refund.get. */
export function parsePushedRefund(payload: string): RefundDetail {
  return parseRefund(unwrap(payload, 'refund_get_response', 'refund'), payload)
}

/** True for a refund that may have a deadline, because only the detail gives it. For all others the list is complete. */
export function needsDetailFor(refund: Refund): boolean {
  return (
    refund.status === 'applied' ||
    refund.status === 'agreed' ||
    refund.status === 'refused' ||
    refund.status === 'unknown'
  )
}

/** Parses one refund of TOP. Never throws; a refund without number, trade or any time is parked. */
export function parseRefund(value: unknown, raw: string): { refund: Refund; raw: string } | BadItem {
  const fields = isFields(value) ? value : {}
  const refundId = idAt(fields, 'refund_id')
  const tid = idAt(fields, 'tid')
  const version = textAt(fields, 'refund_version', longest.word)
  const doubts: Doubts = []
  const createdAt = timeAt(fields, 'created', doubts)
  const modifiedAt = timeAt(fields, 'modified', doubts) ?? versionTime(version) ?? createdAt
  const reason = !refundId ? 'no refund id' : !tid ? 'no tid' : modifiedAt ? '' : 'no modified time'
  if (reason || !modifiedAt) return { kind: 'bad', id: refundId || null, reason, raw }
  const platformStatus = wordAt(fields, 'status')
  const amountFen = amountAt(fields, 'refund_fee', doubts)
  if (isMissing(fields.refund_fee)) note(doubts, 'refund_fee', '', { guess: '0.00' })
  const oid = idAt(fields, 'oid')
  // An empty or zero oid means the whole trade. An unreadable oid is read as that too, so it becomes a doubt.
  if (oid === '' && !isMissing(fields.oid) && Number(fields.oid) !== 0) note(doubts, 'oid', fields.oid)
  const refund: Refund = {
    kind: 'refund',
    refundId,
    tid,
    // Number of the refunded line; for a trade with one line it is the trade's number. Empty: the refund is for the whole trade.
    oid,
    refundKind: kindOf(fields),
    phase: phaseOf(fields),
    status: entryOf(refundStatusOf, platformStatus) ?? 'unknown',
    platformStatus,
    version,
    amountFen,
    quantity: wholeOrNote(fields, 'num', { min: 0, max: 1_000_000, instead: 0, doubts }),
    title: textAt(fields, 'title', longest.title),
    spec: skuSpec(textAt(fields, 'sku', longest.title)),
    outerId: textAt(fields, 'outer_id', longest.name),
    reason: textAt(fields, 'reason', longest.title),
    description: textAt(fields, 'desc', longest.text),
    goodsReceived: entryOf(goodsOf, wordAt(fields, 'good_status')) ?? 'unknown',
    carrier: textAt(fields, 'company_name', longest.name),
    waybillNo: textAt(fields, 'sid', longest.word),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    deadline: deadlineOf(fieldsAt(fields, 'refund_remind_timeout')),
    buyerNick: textAt(fields, 'buyer_nick', longest.name),
    constraint: wordAt(fields, 'operation_contraint'),
  }
  return { refund: doubts.length === 0 ? refund : { ...refund, doubts }, raw }
}

const goodsOf: Readonly<Record<string, Refund['goodsReceived']>> = {
  BUYER_NOT_RECEIVED: 'not_received',
  BUYER_RECEIVED: 'received',
  BUYER_RETURNED_GOODS: 'returned',
}

/** Returns the kind of refund. Older answers have no dispute_type; then has_good_return decides between a return and a refund without return. */
function kindOf(fields: Fields): Refund['refundKind'] {
  const type = wordAt(fields, 'dispute_type')
  if (type !== '') return entryOf(refundKindOf, type) ?? 'other'
  return isTrueAt(fields, 'has_good_return') ? 'return' : 'refund_only'
}

function phaseOf(fields: Fields): RefundPhase {
  const phase = wordAt(fields, 'refund_phase')
  if (phase === 'onsale' || phase === 'aftersale') return phase
  return wordAt(fields, 'order_status') === 'TRADE_FINISHED' ? 'aftersale' : 'onsale'
}

/** Returns the spec of a refund's SKU: "30004447689|颜色分类:军绿色;尺码:XS" → "军绿色 / XS" */
function skuSpec(sku: string): string {
  return specOf(sku.slice(sku.indexOf('|') + 1))
}

function deadlineOf(timeout: Fields): Date | null {
  return isTrueAt(timeout, 'exist_timeout') ? timeAt(timeout, 'timeout') : null
}

/** Reads refund_version as a time in milliseconds; null for any other form. */
function versionTime(version: string): Date | null {
  return /^1\d{12}$/.test(version) ? new Date(Number(version)) : null
}
