import type { Refund } from '../world/model.ts'
import { agreeRefund, RETURN_KINDS, refuseRefund, takeReceipt } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import { given, type JdCall, type JdMethod } from './call.ts'
import { detailId, sysVersion } from './service-json.ts'
import { askedService, askerProblem, noService, said, saidNo } from './services.ts'

const REASONS = [
  { code: '1', name: '其他' },
  { code: '2', name: '已与客户协商一致' },
  { code: '3', name: '商品影响二次销售' },
]

/** jingdong.asc.audit.reason.list */
export const reasonList: JdMethod = (call) => {
  const problem = askerProblem(call)
  return problem === undefined ? said('result', REASONS) : saidNo('result', problem)
}

/** An answer to a service order that waits for one, in its present version. */
const audited =
  (action: 'agree' | 'refuse', act: (call: JdCall, refund: Refund) => string | undefined): JdMethod =>
  (call) =>
    answered(call, action, (refund) => {
      const { param } = call
      if (given(param, 'approveNotes') === '') return 'approveNotes不能为空'
      if (!REASONS.some(({ code }) => code === given(param, 'approveReasonCid1')))
        return 'approveReasonCid1不正确'
      if (given(param, 'sysVersion') !== String(sysVersion(refund))) return '服务单版本号已变更，请刷新'
      if (refund.status !== 'WAIT_SELLER_AGREE') return `服务单状态不允许审核：${refund.status}`
      return act(call, refund)
    })

function answered(
  call: JdCall,
  action: string,
  act: (refund: Refund) => string | undefined,
): ReturnType<JdMethod> {
  const { param, shop, sandbox } = call
  const refund = askedService(call)
  const problem = askerProblem(call) ?? (refund === undefined ? noService : act(refund))
  if (refund !== undefined)
    recordActivity(sandbox.world, shop, {
      action,
      key: refund.id,
      accepted: problem === undefined,
      detail: {
        reason: given(param, 'approveReasonCid1'),
        message: given(param, 'approveNotes'),
        address: given(param, 'returnDetailAddress'),
        ...(problem === undefined ? {} : { error: problem }),
      },
    })
  return problem === undefined ? said('result') : saidNo('result', problem)
}

const CONTACT = ['returnContactName', 'returnContactTel', 'returnZipcode', 'returnDetailAddress'] as const
const PLACES = ['returnProvince', 'returnCity', 'returnCounty'] as const

/** The buyer sends or brings the goods to the address that is named. */
function agree({ param, sandbox }: JdCall, refund: Refund): string | undefined {
  if (!RETURN_KINDS.has(refund.kind)) return '该服务单不需要返件'
  for (const name of CONTACT) if (given(param, name) === '') return `${name}不能为空`
  for (const name of PLACES) if (!/^\d{1,9}$/.test(given(param, name))) return `${name}不正确`
  const details = param['applyDetailIdList']
  const isAll =
    Array.isArray(details) && details.length === 1 && String(details[0]) === String(detailId(refund))
  if (!isAll) return 'applyDetailIdList不正确'
  return agreeRefund(sandbox.world, refund) ? undefined : '审核失败'
}

/** jingdong.asc.audit.send: 客户发货, to an address of a kind. */
export const send: JdMethod = audited('agree', (call, refund) =>
  given(call.param, 'returnAddressType') === '' ? 'returnAddressType不能为空' : agree(call, refund),
)
/** jingdong.asc.audit.delivery: 客户送货 */
export const delivery: JdMethod = audited('agree', agree)

/** jingdong.asc.audit.refuse: the service order is closed. */
export const refuse: JdMethod = audited('refuse', ({ param, sandbox }, refund) =>
  refuseRefund(sandbox.world, refund, given(param, 'approveNotes')) ? undefined : '审核失败',
)

const CONDITIONS = [
  'packingState',
  'qualityState',
  'invoiceRecord',
  'judgmentReason',
  'accessoryOrGift',
  'appearanceState',
] as const

/** jingdong.asc.receive.register (拆包登记): the goods are here. The platform then pays the buyer of a return. */
export const register: JdMethod = (call) =>
  answered(call, 'receive', (refund) => {
    const { param, sandbox } = call
    for (const name of ['receivePin', 'receiveName', 'receiveRemark'] as const)
      if (given(param, name) === '') return `${name}不能为空`
    for (const name of CONDITIONS)
      if (!['10', '20', '30'].includes(given(param, name))) return `${name}不正确`
    if (given(param, 'wareNum') !== String(refund.num)) return 'wareNum不正确'
    // 待收货 is one state, whether or not the buyer has entered a parcel.
    if (refund.status === 'WAIT_BUYER_RETURN_GOODS') refund.status = 'WAIT_SELLER_CONFIRM_GOODS'
    if (refund.status !== 'WAIT_SELLER_CONFIRM_GOODS') return `服务单状态不允许登记：${refund.status}`
    return takeReceipt(sandbox.world, refund)
  })
