import { textIn } from '../json-parts.ts'
import type { Refund } from '../world/model.ts'
import { agreeRefund, isOpenRefund, refuseRefund, succeedRefund, takeReceipt } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import { askedRefund, type MallCall, type MallError, type MallEvent, wrong } from './call.ts'
import { refundDocument } from './documents.ts'

const changed = wrong('refund_changed', '退款已变')

/** refund.refused, with the reason in words. */
export const refundRefused: MallEvent = (call) =>
  acted(call, 'refuse', (refund) =>
    refuseRefund(call.sandbox.world, refund, textIn(call.data, 'message')) ? undefined : changed,
  )

/** refund.agreed: `reship` sends goods once more, `return` lets the buyer send the goods back, `pay` gives the money back; the amount must be the one that was asked for. */
export const refundAgreed: MallEvent = (call) =>
  acted(call, 'agree', (refund) => {
    const { world } = call.sandbox
    if (call.data['amountFen'] !== refund.fee) return changed
    const kind = refundDocument(refund)['kind']
    const isOfGoods = refund.status === 'WAIT_SELLER_AGREE' && kind !== 'refund_only'
    const step = !isOfGoods ? 'pay' : kind === 'reship' ? 'reship' : 'return'
    if (textIn(call.data, 'step') !== step) return wrong('parameter', 'step 不对')
    const done =
      refund.status === 'WAIT_BUYER_RETURN_GOODS' ? succeedRefund(world, refund) : agreeRefund(world, refund)
    return done ? undefined : changed
  })

export const goodsReceived: MallEvent = (call) => {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const problem = takeReceipt(call.sandbox.world, refund)
  return problem === undefined ? {} : wrong('refund_changed', problem)
}

/** refund.stopped: goods that did not leave are paid back at once. */
export const refundStopped: MallEvent = (call) => {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const stopped = call.data['stopped']
  if (typeof stopped !== 'boolean') return wrong('parameter', '没有说拦没拦下')
  recordActivity(call.sandbox.world, call.shop, {
    ...{ action: 'cancel', key: refund.id, accepted: true },
    detail: { stopped: String(stopped), reason: textIn(call.data, 'reason') },
  })
  if (stopped && isOpenRefund(refund)) succeedRefund(call.sandbox.world, refund)
  return {}
}

/** An answer names the version that was seen. */
function acted(
  call: MallCall,
  action: string,
  act: (refund: Refund) => MallError | undefined,
): ReturnType<MallEvent> {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const isSeen = textIn(call.data, 'modifiedAt') === refundDocument(refund)['modifiedAt']
  const problem = isSeen ? act(refund) : changed
  recordActivity(call.sandbox.world, call.shop, {
    ...{ action, key: refund.id, accepted: problem === undefined },
    detail: { message: textIn(call.data, 'message'), step: textIn(call.data, 'step') },
  })
  return problem ?? {}
}
