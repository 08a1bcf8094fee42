import { PlatformError } from '../../lib/platform-error.ts'
import {
  type AgreeAnswer,
  type AgreeInput,
  agreeEach,
  alreadyAnswered,
  assertAmountRead,
  changedRefund,
  goodsNotBack,
  type RefuseInput,
} from '../answers.ts'
import type { Call, RefundRef } from '../connector.ts'
import { type Fields, fieldsAt, idAt, isFields, listAt, longest, textAt, wholeAt } from '../fields.ts'
import { askKuaishou, sendToKuaishou } from './client.ts'
import { isOtherState } from './errors.ts'
import { numberOf } from './fields.ts'
import { parseRefund, refundOf } from './refunds.ts'

/** Pays each refund by a call of its own. */
export const agreeRefund = (call: Call, input: AgreeInput): Promise<AgreeAnswer> =>
  agreeEach(input, (refund) => agreeOne(call, refund))

/**
 * open.seller.order.refund.approve pays a refund alone, open.seller.order.refund.confirm.receipt one whose goods are back. Neither takes the version
 * that was seen, so the refund is read just before.
 */
async function agreeOne(call: Call, seen: AgreeInput['refunds'][number]): Promise<void> {
  const data = await refundNow(call, seen)
  const refund = parseRefund(data)
  if (refund.kind === 'bad') throw new PlatformError('rejected', 'unreadable', refund.reason)
  if (refund.status === 'succeeded' || textAt(data, 'status', 8) === paying) throw alreadyAnswered()
  if (refund.version !== seen.version || refund.amountFen !== seen.amountFen) throw changedRefund()
  // The confirmation that goods are back sends no amount, and Kuaishou pays the amount that it knows; so that must be readable here.
  assertAmountRead(refund)
  const status = wholeAt(data, 'status', 0, 999) ?? 0
  if (refund.refundKind === 'return') return confirmReceipt(call, seen, data, status)
  if (refund.refundKind !== 'refund_only' && refund.refundKind !== 'money_only')
    throw new PlatformError('rejected', 'unsupported', 'Only refunds of money are agreed to here.')
  await sendToKuaishou(call, 'open.seller.order.refund.approve', {
    refundId: numberOf(seen.refundId),
    refundAmount: refund.amountFen,
    status,
    negotiateStatus: wholeAt(data, 'negotiateStatus', 0, 9) ?? undefined,
    refundHandingWay: wholeAt(data, 'handlingWay', 0, 99) ?? undefined,
  })
}

/** 退款执行中 */
const paying = '50'

/** 平台介入-已确认退货退款 */
const decided = 22
/** The platform would also pay at 30, or at 22, where the buyer has entered no parcel yet; that is left to its own pages. */
const goodsBack: ReadonlySet<number> = new Set([decided, 40])

/** A dispute about the freight of the return needs an answer of the seller that only the platform's own pages ask for. */
async function confirmReceipt(call: Call, seen: RefundRef, data: Fields, status: number): Promise<void> {
  const hasParcel = textAt(fieldsAt(data, 'logisticsInfo'), 'expressNo', longest.word) !== ''
  if (!goodsBack.has(status) || (status === decided && !hasParcel)) throw goodsNotBack()
  const freight = data.returnFreightInfo
  if (isFields(freight) && Object.keys(freight).length > 0)
    throw new PlatformError(
      'rejected',
      'unsupported',
      'The freight of the return is decided on the platform.',
    )
  await sendToKuaishou(call, 'open.seller.order.refund.confirm.receipt', {
    refundId: numberOf(seen.refundId),
    status,
  })
}

async function refundNow(call: Call, seen: RefundRef): Promise<Fields> {
  const { data } = await refundOf(call, seen)
  return data
}

/** open.refund.reject, with a reason of `refuseReasons`, in the version that was seen. Evidence is given by the addresses of pictures. */
export async function refuseRefund(call: Call, input: RefuseInput): Promise<void> {
  const { refundId, reasonId, message, version, proofUrl = '' } = input
  if (!/^\d{1,15}$/.test(reasonId))
    throw new PlatformError('rejected', 'parameter', 'A reason of this platform has a number.')
  try {
    await sendToKuaishou(call, 'open.refund.reject', {
      refundId: numberOf(refundId),
      reasonCode: Number(reasonId),
      rejectDesc: message,
      rejectImages: proofUrl === '' ? undefined : [proofUrl],
      refundVersion: numberOf(version),
    })
  } catch (error) {
    if (!(error instanceof PlatformError) || !isOtherState(error)) throw error
    const now = parseRefund(await refundNow(call, input))
    if (now.kind === 'refund' && now.status === 'refused') throw alreadyAnswered()
    throw error
  }
}

/** open.refund.reject.reason: the reasons for one refund, with what each wants besides. */
export async function refuseReasons(
  call: Call,
  { refundId }: RefundRef,
): Promise<{ id: string; text: string }[]> {
  if (!/^\d{1,19}$/.test(refundId)) return []
  const { body } = await askKuaishou(call, 'open.refund.reject.reason', { refundId: numberOf(refundId) })
  return listAt(body, 'data', '')
    .filter(isFields)
    .map((reason) => ({
      // The documents name the fields in two ways.
      id: idAt(reason, 'code') || idAt(reason, 'reasonCode'),
      text: `${textAt(reason, 'desc', longest.name) || textAt(reason, 'reasonDesc', longest.name)}${
        reason.requiredRejectImage === true ? '（要凭证）' : ''
      }`,
    }))
    .filter(({ id }) => id !== '')
}
