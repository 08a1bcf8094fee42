import { PlatformError } from '../../lib/platform-error.ts'
import {
  type AgreeInput,
  alreadyAnswered,
  assertAmountRead,
  changedRefund,
  goodsNotBack,
  type RefuseInput,
} from '../answers.ts'
import type { Call, Refund, RefundRef } from '../connector.ts'
import { type Fields, idAt, isFields, listAt, longest, textAt, wordAt } from '../fields.ts'
import { digitsOf } from '../gateway.ts'
import type { ReturnReceipt } from '../reports.ts'
import type { Params } from './client.ts'
import { returnAddressOf } from './credentials.ts'
import { isStaleVersion } from './errors.ts'
import { askAsc, isService, parseService, serviceOf } from './services.ts'
import { serviceStates, wayBack } from './statuses.ts'
import { agreeReason, goodsInOrder, reasonFields } from './unverified.ts'

type Seen = Pick<RefundRef, 'refundId' | 'tid' | 'version'>
type Now = { refund: Refund; view: Fields }

/** Agrees that the goods come back, or says that they have come: the platform then pays the buyer. */
export async function agreeToService(call: Call, seen: AgreeInput['refunds'][number]): Promise<void> {
  const now = await serviceNow(call, seen)
  const { refund } = now
  if (refund.status === 'succeeded') throw alreadyAnswered()
  if (refund.version !== seen.version || refund.amountFen !== seen.amountFen) throw changedRefund()
  assertAmountRead(refund)
  if (refund.platformStatus === serviceStates.asked) return agreeToReturn(call, now)
  if (refund.refundKind !== 'return') throw onOwnPages('Goods are exchanged and repaired on its own pages.')
  if (refund.platformStatus === serviceStates.received) throw alreadyAnswered()
  // Goods that the buyer brings have no parcel. The user who pays says that they are here.
  if (wayOf(now.view) !== wayBack.brought && refund.waybillNo === '') throw goodsNotBack()
  await register(call, now)
}

const onOwnPages = (message: string) => new PlatformError('rejected', 'unsupported', message)

/** asc.audit.send and asc.audit.delivery: the goods are sent or brought to the address of the shop, in the version that was seen. */
async function agreeToReturn(call: Call, { refund, view }: Now): Promise<void> {
  if (refund.refundKind === 'reship' || refund.refundKind === 'money_only')
    throw onOwnPages('No goods of this service order come back.')
  const way = wayOf(view)
  if (way !== wayBack.sent && way !== wayBack.brought)
    throw onOwnPages('A courier is to fetch the goods; the platform asks for the address of the buyer.')
  const applyDetailIdList = listAt(view, 'applyDetailList', '')
    .filter(isFields)
    .map((detail) => idAt(detail, 'applyDetailIdLong') || idAt(detail, 'applyDetailId'))
    .filter(Boolean)
  await act(call, way === wayBack.sent ? 'audit.send' : 'audit.delivery', {
    ...idsOf(refund),
    sysVersion: refund.version,
    approveNotes: '同意',
    approveReasonCid1: agreeReason,
    ...returnAddressOf(call.credentials),
    applyDetailIdList,
  })
}

const wayOf = (view: Fields): string => wordAt(view, 'expectPickwareType') || wayBack.sent

/** asc.receive.register: the goods are here, all and in order. */
async function register(call: Call, { refund }: Now): Promise<void> {
  if (refund.platformStatus !== serviceStates.waitsForGoods) throw goodsNotBack()
  await act(call, 'receive.register', {
    ...idsOf(refund),
    receivePin: '商家',
    receiveName: '商家',
    ...goodsInOrder,
    receiveRemark: '退货已入仓',
    wareNum: refund.quantity,
  })
}

const idsOf = ({ refundId, tid }: Refund) => ({
  serviceId: digitsOf(refundId.slice(1)),
  orderId: digitsOf(tid),
})

/** A service order has a version, and the platform refuses an answer to an older one. */
async function act(call: Call, method: string, params: Params): Promise<void> {
  try {
    await askAsc(call, method, params, 'result')
  } catch (error) {
    if (error instanceof PlatformError && isStaleVersion(error)) throw changedRefund()
    throw error
  }
}

/** asc.receive.register. Our receipt proves that the goods are here, so no parcel is asked for. One that the platform has already is not sent again. */
export async function reportReturn(call: Call, { refundId, tid }: ReturnReceipt): Promise<void> {
  if (!isService(refundId)) throw onOwnPages('No goods come back of an order that has not left.')
  const now = await serviceNow(call, { refundId, tid })
  const { refundKind, status, platformStatus } = now.refund
  if (status === 'succeeded' || platformStatus === serviceStates.received) return
  if (refundKind !== 'return') throw onOwnPages('Goods are exchanged and repaired on its own pages.')
  await register(call, now)
}

/** asc.audit.refuse, with a reason of `serviceReasons`, while nothing is decided. */
export async function refuseService(call: Call, input: RefuseInput): Promise<void> {
  const { reasonId, message } = input
  if (!/^\d{1,9}$/.test(reasonId))
    throw new PlatformError('rejected', 'parameter', 'A reason of this platform has a number.')
  const { refund } = await serviceNow(call, input)
  if (refund.status === 'refused') throw alreadyAnswered()
  if (refund.version !== input.version) throw changedRefund()
  if (refund.status !== 'applied')
    throw onOwnPages('Goods that are on their way are refused on its own pages.')
  await act(call, 'audit.refuse', {
    ...idsOf(refund),
    sysVersion: refund.version,
    approveNotes: message || '商家拒绝',
    approveReasonCid1: reasonId,
    operateRemark: message,
  })
}

/** asc.audit.reason.list: the reasons of an answer to this service order. */
export async function serviceReasons(
  call: Call,
  { refundId }: RefundRef,
): Promise<{ id: string; text: string }[]> {
  const result = await askAsc(call, 'audit.reason.list', { serviceId: digitsOf(refundId.slice(1)) }, 'result')
  const first = (row: Fields, keys: readonly string[]) =>
    keys.map((key) => textAt(row, key, longest.name)).find(Boolean) ?? ''
  return listAt(result, 'data', '')
    .filter(isFields)
    .map((row) => ({ id: first(row, reasonFields.id), text: first(row, reasonFields.text) }))
    .filter(({ id }) => /^\d{1,9}$/.test(id))
}

/** @throws {PlatformError} if the shop has no such service order, or it cannot be read. */
async function serviceNow(call: Call, ref: Omit<Seen, 'version'>): Promise<Now> {
  const service = await serviceOf(call, ref)
  const refund = service && parseService(service)
  if (!service || !refund)
    throw new PlatformError('rejected', 'refund_not_found', 'The shop has no such service order.')
  if (refund.kind === 'bad') throw new PlatformError('rejected', 'unreadable', refund.reason)
  return { refund, view: service.view }
}
