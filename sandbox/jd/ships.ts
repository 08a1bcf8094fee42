import { ship } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { recordShipping } from '../world/world.ts'
import { fine, given, type JdCall, type JdMethod, orderOf, refused } from './call.ts'
import { COMPANIES } from './companies.ts'
import { orderState, venderId } from './order-json.ts'

/** jingdong.pop.order.shipment: an order leaves whole, in the state 等待出库 only. */
export const shipment: JdMethod = (call) => {
  const { param, sandbox } = call
  const name = 'sopjosshipment_result'
  const trade = orderOf(call, given(param, 'orderId'))
  if (trade === undefined) return { name, body: refused('订单不存在', 'Order does not exist', 10_100_002) }
  const sent = { company: given(param, 'logiCoprId'), waybill: given(param, 'logiNo') }
  const problem = problemOf(call, trade, sent)
  const lines = trade.lines.map(({ oid }) => oid)
  recordShipping(sandbox.world, trade, { ...sent, lines, accepted: problem === undefined })
  if (problem !== undefined) return { name, body: refused(problem, 'Shipment refused', 10_400_001) }
  for (const line of trade.lines) line.shipments++
  sandbox.world.waybills.set(sent.waybill, trade)
  ship(sandbox.world, trade, trade.lines, sent)
  return { name, body: fine() }
}

const addressOf = ({ receiver: { name, state, city, district, town, address } }: Trade): string =>
  [name, state, city, district, town, address].join(' ')

function problemOf(
  { sandbox: { world } }: JdCall,
  trade: Trade,
  { company, waybill }: { company: string; waybill: string },
): string | undefined {
  const known = COMPANIES.find(([id]) => id === company)
  if (known === undefined) return '物流公司ID不正确'
  if (!new RegExp(known[2]).test(waybill)) return '运单号格式不正确'
  const state = orderState(trade)
  if (state !== 'WAIT_SELLER_STOCK_OUT') return `订单状态不允许出库，当前状态：${state}`
  const owner = world.waybills.get(waybill)
  return owner !== undefined && addressOf(owner) !== addressOf(trade) ? '运单号已被其他订单使用' : undefined
}

/** The root of the list of couriers, whose method is of an older kind. */
export const LIST_METHOD = '360buy.get.vender.all.delivery.company'
export const LIST_ROOT = 'vender_delivery_all_company_response'

/** 360buy.get.vender.all.delivery.company: the named fields of the couriers. */
export const companyList: JdMethod = ({ param, shop }) => {
  const fields = given(param, 'fields').split(',')
  const companies = COMPANIES.map(([id, name]) => ({ id: Number(id), name, description: '', sort: 1 }))
  const rows = companies.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([key]) => fields.includes(key))),
  )
  return { name: '', body: { vender_id: venderId(shop.key), delivery_companies: rows } }
}
