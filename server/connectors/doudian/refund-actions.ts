import { PlatformError } from '../../lib/platform-error.ts'
import type { JsonValue } from '../../wire/canonical-json.ts'
import {
  type AgreeAnswer,
  type AgreeInput,
  agreeEach,
  alreadyAnswered,
  type RefuseInput,
} from '../answers.ts'
import type { Call, RefundKind, RefundRef } from '../connector.ts'
import { fieldsAt, idAt, isFields, listAt, longest, textAt } from '../fields.ts'
import { callFxg, partFailed } from './client.ts'
import { apiError, isChanged, rowError } from './errors.ts'
import { refundDetail } from './refunds.ts'
import { operations } from './unverified.ts'

/**
 * Pays refunds: 201 a refund alone, 111 one whose goods are back. A call takes twenty, but all or nothing, so each is sent by itself.
 */
export const agreeRefund = (call: Call, input: AgreeInput): Promise<AgreeAnswer> =>
  agreeEach(input, (refund) => agreeOne(call, refund))

async function agreeOne(call: Call, refund: AgreeInput['refunds'][number]): Promise<void> {
  const type = agreements.get(refund.kind ?? 'other')
  if (type === undefined)
    throw new PlatformError('rejected', 'unsupported', 'Only refunds of money are agreed to here.')
  try {
    await operate(call, type, refund, {})
  } catch (error) {
    if (!(error instanceof PlatformError) || !isChanged(error)) throw error
    const detail = await refundDetail(call, refund)
    if (detail && 'refund' in detail && detail.refund.status === 'succeeded') throw alreadyAnswered()
    throw error
  }
}

const agreements: ReadonlyMap<RefundKind, number> = new Map([
  ['refund_only', operations.pay],
  ['return', operations.payReturned],
])

/** Refuses with a reason of `refuseReasons`. Evidence is a picture that the platform can fetch, and is given by its address. */
export async function refuseRefund(call: Call, input: RefuseInput): Promise<void> {
  const { reasonId, message, proofUrl = '' } = input
  if (!/^\d{1,15}$/.test(reasonId))
    throw new PlatformError('rejected', 'parameter', 'A reason of this platform has a number.')
  const detail = await refundDetail(call, input)
  const refund = detail && 'refund' in detail ? detail.refund : undefined
  const type =
    refund?.refundKind === 'return'
      ? refund.platformStatus === returned
        ? operations.refuseReturned
        : operations.refuseReturn
      : operations.refuse
  await operate(call, type, input, {
    reason: message,
    remark: message,
    reject_reason_code: Number(reasonId),
    evidence: proofUrl === '' ? undefined : [{ type: picture, url: proofUrl, desc: message }],
  })
}

/** The goods are back: 待商家二次同意. */
const returned = '11'
const picture = 1

/** afterSale/operate of one refund in the version that was seen. */
async function operate(
  call: Call,
  type: number,
  { refundId, version }: RefundRef,
  more: Readonly<Record<string, JsonValue | undefined>>,
): Promise<void> {
  const seen = /^\d{1,12}$/.test(version) ? Number(version) : undefined
  const items = [{ aftersale_id: refundId, update_time: seen, ...more }]
  const { body } = await callFxg(call, 'afterSale/operate', { type, items }, { readsRows: true })
  const result = listAt(fieldsAt(body, 'data'), 'items', '')
    .filter(isFields)
    .find((one) => idAt(one, 'aftersale_id') === refundId)
  const code = result ? textAt(result, 'status_code', longest.word) : '0'
  if (result && code !== '0' && code !== '')
    throw rowError(code, textAt(result, 'status_msg', longest.name), [call.session])
  // The call failed for a row, and none says why.
  if (textAt(body, 'code', longest.word) === partFailed) throw apiError(body, [call.session])
}

/** afterSale/rejectReasonCodeList: none for goods that are not shipped, whose refunds are refused in the merchant's backend only. */
export async function refuseReasons(
  call: Call,
  { refundId }: RefundRef,
): Promise<{ id: string; text: string }[]> {
  if (!/^\d{1,19}$/.test(refundId)) return []
  const { body } = await callFxg(call, 'afterSale/rejectReasonCodeList', { aftersale_id: BigInt(refundId) })
  return listAt(fieldsAt(body, 'data'), 'items', '')
    .filter(isFields)
    .map((reason) => ({
      id: textAt(reason, 'reject_reason_code', longest.word),
      text: `${textAt(reason, 'reason', longest.name)}${reason.evidence_need === 'Y' ? '（要凭证）' : ''}`,
    }))
    .filter(({ id }) => id !== '')
}
