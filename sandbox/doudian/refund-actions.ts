import { type Json, part, rows, textIn } from '../json-parts.ts'
import { hearCancel } from '../world/genius.ts'
import type { Refund } from '../world/model.ts'
import { agreeRefund, refuseRefund, succeedRefund, takeReceipt } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import {
  business,
  type DoudianCall,
  type DoudianError,
  type DoudianMethod,
  done,
  invalid,
  missing,
  readLong,
  readNumber,
  readText,
} from './call.ts'
import { statusNumber, typeNumber } from './refund-json.ts'
import { shopId } from './tokens.ts'

interface Operation {
  /** The statuses and types of refunds to which it applies. */
  statuses: readonly number[]
  types: readonly number[]
  effect: 'agree' | 'pay' | 'refuse'
  needsAddress?: true
}

/** afterSale/operate by its type. 102, 112 and 302 are guesses: the documents' full list was not to be seen. */
const OPERATIONS: ReadonlyMap<number, Operation> = new Map([
  [101, { statuses: [6], types: [0], effect: 'agree', needsAddress: true }],
  [102, { statuses: [6], types: [0], effect: 'refuse' }],
  [111, { statuses: [11], types: [0], effect: 'pay' }],
  [112, { statuses: [11], types: [0], effect: 'refuse' }],
  [201, { statuses: [6], types: [1, 2], effect: 'agree' }],
  [202, { statuses: [6], types: [1, 2], effect: 'refuse' }],
  [301, { statuses: [6], types: [3], effect: 'agree', needsAddress: true }],
  [302, { statuses: [6], types: [3], effect: 'refuse' }],
])

const MOST = 20

/** afterSale/operate: up to twenty refunds, all or nothing. update_time is the version that the caller has seen; missing: any. */
export const operate: DoudianMethod = (call) => {
  const type = readNumber(call.body, 'type')
  if (typeof type !== 'number') return type
  const operation = OPERATIONS.get(type)
  if (operation === undefined) return invalid('type不合法')
  const items = rows(call.body, 'items')
  if (items.length === 0) return missing('items')
  if (items.length > MOST) return invalid(`items最多${MOST}个`)
  const found = items.map((item) => ({ item, refund: call.shop.refunds.get(textIn(item, 'aftersale_id')) }))
  const chosen: Refund[] = []
  for (const { item, refund } of found) {
    const problem = refund === undefined ? notFound : problemOf(call, operation, item, refund)
    note(call, refund, { item, type, problem })
    if (problem) return problem
    if (refund) chosen.push(refund)
  }
  const { world } = call.sandbox
  chosen.forEach((refund, index) => {
    if (operation.effect === 'agree') agreeRefund(world, refund)
    else if (operation.effect === 'pay') succeedRefund(world, refund)
    else refuseRefund(world, refund, textIn(items[index] ?? {}, 'remark'))
  })
  const results = chosen.map(({ id }) => `{"aftersale_id":${id},"status_code":0,"status_msg":"success"}`)
  return { data: `{"items":[${results.join(',')}]}` }
}

const notFound = business(11003, '该售后单不存在')

function problemOf(
  call: DoudianCall,
  { statuses, types, effect, needsAddress }: Operation,
  item: Json,
  refund: Refund,
): DoudianError | undefined {
  const seen = item['update_time']
  if (seen !== undefined && typeof seen !== 'number') return invalid('update_time不是整数')
  if (seen !== undefined && seen !== refund.modified) return business(20309541, '售后状态错误')
  if (!types.includes(typeNumber(refund))) return business(11005, '操作失败')
  if (!statuses.includes(statusNumber(refund))) return business(20309541, '售后状态错误')
  if (needsAddress && textIn(part(item, 'logistics'), 'receiver_address_id') !== addressId(call))
    return invalid('退货地址receiver_address_id不正确')
  return effect === 'refuse' ? refusalProblem(item, refund) : undefined
}

function refusalProblem(item: Json, refund: Refund): DoudianError | undefined {
  if (refund.line.consigned === 0)
    return business(11001, '11001:暂不支持通过OPEN处理，请登录抖店后台人工审核售后单')
  for (const name of ['reason', 'remark', 'reject_reason_code'])
    if (textIn(item, name) === '') return missing(name)
  const reason = REASONS.find(({ code }) => item['reject_reason_code'] === code)
  if (reason === undefined) return invalid('reject_reason_code不合法')
  const evidence = rows(item, 'evidence')
  if (reason.proof === 'Y' && evidence.length === 0) return missing('evidence')
  const isSound = evidence.every((one) => one['type'] === 1 && URL.canParse(textIn(one, 'url')))
  return isSound ? undefined : invalid('evidence不合法')
}

function note(
  { sandbox, shop }: DoudianCall,
  refund: Refund | undefined,
  { item, type, problem }: { item: Json; type: number; problem: DoudianError | undefined },
): void {
  const { effect } = OPERATIONS.get(type) ?? { effect: 'agree' }
  recordActivity(sandbox.world, shop, {
    action: effect === 'refuse' ? 'refuse' : 'agree',
    key: refund?.id ?? textIn(item, 'aftersale_id'),
    accepted: problem === undefined,
    detail: {
      type: String(type),
      reason: textIn(item, 'reject_reason_code'),
      message: textIn(item, 'remark'),
      proof: rows(item, 'evidence')
        .map((one) => textIn(one, 'url'))
        .join(),
      ...(problem === undefined ? {} : { error: problem.subMsg }),
    },
  })
}

const REASONS = [
  { code: 3, text: '买家未按要求退回商品', proof: 'N' },
  { code: 4, text: '商品影响二次销售', proof: 'Y' },
  { code: 8, text: '商品已按约定发货', proof: 'N' },
] as const

/** afterSale/rejectReasonCodeList: the reasons for one refund of shipped goods; none for goods that are not shipped. */
export const rejectReasons: DoudianMethod = ({ body, shop }) => {
  const id = readLong(body, 'aftersale_id')
  if (typeof id !== 'string') return id
  const refund = shop.refunds.get(id)
  if (refund === undefined) return notFound
  const shown = refund.line.consigned > 0 ? REASONS : []
  const items = shown.map(
    ({ code, text, proof }) =>
      `{"reject_reason_code":${code},"reason":"${text}","evidence_description":"","evidence_need":"${proof}","image":"","order_type":-1,"pkg":-1}`,
  )
  return { data: `{"items":[${items.join(',')}]}` }
}

/** afterSale/CancelSendGoodsSuccess: the seller stopped goods that are not shipped; the platform then refunds. */
export const cancelSuccess: DoudianMethod = (call) =>
  report(call, 'cancel', (refund) => hearCancel(call.sandbox.world, refund, 'SUCCESS') || undefined)

/** afterSale/returnGoodsToWareHouseSuccess: the returned goods are in the warehouse; the platform then refunds. */
export const warehouseSuccess: DoudianMethod = (call) =>
  report(call, 'receive-return', (refund) => takeReceipt(call.sandbox.world, refund))

function report(call: DoudianCall, action: string, act: (refund: Refund) => string | undefined) {
  const id = readText(call.body, 'aftersale_id')
  if (typeof id !== 'string') return id
  const at = readNumber(call.body, 'op_time')
  if (typeof at !== 'number') return at
  if (!/^\d{10}$/.test(String(at))) return invalid('op_time应为秒级时间戳')
  const refund = call.shop.refunds.get(id)
  if (refund === undefined) return notFound
  const problem = act(refund)
  recordActivity(call.sandbox.world, call.shop, {
    action,
    key: id,
    accepted: problem === undefined,
    detail: {
      waybill: textIn(call.body, 'tracking_no'),
      ...(action === 'cancel' ? { status: 'SUCCESS' } : {}),
      ...(problem === undefined ? {} : { error: problem }),
    },
  })
  return problem === undefined ? done : business(12001, problem)
}

const addressId = ({ shop }: DoudianCall) => `${shopId(shop).slice(-6)}1`

/** address/list: the shop's address book; pages are counted from 1. The second address is the default of returns. */
export const addressList: DoudianMethod = (call) => {
  for (const name of ['page_size', 'page_no']) {
    const value = readNumber(call.body, name)
    if (typeof value !== 'number') return value
    if (value < 1) return invalid(`${name}从1开始`)
  }
  for (const name of ['order_by', 'order_field']) {
    const value = readText(call.body, name)
    if (typeof value !== 'string') return value
  }
  const row = (id: string, isReturn: number) =>
    `{"address_id":${id},"reciever_name":"仓库","is_default":${isReturn},"is_send_default":${1 - isReturn},"receiver_provinc":"浙江省","receiver_city":"杭州市","receiver_district":"余杭区","receiver_detail":"一号仓","receiver_street":"","remark":""}`
  const ids = [row(`${shopId(call.shop).slice(-6)}2`, 0), row(addressId(call), 1)]
  return { data: `{"total":2,"page_size":2,"page_no":1,"address_list":[${ids.join(',')}]}` }
}
