import { quote } from '../wire.ts'
import type { Refund } from '../world/model.ts'
import { agreeRefund, RETURN_KINDS, refuseRefund, takeReceipt } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import { type Call, invalid, type Method, missing, refused, type TopError } from './call.ts'
import { askedRefund } from './refunds.ts'

const TAOBAO_NEEDS = ['address', 'seller_address_id', 'mobile', 'post', 'name']
const TMALL_NEEDS = ['refund_phase', 'refund_version', 'remark', 'seller_address_id']

/** taobao.rp.returngoods.agree: allows the buyer to send the goods back; nothing is paid yet. */
export const returnAgree: Method = (call) => {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const needs = call.shop.platform === 'tmall' ? TMALL_NEEDS : TAOBAO_NEEDS
  const absent = needs.find((name) => (call.params.get(name) ?? '') === '')
  if (absent !== undefined) return missing(absent)
  const problem = returnProblem(call, refund)
  if (problem === undefined) agreeRefund(call.sandbox.world, refund)
  note(call, 'agree-return', refund, problem)
  return problem ?? '"is_success":true'
}

/** taobao.rp.returngoods.refuse: Tmall only, with a picture of at most 5 MB. */
export const returnRefuse: Method = (call) => {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  if (call.shop.platform !== 'tmall') return refused('isv.not-tmall-refund', '目前仅支持天猫退货')
  for (const name of ['refund_phase', 'refund_version'])
    if ((call.params.get(name) ?? '') === '') return missing(name)
  const proof = call.files.get('refuse_proof')
  if (proof === undefined) return missing('refuse_proof')
  if (proof.length > 5_242_880) return invalid('refuse_proof', '凭证大小不能超过5M')
  const problem = returnProblem(call, refund)
  if (problem === undefined) refuseRefund(call.sandbox.world, refund, '卖家拒绝退货')
  note(call, 'refuse-return', refund, problem)
  return problem ?? '"result":true'
}

/**
 * taobao.nextone.logistics.warehouse.update: the goods are back in the seller's warehouse, so the refund is paid. A repeated call also
 * succeeds. A refusal is inside the answer and not a TOP error.
 */
export const warehouseUpdate: Method = (call) => {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const status = call.params.get('warehouse_status') ?? ''
  if (status === '') return missing('warehouse_status')
  if (status !== '1') return invalid('warehouse_status', '退货入仓状态只支持1')
  const problem = takeReceipt(call.sandbox.world, refund)
  recordActivity(call.sandbox.world, call.shop, {
    action: 'receive-return',
    key: refund.id,
    accepted: problem === undefined,
    detail: {
      ...(problem === undefined ? {} : { error: problem }),
    },
  })
  return problem === undefined
    ? '"succeed":true'
    : `"succeed":false,"err_code":"isv.refund-status-error","err_info":${quote(problem)}`
}

function returnProblem(call: Call, refund: Refund): TopError | undefined {
  if (!RETURN_KINDS.has(refund.kind)) return refused('isv.refund-not-return', '该退款不需要退货')
  const version = call.params.get('refund_version') ?? ''
  if (version !== '' && version !== String(refund.version))
    return refused('isv.refund-version-error', '退款版本号不匹配，退款已被修改')
  if (refund.status !== 'WAIT_SELLER_AGREE')
    return refused('isv.refund-status-error', `退款状态不允许操作:${refund.status}`)
  return undefined
}

function note(call: Call, action: string, refund: Refund, problem: TopError | undefined): void {
  recordActivity(call.sandbox.world, call.shop, {
    action,
    key: refund.id,
    accepted: problem === undefined,
    detail: {
      ...(problem?.subCode === undefined ? {} : { error: problem.subCode }),
    },
  })
}
