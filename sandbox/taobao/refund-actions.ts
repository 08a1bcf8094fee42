import { quote, quotedTime } from '../wire.ts'
import type { Refund } from '../world/model.ts'
import { agreeRefund, RETURN_KINDS, refuseRefund } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import { type Call, invalid, type Method, missing, refused, type TopError } from './call.ts'
import { askedRefund } from './refunds.ts'

/** taobao.refund.refuse: a message of 2–200 characters; on Tmall also proof, phase and version, and the version must be the current one. */
export const refundRefuse: Method = (call) => {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const problem = refuseProblem(call, refund)
  const message = call.params.get('refuse_message') ?? ''
  const proof = call.files.get('refuse_proof')
  if (problem === undefined) refuseRefund(call.sandbox.world, refund, message)
  recordActivity(call.sandbox.world, call.shop, {
    action: 'refuse',
    key: refund.id,
    accepted: problem === undefined,
    detail: {
      message,
      reason: call.params.get('refuse_reason_id') ?? '',
      proofBytes: String(proof?.length ?? 0),
      ...(problem?.subCode === undefined ? {} : { error: problem.subCode }),
    },
  })
  if (problem !== undefined) return problem
  return `"refund":{"refund_id":${quote(refund.id)},"modified":${quotedTime(refund.modified)},"status":${quote(refund.status)}},"is_success":true`
}

function refuseProblem(call: Call, refund: Refund): TopError | undefined {
  const message = call.params.get('refuse_message') ?? ''
  const proof = call.files.get('refuse_proof')
  if (message === '') return missing('refuse_message')
  if ([...message].length < 2 || [...message].length > 200)
    return invalid('refuse_message', '拒绝说明长度为2-200')
  if (proof !== undefined && proof.length > 130_000) return invalid('refuse_proof', '凭证最大长度130000字节')
  if (proof !== undefined && !isPicture(proof))
    return invalid('refuse_proof', '凭证支持的图片格式：GIF, JPG, PNG')
  const problem = call.shop.platform === 'tmall' ? tmallProblem(call, refund, proof) : undefined
  if (problem !== undefined) return problem
  if (refund.constraint !== '')
    return refused(
      'isv.refund-operation-forbidden',
      refund.constraint === 'cannot_refuse' ? '该退款不允许拒绝' : '该退款需要到网页版操作',
    )
  if (refund.status !== 'WAIT_SELLER_AGREE' && refund.status !== 'WAIT_SELLER_CONFIRM_GOODS')
    return refused('isv.refund-status-error', `退款状态不允许拒绝:${refund.status}`)
  return undefined
}

function tmallProblem(call: Call, refund: Refund, proof: Buffer | undefined): TopError | undefined {
  if (proof === undefined) return missing('refuse_proof')
  const phase = call.params.get('refund_phase') ?? ''
  if (phase === '') return missing('refund_phase')
  if (phase !== refund.phase) return invalid('refund_phase', '退款阶段不匹配')
  const version = call.params.get('refund_version') ?? ''
  if (version === '') return missing('refund_version')
  if (version !== String(refund.version))
    return refused('isv.refund-version-error', '退款版本号不匹配，退款已被修改')
  const reason = call.params.get('refuse_reason_id') ?? ''
  if (reason !== '' && !REASONS.some(([id]) => String(id) === reason))
    return invalid('refuse_reason_id', '拒绝原因不存在')
  return undefined
}

/** taobao.refund.refusereason.get: the reasons for which a refund may be refused. */
export const refuseReasons: Method = (call) => {
  for (const name of ['fields', 'refund_phase'])
    if ((call.params.get(name) ?? '') === '') return missing(name)
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  const reasons = REASONS.filter(([, , shippedOnly]) => !shippedOnly || refund.line.consigned > 0)
  const list = reasons.map(
    ([id, title]) =>
      `{"reason_id":${id},"reason_text":${quote(title)},"reason_tips":${quote(`请上传与“${title}”相关的凭证`)}}`,
  )
  return `"reasons":{"reason":[${list.join(',')}]},"total_results":${list.length},"has_next":false`
}

/** taobao.rp.refund.review: Tmall only; a reviewed refund can be agreed to in bulk. */
export const refundReview: Method = (call) => {
  const refund = askedRefund(call)
  if ('code' in refund) return refund
  for (const name of ['operator', 'refund_phase', 'refund_version', 'message', 'result'])
    if ((call.params.get(name) ?? '') === '') return missing(name)
  if (call.shop.platform !== 'tmall') return refused('isv.not-tmall-refund', '目前仅支持天猫订单')
  if (call.params.get('refund_version') !== String(refund.version))
    return refused('isv.refund-version-error', '退款版本号不匹配，退款已被修改')
  if (call.params.get('refund_phase') !== refund.phase) return invalid('refund_phase', '退款阶段不匹配')
  refund.reviewed = call.params.get('result') === 'true'
  recordActivity(call.sandbox.world, call.shop, {
    action: 'review',
    key: refund.id,
    accepted: true,
    detail: {
      result: String(refund.reviewed),
      operator: call.params.get('operator') ?? '',
    },
  })
  return '"is_success":true'
}

/**
 * taobao.rp.refunds.agree: `id|fen|version|phase`, comma separated; Taobao ≤ 20 and ≤ 6,000 yuan, Tmall ≤ 30 and ≤ 10,000 yuan, and on
 * Tmall each refund must be reviewed. Above half of the sum an SMS code is required; the simulator accepts 123456.
 */
export const refundsAgree: Method = (call) => {
  const text = call.params.get('refund_infos') ?? ''
  if (text === '') return missing('refund_infos')
  const tmall = call.shop.platform === 'tmall'
  const rows = text.split(',').map((row) => row.split('|'))
  if (rows.length > (tmall ? 30 : 20)) return invalid('refund_infos', `一次最多能退${tmall ? 30 : 20}笔`)
  if (rows.some((row) => row.length < 3 || !/^\d+$/.test(row[0] ?? '') || !/^\d+$/.test(row[1] ?? '')))
    return invalid('refund_infos', '格式为refund_id|amount|version|phase')
  const total = rows.reduce((sum, row) => sum + Number(row[1]), 0)
  if (total > (tmall ? 1_000_000 : 600_000))
    return invalid('refund_infos', `总金额不超过${tmall ? 10_000 : 6000}元`)
  if (total > (tmall ? 500_000 : 300_000) && call.params.get('code') !== '123456')
    return refused('isv.sms-code-required', '金额较大，短信验证码已发送到卖家手机')
  const results = rows.map(([id = '', amount = '', version = '', phase = '']) => {
    const problem = agree(call, { id, amount: Number(amount), version, phase })
    recordActivity(call.sandbox.world, call.shop, {
      action: 'agree',
      key: id,
      accepted: problem === '',
      detail: {
        amount,
        ...(problem === '' ? {} : { error: problem }),
      },
    })
    return { id, problem }
  })
  const good = results.filter((result) => result.problem === '').length
  const code = good === results.length ? 'OP_SUCC' : good > 0 ? 'SOME_OP_SUCC' : 'OP_FAILURE_UE'
  const list = results.map(
    ({ id, problem }) =>
      `{"refund_id":${quote(id)},"succ":${problem === ''},"message":${quote(problem === '' ? '操作成功' : problem)}}`,
  )
  return `"succ":${good === results.length},"message":${quote(good === results.length ? '操作成功' : '部分或全部失败')},"msg_code":"${code}","results":{"refund_mapping_result":[${list.join(',')}]}`
}

/** Returns the problem, or '' if the refund was paid. */
function agree(
  call: Call,
  { id, amount, version, phase }: { id: string; amount: number; version: string; phase: string },
): string {
  const refund = call.shop.refunds.get(id)
  if (refund === undefined) return '退款不存在'
  if (amount !== refund.fee) return '退款金额不一致'
  if (version !== String(refund.version)) return '退款版本号不匹配，退款已被修改'
  if (call.shop.platform === 'tmall' && phase !== refund.phase) return '退款阶段不匹配'
  if (call.shop.platform === 'tmall' && !refund.reviewed) return '退款未审核'
  if (refund.status === 'WAIT_SELLER_AGREE' && RETURN_KINDS.has(refund.kind)) return '退货退款请先同意退货'
  return agreeRefund(call.sandbox.world, refund) ? '' : `退款状态不允许同意:${refund.status}`
}

function isPicture(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 4).toString('latin1')
  return head.startsWith('GIF8') || head.startsWith('\x89PNG') || head.startsWith('\xff\xd8')
}

/** Id, text, and true if the reason is offered only for shipped goods. */
const REASONS: readonly (readonly [number, string, boolean])[] = [
  [21, '商品已发出', false],
  [22, '已与买家协商一致，买家同意撤销', false],
  [23, '定制商品已生产', false],
  [31, '商品影响二次销售', true],
  [32, '未收到退货', true],
  [33, '买家退回的商品与发出的不符', true],
  [34, '商品无质量问题', true],
]
