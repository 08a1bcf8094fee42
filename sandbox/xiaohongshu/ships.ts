import { texts } from '../json-parts.ts'
import { ship } from '../world/change.ts'
import type { Line, Trade } from '../world/model.ts'
import { addParcel, changeParcel, parcelsOf, recordParcels } from '../world/sent-parcels.ts'
import {
  askedTrade,
  badParam,
  done,
  wordIn,
  wrong,
  type XhsCall,
  type XhsError,
  type XhsMethod,
} from './call.ts'
import { COMPANIES } from './companies.ts'
import { afterSalesStatus, openAddressId, orderStatus } from './order-json.ts'

/** order.orderDeliver: the whole order, or with `unpack` one of several parcels, in which a SKU goes with all its pieces. */
export const deliver: XhsMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const sent = { courier: wordIn(call.body, 'expressCompanyCode'), waybill: wordIn(call.body, 'expressNo') }
  const lines = linesIn(call, trade)
  const goods = Array.isArray(lines) ? lines.map((line) => ({ line, pieces: line.num })) : []
  const parcel = { ...sent, goods }
  const problem = Array.isArray(lines) ? problemOf(call, trade, sent) : lines
  recordParcels(call.sandbox.world, trade, [parcel], problem === undefined)
  if (problem !== undefined) return problem
  const { world } = call.sandbox
  addParcel(trade, { ...parcel, at: call.now })
  world.waybills.set(sent.waybill, trade)
  for (const { line } of goods) line.shipments++
  ship(
    world,
    trade,
    goods.map(({ line }) => line),
    { company: sent.courier, waybill: sent.waybill },
  )
  return done
}

/**
 * order.modifyOrderExpressInfo: another courier and waybill for a parcel of the order, by its place; without one, for the only parcel. Its errors
 * are not documented; those of shipping are given.
 */
export const modifyExpress: XhsMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const next = { courier: wordIn(call.body, 'expressCompanyCode'), waybill: wordIn(call.body, 'expressNo') }
  const problem = numberProblem(call, trade, next)
  if (problem !== undefined) return problem
  const parcels = parcelsOf(trade)
  const index = call.body['deliveryOrderIndex']
  const parcel = index === undefined && parcels.length === 1 ? parcels[0] : parcels[Number(index) - 1]
  if (parcel === undefined) return wrong(-2_000_104, '订单状态不允许修改物流')
  changeParcel(call.sandbox.world, trade, parcel, next)
  return done
}

const waits = ({ status }: Line): boolean => status === 'WAIT_SELLER_SEND_GOODS'

function linesIn({ body }: XhsCall, trade: Trade): Line[] | XhsError {
  if (typeof body['unpack'] !== 'boolean') return badParam('unpack不正确')
  if (!body['unpack']) return trade.lines.filter(waits)
  const skuIds = texts(body, 'skuIdList')
  const lines = trade.lines.filter(({ sku }) => skuIds.includes(sku?.skuId ?? ''))
  if (skuIds.length === 0 || new Set(skuIds).size !== lines.length) return badParam('skuIdList不正确')
  return lines.every(waits) ? lines : wrong(-2_000_104, '拆单发货的商品已发货')
}

function problemOf(
  call: XhsCall,
  trade: Trade,
  { courier, waybill }: { courier: string; waybill: string },
): XhsError | undefined {
  const wrongNumber = numberProblem(call, trade, { courier, waybill })
  const status = orderStatus(trade)
  if (wrongNumber !== undefined) return wrongNumber
  if (status !== 4 && status !== 5) return wrong(-2_000_104, '订单状态不允许发货')
  if (afterSalesStatus(trade.refunds) === 2) return wrong(-2_000_105, '订单售后处理中，不允许发货')
  return undefined
}

function numberProblem(
  { sandbox: { world } }: XhsCall,
  trade: Trade,
  { courier, waybill }: { courier: string; waybill: string },
): XhsError | undefined {
  const company = COMPANIES.find(([code]) => code === courier)
  if (company === undefined) return badParam('快递公司编码不存在')
  if (!new RegExp(company[2]).test(waybill)) return badParam('快递单号格式不正确')
  const owner = world.waybills.get(waybill)
  return owner !== undefined && openAddressId(owner) !== openAddressId(trade)
    ? badParam('快递单号已被其他订单使用')
    : undefined
}
