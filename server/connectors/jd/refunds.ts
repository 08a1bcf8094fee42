import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { dayMs } from '../../lib/time.ts'
import type { RefundBrief } from '../asking.ts'
import type {
  BadItem,
  Call,
  ListedRefund,
  Refund,
  RefundDetail,
  RefundItem,
  RefundRef,
} from '../connector.ts'
import { anyRejection, ifThere, refundWith } from '../documents.ts'
import {
  type Doubts,
  type Fields,
  idAt,
  isFields,
  isMissing,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
  wordAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { type ChainAt, type ChainedPage, type Window, windowTooWide } from '../lists.ts'
import { askJd, type Params } from './client.ts'
import { digitsOf, momentAt } from './fields.ts'
import { refundPages, spanOf } from './lists.ts'
import { locked, refundStatusOf, withdrawn } from './statuses.ts'
import { orderOf } from './trades.ts'

const method = 'jingdong.pop.afs.soa.refundapply.queryPageList'

/**
 * The list filters by the time at which the buyer applied and by that of its answer, and by no time of change. An application that was
 * taken back has neither in the window, so those of the last days are read with each window.
 */
const withdrawnMs = 10 * dayMs

type Span = { from: string; to: string }
/** The lists that a window is read from. A row that the first one has is left out of the others. */
const lists: readonly ((span: Span, earlier: Span) => Params)[] = [
  ({ from, to }) => ({ applyTimeStart: from, applyTimeEnd: to }),
  ({ from, to }) => ({ checkTimeStart: from, checkTimeEnd: to }),
  ({ to }, earlier) => ({ status: withdrawn, applyTimeStart: earlier.from, applyTimeEnd: to }),
]

/** A page joins the pages with its number, of each list that has one. The next page is named by its number and the lists that have it. */
export async function listChanged(
  call: Call,
  window: Window,
  { after, size }: ChainAt,
): Promise<ChainedPage<RefundItem>> {
  const span = spanOf(call, window)
  const earlier = spanOf(call, { ...window, from: new Date(window.from.getTime() - withdrawnMs) })
  if (!span || !earlier) return { items: [], next: null }
  const [page = 1, ...asked] = after === null ? [1, 0, 1, 2] : after.split(' ').map(Number)
  const items: RefundItem[] = []
  const longer: number[] = []
  for (const place of asked) {
    const filter = lists[place]?.(span, earlier)
    if (!filter) continue
    const { rows, total } = await pageOf(call, filter, { page, size })
    items.push(...rows.filter((row) => place === 0 || !isApplied(row, span)).map(listedOf))
    if (page * size < total) longer.push(place)
  }
  if (page < refundPages) return { items, next: longer.length > 0 ? [page + 1, ...longer].join(' ') : null }
  // A shorter window does not shorten the last list, whose oldest rows were read with the windows before.
  if (longer.some((place) => place < lists.length - 1))
    throw new PlatformError('rejected', windowTooWide, 'The window has more rows than the pages reach.')
  return { items, next: null }
}

/** Times of one form are compared as texts. */
function isApplied(row: unknown, { from, to }: Span): boolean {
  const at = isFields(row) ? textAt(row, 'applyTime', longest.word) : ''
  return at >= from && at <= to
}

async function pageOf(
  call: Call,
  filter: Params,
  { page, size }: { page: number; size: number },
): Promise<{ rows: readonly unknown[]; total: number }> {
  const params = { ...filter, pageIndex: String(page), pageSize: String(size) }
  const { result } = await askJd(call, method, params, 'queryResult')
  const total = needed(wholeAt(result, 'totalCount', 0, Number.MAX_SAFE_INTEGER), 'totalCount')
  const rows = Array.isArray(result.result) ? result.result : []
  if (rows.length === 0 && (page - 1) * size < total) needed(null, 'rows')
  return { rows, total }
}

function listedOf(value: unknown): ListedRefund | BadItem {
  const raw = rawOf(value)
  return { ...parseRefund(isFields(value) ? value : {}), raw }
}

/** The application by its number, with the goods of its order; undefined if the shop has no such application. */
export async function refundDetail(
  call: Call,
  { refundId }: Pick<RefundRef, 'refundId'>,
): Promise<RefundDetail | undefined> {
  const row = await applicationOf(call, refundId)
  if (!row) return undefined
  return refundWith(parseRefund(row, await goodsOf(call, idAt(row, 'orderId'))), rawOf(row))
}

/** The application as the platform answers it. */
export async function applicationOf(call: Call, refundId: string): Promise<Fields | undefined> {
  const { rows } = await pageOf(call, { ids: digitsOf(refundId) }, { page: 1, size: 1 })
  return rows.filter(isFields).find((row) => idAt(row, 'id') === refundId)
}

/** The goods of the order; nothing if the platform does not show it. An application is not lost for that: it stops its order. */
async function goodsOf(call: Call, tid: string): Promise<readonly Fields[] | undefined> {
  if (!/^\d{1,20}$/.test(tid)) return undefined
  const order = await ifThere(anyRejection, async () => (await orderOf(call, tid)).order)
  return order && listAt(order, 'itemInfoList', '').filter(isFields)
}

/** Asks whether an order has applications. The order itself is asked for first, because the list is empty for an unknown order. */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  const { order } = await orderOf(call, tid)
  const { rows } = await pageOf(call, { orderId: digitsOf(tid) }, { page: 1, size: 50 })
  const briefs = rows.map((row): RefundBrief => {
    const refundId = isFields(row) ? idAt(row, 'id') : ''
    if (!isFields(row) || refundId === '')
      throw new PlatformError('retry', 'bad_answer', 'An application of the order has no number.')
    return { refundId, oid: '', status: refundStatusOf(wordAt(row, 'status')) }
  })
  if (wordAt(order, 'orderState') === locked && !briefs.some(({ status }) => status === 'applied'))
    throw new PlatformError('retry', 'bad_answer', 'The order is locked, and no application is named.')
  return briefs
}

/** Parses an application to cancel a whole order before it has left. `goods`: of the order. Never throws. */
export function parseRefund(row: Fields, goods?: readonly Fields[]): Refund | BadItem {
  const [refundId, tid] = [idAt(row, 'id'), idAt(row, 'orderId')]
  const doubts: Doubts = []
  const createdAt = momentAt(row, 'applyTime', { doubts, as: 'created' })
  const modifiedAt =
    momentAt(row, 'modified', { doubts, as: 'modified' }) ?? momentAt(row, 'checkTime') ?? createdAt
  const reason = !refundId ? 'no id' : !tid ? 'no orderId' : modifiedAt ? '' : 'no applyTime'
  if (reason || !modifiedAt) return { kind: 'bad', id: refundId || null, reason, raw: '' }
  const platformStatus = wordAt(row, 'status')
  const amount = fenIn(row, doubts)
  // The goods are named only if they are of one kind: otherwise the pieces of all would be shown as pieces of the first.
  const [only = {}] = goods?.length === 1 ? goods : []
  const pieces = goods?.map((item) => wholeAt(item, 'itemTotal', 1, 1_000_000))
  if (pieces && (pieces.length === 0 || pieces.includes(null))) note(doubts, 'num', '', { guess: '0' })
  const refund: Refund = {
    kind: 'refund',
    refundId,
    tid,
    oid: '',
    refundKind: 'refund_only',
    phase: 'onsale',
    status: refundStatusOf(platformStatus),
    platformStatus,
    version: textAt(row, 'modified', longest.word) || textAt(row, 'checkTime', longest.word),
    amountFen: amount,
    quantity: Math.min(pieces?.reduce<number>((sum, one) => sum + (one ?? 0), 0) ?? 0, 1_000_000),
    title: textAt(only, 'skuName', longest.title),
    spec: '',
    outerId: textAt(only, 'outerSkuId', longest.name),
    reason: textAt(row, 'reason', longest.title),
    description: '',
    goodsReceived: 'not_received',
    carrier: '',
    waybillNo: '',
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    deadline: null,
    buyerNick: textAt(row, 'buyerId', longest.name),
    constraint: '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

/** applyRefundSum is in 分, sometimes with a point and zeros behind it. */
function fenIn(row: Fields, doubts: Doubts): number {
  const value = row.applyRefundSum
  const text = textAt(row, 'applyRefundSum', longest.word).replace(/\.0*$/, '')
  const fen = isMissing(value) ? null : wholeAt({ text }, 'text', 0, 1e12)
  if (fen === null) note(doubts, 'refund_amount', value, { guess: yuanFromFen(0) })
  return fen ?? 0
}
