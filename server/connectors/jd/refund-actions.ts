import { PlatformError } from '../../lib/platform-error.ts'
import {
  type AgreeAnswer,
  type AgreeInput,
  agreeEach,
  alreadyAnswered,
  assertAmountRead,
  changedRefund,
  type RefuseInput,
} from '../answers.ts'
import type { Call, Refund, RefundRef } from '../connector.ts'
import { entryOf } from '../fields.ts'
import { digitsOf } from '../gateway.ts'
import { askJd } from './client.ts'
import { applicationOf, parseRefund } from './refunds.ts'
import { agreeToService, refuseService, serviceReasons } from './service-actions.ts'
import { isService } from './services.ts'

/** Agrees to each by a call of its own. Of an application the order is cancelled, and the platform pays the buyer. */
export const agreeRefund = (call: Call, input: AgreeInput): Promise<AgreeAnswer> =>
  agreeEach(input, async (seen) => {
    if (isService(seen.refundId)) return agreeToService(call, seen)
    const now = await openRefund(call, seen, 'agreed')
    if (now.amountFen !== seen.amountFen) throw changedRefund()
    assertAmountRead(now)
    await reply(call, seen.refundId, {
      status: '1',
      checkUserName: input.operator || seller,
      remark: '同意取消',
      outWareStatus: notLeft,
    })
  })

/** jingdong.pop.afs.soa.refundapply.replyRefund with 2, and one of the reasons of the platform; of a service order another call. */
export async function refuseRefund(call: Call, input: RefuseInput): Promise<void> {
  if (isService(input.refundId)) return refuseService(call, input)
  const { refundId, reasonId, message } = input
  const reason = entryOf(reasons, reasonId)
  if (!reason) throw new PlatformError('rejected', 'parameter', 'A reason of this platform is one of six.')
  await openRefund(call, input, 'refused')
  await reply(call, refundId, {
    status: '2',
    checkUserName: input.operator || seller,
    remark: message || reason.text,
    rejectType: reasonId,
    outWareStatus: reason.hasLeft ? left : notLeft,
  })
}

const seller = '商家'
const [left, notLeft] = ['1', '2']

const reply = (call: Call, refundId: string, answer: Record<string, string>) =>
  askJd(
    call,
    'jingdong.pop.afs.soa.refundapply.replyRefund',
    { id: digitsOf(refundId), ...answer },
    'replyResult',
  )

/**
 * The answer names no version, so the application is read just before. @throws {PlatformError} if it has been answered, or has changed since the user
 * saw it.
 */
async function openRefund(call: Call, seen: RefundRef, wanted: 'agreed' | 'refused'): Promise<Refund> {
  const row = await applicationOf(call, seen.refundId)
  const now = row && parseRefund(row)
  if (!now || now.kind === 'bad')
    throw new PlatformError('rejected', 'refund_not_found', 'The platform shows no such application.')
  if (now.status === wanted || (wanted === 'agreed' && now.status === 'succeeded')) throw alreadyAnswered()
  if (now.status !== 'applied' || now.version !== seen.version) throw changedRefund()
  return now
}

/** `rejectType`, in the order of the platform. */
const reasons: Readonly<Record<string, { text: string; hasLeft: boolean }>> = {
  1: { text: '商品已在配送途中，无法取消（支持拒收）', hasLeft: true },
  2: { text: '商品已签收，无法取消', hasLeft: true },
  3: { text: '国际站保税区订单，已报关', hasLeft: false },
  4: { text: '已电话沟通客户，客户同意签收商品', hasLeft: false },
  5: { text: '其他', hasLeft: false },
  6: { text: '商品已在配送途中，无法取消（不支持拒收）', hasLeft: true },
}

export const refuseReasons = async (
  call: Call,
  refund: RefundRef,
): Promise<{ id: string; text: string }[]> =>
  isService(refund.refundId)
    ? serviceReasons(call, refund)
    : Object.entries(reasons).map(([id, { text }]) => ({ id, text }))
