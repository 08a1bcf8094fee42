import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { RefundBrief } from '../asking.ts'
import type { BadItem, Call, Refund, RefundDetail, RefundRef } from '../connector.ts'
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
import { digitsOf, needed } from '../gateway.ts'
import { askJd, type Params } from './client.ts'
import { momentAt } from './fields.ts'
import { isService, type RowsOfPage, serviceDetail } from './services.ts'
import { isClosed, locked, refundStatusOf } from './statuses.ts'
import { orderOf } from './trades.ts'

const method = 'jingdong.pop.afs.soa.refundapply.queryPageList'

/** A page of applications. */
export async function applicationPage(
  call: Call,
  filter: Params,
  { page, size }: { page: number; size: number },
): Promise<RowsOfPage> {
  const params = { ...filter, pageIndex: String(page), pageSize: String(size) }
  const { result } = await askJd(call, method, params, 'queryResult')
  const total = needed(wholeAt(result, 'totalCount', 0, Number.MAX_SAFE_INTEGER), 'totalCount')
  const rows = Array.isArray(result.result) ? result.result : []
  if (rows.length === 0 && (page - 1) * size < total) needed(null, 'rows')
  return { rows, total }
}

/** The application by its number, with the goods of its order, or the service order; undefined if the shop has none. */
export async function refundDetail(
  call: Call,
  { refundId, tid = '' }: Pick<RefundRef, 'refundId'> & { tid?: string },
): Promise<RefundDetail | undefined> {
  if (isService(refundId)) return serviceDetail(call, { refundId, tid })
  const row = await applicationOf(call, refundId)
  if (!row) return undefined
  return refundWith(parseRefund(row, await goodsOf(call, idAt(row, 'orderId'))), rawOf(row))
}

/** The application as the platform answers it. */
export async function applicationOf(call: Call, refundId: string): Promise<Fields | undefined> {
  const { rows } = await applicationPage(call, { ids: digitsOf(refundId) }, { page: 1, size: 1 })
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
  const { rows } = await applicationPage(call, { orderId: digitsOf(tid) }, { page: 1, size: 50 })
  const briefs = rows.map((row): RefundBrief => {
    const refundId = isFields(row) ? idAt(row, 'id') : ''
    if (!isFields(row) || refundId === '')
      throw new PlatformError('retry', 'bad_answer', 'An application of the order has no number.')
    return { refundId, oid: '', status: refundStatusOf(wordAt(row, 'status')) }
  })
  if (wordAt(order, 'orderState') === locked && !briefs.some(({ status }) => status === 'applied'))
    throw new PlatformError('retry', 'bad_answer', 'The order is locked, and no application is named.')
  if (isClosed(wordAt(order, 'orderState')) && briefs.every(({ status }) => isOver(status)))
    throw new PlatformError('retry', 'bad_answer', 'The order is closed, and no application says why.')
  return briefs
}

const isOver = (status: Refund['status']): boolean => status === 'closed' || status === 'refused'

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
