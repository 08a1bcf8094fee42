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
import type { Call, Refund, RefundRef } from '../connector.ts'
import { idAt, isFields, listAt, longest, textAt } from '../fields.ts'
import type { ReturnReceipt } from '../reports.ts'
import { askXiaohongshu } from './client.ts'
import { isNoRefund } from './errors.ts'
import { parseRefund, refundOf } from './refunds.ts'
import { waitsForAudit, waitsForGoods } from './statuses.ts'

/** `action` of afterSale.auditReturns; 2 agrees that goods are sent back, to an address of the shop that we do not have. */
const audit = { pay: 1, refuse: 3 } as const
/** `action` of afterSale.confirmReceive. */
const receipt = { confirm: 1, refuse: 2 } as const

/** Pays each refund by a call of its own: before goods are sent back by the audit, and after by the confirmation that they have come. */
export const agreeRefund = (call: Call, input: AgreeInput): Promise<AgreeAnswer> =>
  agreeEach(input, async (seen) => {
    const now = await refundNow(call, seen)
    if (now.status === 'succeeded' || (now.status === 'agreed' && now.platformStatus === ended))
      throw alreadyAnswered()
    // Neither call names amount or version, so both are compared just before.
    if (now.version !== seen.version || now.amountFen !== seen.amountFen) throw changedRefund()
    assertAmountRead(now)
    if (now.refundKind === 'return') return confirm(call, now)
    if (now.refundKind !== 'refund_only')
      throw new PlatformError('rejected', 'unsupported', 'Only refunds of money are agreed to here.')
    await askXiaohongshu(call, 'afterSale.auditReturns', { returnsId: seen.refundId, action: audit.pay })
  })

/** 完成: only the money is still on its way. */
const ended = '4'

async function confirm(call: Call, { refundId, platformStatus }: Refund): Promise<void> {
  if (platformStatus !== waitsForGoods) throw goodsNotBack()
  await askXiaohongshu(call, 'afterSale.confirmReceive', { returnsId: refundId, action: receipt.confirm })
}

/** afterSale.confirmReceive: the goods of a return are back, and the platform pays the buyer. A receipt that it has already is not sent again. */
export async function reportReturn(call: Call, { refundId }: ReturnReceipt): Promise<void> {
  const now = await refundNow(call, { refundId })
  if (now.status === 'succeeded' || now.platformStatus === ended) return
  if (now.refundKind !== 'return')
    throw new PlatformError('rejected', 'unsupported', 'The goods of this after-sale do not come back.')
  await confirm(call, now)
}

/** Refuses with a reason of `refuseReasons`: the application, or the goods that came back. The platform takes no evidence here. */
export async function refuseRefund(call: Call, input: RefuseInput): Promise<void> {
  const { refundId, reasonId, message } = input
  if (!/^\d{1,15}$/.test(reasonId))
    throw new PlatformError('rejected', 'parameter', 'A reason of this platform has a number.')
  const now = await refundNow(call, input)
  if (now.status === 'refused') throw alreadyAnswered()
  if (now.version !== input.version) throw changedRefund()
  const answer = { returnsId: refundId, reason: Number(reasonId), description: message }
  if (now.platformStatus === waitsForGoods)
    await askXiaohongshu(call, 'afterSale.confirmReceive', { ...answer, action: receipt.refuse })
  else await askXiaohongshu(call, 'afterSale.auditReturns', { ...answer, action: audit.refuse })
}

/** afterSale.rejectReasons: 1 of an application, 2 of goods that came back. */
export async function refuseReasons(
  call: Call,
  { refundId }: RefundRef,
): Promise<{ id: string; text: string }[]> {
  const { platformStatus } = await refundNow(call, { refundId })
  if (platformStatus !== waitsForAudit && platformStatus !== waitsForGoods) return []
  const { data, list } = await askXiaohongshu(call, 'afterSale.rejectReasons', {
    returnsId: refundId,
    rejectReasonType: platformStatus === waitsForGoods ? 2 : 1,
  })
  // Some answers are the list itself.
  return [...list, ...listAt(data, 'rejectReasons', '')]
    .filter(isFields)
    .map((reason) => ({ id: idAt(reason, 'reasonId'), text: textAt(reason, 'reasonName', longest.name) }))
    .filter(({ id }) => id !== '')
}

async function refundNow(call: Call, { refundId }: Pick<RefundRef, 'refundId'>): Promise<Refund> {
  try {
    const refund = parseRefund((await refundOf(call, { refundId })).data)
    if (refund.kind === 'refund') return refund
    throw new PlatformError('rejected', 'unreadable', refund.reason)
  } catch (error) {
    if (!(error instanceof PlatformError) || !isNoRefund(error)) throw error
    throw new PlatformError('rejected', 'refund_not_found', error.message, { cause: error })
  }
}
