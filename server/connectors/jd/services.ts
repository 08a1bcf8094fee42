import { yuanFromFen } from '../../lib/money.ts'
import type { BadItem, Call, Refund, RefundDetail, RefundItem, RefundKind } from '../connector.ts'
import { refundWith } from '../documents.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  fieldsIn,
  fieldsOf,
  idAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
  wordAt,
  yuanAt,
} from '../fields.ts'
import { digitsOf, needed } from '../gateway.ts'
import { askJd, type Params } from './client.ts'
import { instantOrMoment } from './fields.ts'
import { venderOf } from './oauth.ts'
import { kindOfService, moneyPaid, serviceStates, serviceStatusOf } from './statuses.ts'
import { isSentBack, operatePin } from './unverified.ts'

// 售后服务单: what a buyer asks for after the order has left. Applications to cancel have numbers of their own, so these have an S before theirs.

export const isService = (refundId: string): boolean => /^S\d{1,20}$/.test(refundId)
const refundIdOf = (serviceId: string): string => `S${serviceId}`

export type RowsOfPage = { rows: readonly unknown[]; total: number }

/** Makes a call of asc.*, which names the shop and who asks. `name`: of the business object. */
export async function askAsc(call: Call, method: string, params: Params, name: string): Promise<Fields> {
  const asker = { buId: await venderOf(call), operatePin, operateNick: '商家' }
  const { result } = await askJd(call, `jingdong.asc.${method}`, { ...asker, ...params }, name)
  return result
}

/** jingdong.asc.sync.list: the service orders by the time of their change, or of the change of their parcels. */
export const changedServices = async (call: Call, filter: Params, page: PageOf): Promise<RowsOfPage> =>
  rowsIn(await askAsc(call, 'sync.list', { ...filter, ...numberOf(page) }, 'pageResult'), page)

/** jingdong.asc.serviceAndRefund.view: the money of service orders, by the time at which they were answered. */
export async function paidServices(call: Call, filter: Params, page: PageOf): Promise<RowsOfPage> {
  const params = { ...filter, ...numberOf(page) }
  const { result } = await askJd(call, 'jingdong.asc.serviceAndRefund.view', params, 'pageResult')
  return rowsIn(result, page)
}

type PageOf = { page: number; size: number }

const numberOf = ({ page, size }: PageOf) => ({ pageNumber: String(page), pageSize: String(size) })

function rowsIn(result: Fields, { page, size }: PageOf): RowsOfPage {
  const total = needed(wholeAt(result, 'totalCount', 0, Number.MAX_SAFE_INTEGER), 'totalCount')
  const rows = Array.isArray(result.data) ? result.data : []
  if (rows.length === 0 && (page - 1) * size < total) needed(null, 'rows')
  return { rows, total }
}

/** Rows lack what decides, so only their numbers are taken. */
export function serviceItem(row: unknown): RefundItem {
  const serviceId = isFields(row) ? idAt(row, 'serviceId') : ''
  return /^\d{1,20}$/.test(serviceId)
    ? { kind: 'id', refundId: refundIdOf(serviceId) }
    : { kind: 'bad', id: null, reason: 'no serviceId', raw: rawOf(row) }
}

/** A service order with its parcel, and its money once the goods have come. */
export type Service = { view: Fields; freight: Fields; money: Fields | undefined }

/** The service order; undefined if the shop has no such one. */
export async function serviceDetail(
  call: Call,
  ref: { refundId: string; tid: string },
): Promise<RefundDetail | undefined> {
  const service = await serviceOf(call, ref)
  return service && refundWith(parseService(service), rawOf(service))
}

/** The service order as the platform answers it now. A number that we know from a list only is looked up first, because the view wants the order's too. */
export async function serviceOf(
  call: Call,
  { refundId, tid }: { refundId: string; tid: string },
): Promise<Service | undefined> {
  const serviceId = refundId.slice(1)
  const orderId = tid || (await orderOfService(call, serviceId))
  if (orderId === '') return undefined
  const ids = { serviceId: digitsOf(serviceId), orderId: digitsOf(orderId) }
  const data = (await askAsc(call, 'query.view', ids, 'result')).data
  const view = needed(isFields(data) ? data : null, 'service order')
  const freight = fieldsAt(await askAsc(call, 'freight.view', ids, 'result'), 'data')
  const isReceived = afterReceipt.has(wordAt(view, 'serviceStatus'))
  return { view, freight, money: isReceived ? await moneyOf(call, ids) : undefined }
}

const afterReceipt: ReadonlySet<string> = new Set([serviceStates.received, serviceStates.finished])

async function orderOfService(call: Call, serviceId: string): Promise<string> {
  const [page, filter] = [{ page: 1, size: 10 }, { serviceId: digitsOf(serviceId) }]
  const { rows } = rowsIn(
    await askAsc(call, 'query.list', { ...filter, ...numberOf(page) }, 'pageResult'),
    page,
  )
  return idAt(rows.filter(isFields).find((row) => idAt(row, 'serviceId') === serviceId) ?? {}, 'orderId')
}

/** The money of a service order among that of its order, of which a page is all. */
async function moneyOf(
  call: Call,
  { serviceId, orderId }: { serviceId: string; orderId: string },
): Promise<Fields | undefined> {
  const { rows } = await paidServices(call, { orderId }, { page: 1, size: 50 })
  return rows
    .filter(isFields)
    .find((row) => idAt(fieldsAt(row, 'sameOrderServiceBill'), 'serviceId') === serviceId)
}

/** Parses a service order. Never throws; one of a kind that is not known is parked. */
export function parseService({ view, freight, money }: Service): Refund | BadItem {
  const [serviceId, tid] = [idAt(view, 'serviceId'), idAt(view, 'orderId')]
  const doubts: Doubts = []
  const updatedAt = instantOrMoment(view, 'updateDate', { doubts, as: 'modified' })
  const expected = wordAt(view, 'customerExpect')
  const refundKind = kindOfService(expected)
  const reason = !serviceId
    ? 'no serviceId'
    : !tid
      ? 'no orderId'
      : !updatedAt
        ? 'no updateDate'
        : refundKind
          ? ''
          : `customerExpect ${expected} is not known`
  if (reason || !updatedAt || !refundKind)
    return {
      kind: 'bad',
      id: serviceId === '' ? null : refundIdOf(serviceId).slice(0, longest.word),
      reason,
      raw: '',
    }
  const createdAt = instantOrMoment(view, 'applyTime', { doubts, as: 'created' })
  const status = statusOf(view, { refundKind, money })
  const waybillNo = textAt(freight, 'expressCode', longest.word)
  const isBack = waybillNo !== '' || instantOrMoment(view, 'receiveDate') !== null
  const refund: Refund = {
    kind: 'refund',
    refundId: refundIdOf(serviceId).slice(0, longest.word),
    tid,
    ...goodsOf(view, tid, doubts),
    refundKind,
    phase: 'aftersale',
    status,
    platformStatus: wordAt(view, 'serviceStatus'),
    version: textAt(view, 'sysVersion', longest.word),
    amountFen: amountOf(view, { status, money }, doubts),
    ...reasonsOf(view),
    goodsReceived: isBack ? 'returned' : 'unknown',
    carrier: textAt(freight, 'expressCompany', longest.name),
    waybillNo,
    createdAt: createdAt ?? updatedAt,
    modifiedAt: lastOf([updatedAt, parcelAt(freight), money ? instantOrMoment(money, 'completeTime') : null]),
    deadline: null,
    buyerNick: textAt(fieldsAt(view, 'customerInfo'), 'jdPin', longest.name),
    constraint: '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

const lastOf = (times: readonly (Date | null)[]): Date =>
  new Date(Math.max(...times.map((time) => time?.getTime() ?? 0)))

/** A parcel that is entered later changes nothing of the service order. */
function parcelAt(freight: Fields): Date | null {
  const logged = listAt(freight, 'freightLogList', '').filter(isFields)
  const times = [
    instantOrMoment(freight, 'deliveryDate'),
    ...logged.map((entry) => instantOrMoment(entry, 'createDate')),
  ]
  return times.some((time) => time !== null) ? lastOf(times) : null
}

/** A service order that is finished is no proof that money went back: its money is. Goods of a return may go to the buyer again instead. */
function statusOf(
  view: Fields,
  { refundKind, money }: { refundKind: RefundKind; money: Fields | undefined },
): Refund['status'] {
  const state = wordAt(view, 'serviceStatus')
  const pays = refundKind === 'return' || refundKind === 'money_only'
  if (pays && money && wordAt(money, 'status') === moneyPaid) return 'succeeded'
  if (state !== serviceStates.finished) return serviceStatusOf(state)
  if (!pays) return 'succeeded'
  return isSentBack(textAt(view, 'processResultName', longest.name)) ? 'closed' : 'agreed'
}

/** The goods by their SKU, which names a line of the order together with it. Goods of several SKUs are of the whole order. */
function goodsOf(
  view: Fields,
  tid: string,
  doubts: Doubts,
): Pick<Refund, 'oid' | 'quantity' | 'title' | 'spec' | 'outerId'> {
  const rows = fieldsIn(listAt(view, 'serviceBillDetailList', ''), 'lines', doubts)
  const skus = new Set(rows.map((row) => idAt(row, 'skuId')))
  const [skuId = ''] = skus.size === 1 ? skus : []
  const pieces = rows.map((row) => wholeAt(row, 'wareNum', 1, 1_000_000))
  if (pieces.length === 0 || pieces.includes(null)) note(doubts, 'num', '', { guess: '0' })
  return {
    oid: skuId === '' ? '' : `${tid}-${skuId}`,
    quantity: Math.min(
      pieces.reduce<number>((sum, one) => sum + (one ?? 0), 0),
      1_000_000,
    ),
    title: skuId === '' ? '' : textAt(rows[0] ?? {}, 'wareName', longest.title),
    spec: '',
    outerId: '',
  }
}

/** The payment of the goods in yuan, and the money that went back once there is some. More than was paid is a doubt, because no document names the unit. */
function amountOf(
  view: Fields,
  { status, money }: { status: Refund['status']; money: Fields | undefined },
  doubts: Doubts,
): number {
  const amounts = listAt(view, 'serviceBillDetailList', '')
    .filter(isFields)
    .map((row) => yuanAt(row, 'actualPayPrice'))
  const asked = amounts.reduce<number>((sum, fen) => Math.min(sum + (fen ?? 0), largestFen), 0)
  const paid = status === 'succeeded' && money ? yuanAt(money, 'refoundAmount') : null
  if (paid !== null && paid <= asked) return paid
  if (paid !== null) note(doubts, 'refund_amount', money?.refoundAmount, { guess: yuanFromFen(asked) })
  else if (amounts.length === 0 || amounts.includes(null))
    note(doubts, 'refund_amount', '', { guess: yuanFromFen(asked) })
  return asked
}

function reasonsOf(view: Fields): Pick<Refund, 'reason' | 'description'> {
  const more = fieldsOf(textAt(view, 'extJsonStr', longest.text)) ?? {}
  const reasons = [
    textAt(more, 'APPLYREASON', longest.title),
    textAt(view, 'questionTypeCid2Name', longest.title),
    textAt(view, 'questionTypeCid1Name', longest.title),
  ]
  return { reason: reasons.find(Boolean) ?? '', description: textAt(view, 'questionDesc', longest.text) }
}
