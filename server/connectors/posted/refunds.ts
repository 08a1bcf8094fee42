import { PlatformError } from '../../lib/platform-error.ts'
import type { RefundBrief } from '../asking.ts'
import type { BadItem, Call, Refund, RefundDetail, RefundItem, RefundKind, RefundRef } from '../connector.ts'
import { refundWith } from '../documents.ts'
import { type Doubts, fieldsOf, idAt, longest, note, textAt, wholeAt, wholeFenAt } from '../fields.ts'
import type { GivenBack } from '../given-back.ts'
import { type ListPage, type Page, rowsAfter, type Window } from '../lists.ts'
import { booksOf } from './books.ts'
import { instantIn } from './fields.ts'
import { refundKindOf, refundStatusOf } from './statuses.ts'

/** The refunds of which a version came in the window, by their numbers. */
export async function listChanged(call: Call, window: Window, page: Page): Promise<ListPage<RefundItem>> {
  const { total, numbers } = await booksOf(call).received('refund', window, page)
  if (page.mode === 'count') return { total, items: [], hasNext: false }
  const items = numbers.map((refundId): RefundItem => ({ kind: 'id', refundId }))
  return { items, hasNext: rowsAfter(total, numbers, page) }
}

export async function refundDetail(
  call: Call,
  { refundId }: Pick<RefundRef, 'refundId'>,
): Promise<RefundDetail | undefined> {
  const text = await booksOf(call).document('refund', refundId)
  return text === undefined ? undefined : refundWith(parseRefund(text), text)
}

/** The refunds of a trade, the one that changed last at the end. One that cannot be read counts as open, because goods must not leave for it. */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  return (await booksOf(call).refundsOf(tid)).map(briefOf)
}

/** A refund as the lines of its trade show it, with its money and pieces. No pieces: the mall does not say how many. */
export type LineRefundFacts = RefundBrief & GivenBack

/**
 * The refunds of a trade as its lines show them. Money alone says nothing of a line, and after an exchange, a parcel sent once more or a repair its goods are
 * shipped as they were ordered.
 */
export async function lineRefundsOf(call: Call, tid: string): Promise<LineRefundFacts[]> {
  return (await booksOf(call).refundsOf(tid)).flatMap((posted) => {
    const [brief, refund] = [briefOf(posted), parseRefund(posted)]
    if (refund.kind === 'bad') return [{ ...brief, fen: 0, pieces: 0 }]
    if (refund.refundKind === 'money_only') return []
    const back = { fen: refund.amountFen, pieces: refund.quantity }
    const isOver = brief.status === 'succeeded' && paysNothing.includes(refund.refundKind)
    return [{ ...brief, ...(isOver ? { status: 'closed' } : {}), ...back }]
  })
}

const paysNothing: readonly RefundKind[] = ['exchange', 'reship', 'repair']

export function briefOf(posted: string): RefundBrief {
  const refund = parseRefund(posted)
  if (refund.kind === 'bad') return { refundId: refund.id ?? '', oid: '', status: 'applied' }
  const { refundId, oid, status } = refund
  return { refundId, oid, status }
}

/** Asks whether a trade has refunds. One that was never posted has none that we know of, so it is not called free of them. */
export async function askRefunds(call: Call, tid: string): Promise<RefundBrief[]> {
  const refunds = await refundsOfTrade(call, tid)
  if (refunds.length === 0 && (await booksOf(call).document('trade', tid)) === undefined)
    throw new PlatformError('rejected', 'trade_not_found', 'The mall has posted no such trade.')
  return refunds
}

/** Parses a refund as it was posted. Never throws. */
export function parseRefund(raw: string): Refund | BadItem {
  const posted = fieldsOf(raw) ?? {}
  const [refundId, tid] = [idAt(posted, 'refundId'), idAt(posted, 'tid')]
  const modifiedAt = instantIn(posted, 'modifiedAt')
  if (!refundId || !tid || !modifiedAt)
    return {
      kind: 'bad',
      id: refundId || null,
      reason: !refundId ? 'no refundId' : !tid ? 'no tid' : 'no modifiedAt',
      raw,
    }
  const doubts: Doubts = []
  const amount = wholeFenAt(posted, 'amountFen', { doubts, as: 'refund_amount' })
  if (amount === null) note(doubts, 'refund_amount', posted.amountFen, { guess: '0.00' })
  const platformStatus = textAt(posted, 'status', longest.word)
  return {
    kind: 'refund',
    refundId,
    tid,
    oid: idAt(posted, 'oid'),
    refundKind: refundKindOf(textAt(posted, 'kind', longest.word)),
    phase: textAt(posted, 'phase', longest.word) === 'aftersale' ? 'aftersale' : 'onsale',
    status: refundStatusOf(platformStatus),
    platformStatus,
    version: String(modifiedAt.getTime()),
    amountFen: amount ?? 0,
    quantity: wholeAt(posted, 'quantity', 0, 1_000_000) ?? 0,
    title: textAt(posted, 'title', longest.title),
    spec: '',
    outerId: '',
    reason: textAt(posted, 'reason', longest.name),
    description: textAt(posted, 'description', longest.text),
    goodsReceived: goodsOf(textAt(posted, 'goodsReceived', longest.word)),
    carrier: textAt(posted, 'courier', longest.name),
    waybillNo: textAt(posted, 'waybillNo', longest.word),
    createdAt: instantIn(posted, 'createdAt') ?? modifiedAt,
    modifiedAt,
    deadline: instantIn(posted, 'deadline'),
    buyerNick: textAt(posted, 'buyerNick', longest.name),
    constraint: '',
    ...(doubts.length === 0 ? {} : { doubts }),
  }
}

function goodsOf(word: string): Refund['goodsReceived'] {
  return word === 'not_received' || word === 'received' || word === 'returned' ? word : 'unknown'
}
