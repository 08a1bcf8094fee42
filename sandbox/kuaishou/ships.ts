import { type Json, rows, texts } from '../json-parts.ts'
import { ship, touchTrade } from '../world/change.ts'
import { isShippable, type Line, type Trade } from '../world/model.ts'
import { OPEN_STATUSES } from '../world/refund.ts'
import {
  addParcel,
  changeParcel,
  type Parcel,
  parcelsOf,
  piecesLeft,
  recordParcels,
  type SentParcel,
} from '../world/sent-parcels.ts'
import type { World } from '../world/world.ts'
import {
  askedTrade,
  badParam,
  done,
  type KsCall,
  type KsError,
  type KsMethod,
  longIn,
  noOrder,
  wholeIn,
  wordIn,
  wrong,
} from './call.ts'
import { COMPANIES } from './companies.ts'
import { logisticsId, reasonsOf } from './order-json.ts'
import { expressOf } from './waybills.ts'

/** open.seller.order.goods.deliver: all pieces of the order's own goods. Gifts leave by the other call only. */
export const deliver: KsMethod = (call) => {
  const trade = askedTrade(call, 'orderId')
  if ('result' in trade) return trade
  const [line] = trade.lines
  if (line === undefined) return badParam('orderId')
  const goods = [{ line, pieces: piecesLeft(trade, line) }]
  const parcel = readParcel(call.param, goods)
  const numbers = [...texts(call.param, 'imeiList'), ...texts(call.param, 'serialNumberList')]
  const result = send(call, trade, [parcel])
  if (!('result' in result)) line.identCodes = numbers
  return result
}

/** open.order.goods.split.deliver: parcels with pieces of the order and of its gifts; deliveryStatus says of each number whether pieces are left. */
export const splitDeliver: KsMethod = (call) => {
  const trade = askedTrade(call, 'mainOrderId')
  if ('result' in trade) return trade
  const parcels = rows(call.param, 'deliveryItemInfoList').map((item) => {
    const goods: Parcel['goods'] = []
    for (const one of rows(item, 'deliveryGoodsInfoList')) {
      const line = trade.lines.find(({ oid }) => oid === longIn(one, 'oid'))
      const pieces = wholeIn(one, 'deliveryNum') ?? 0
      if (line === undefined || pieces < 1) return badParam('deliveryGoodsInfoList')
      goods.push({ line, pieces })
    }
    return goods.length === 0 ? badParam('deliveryGoodsInfoList') : readParcel(item, goods)
  })
  if (parcels.length === 0) return badParam('deliveryItemInfoList')
  return send(call, trade, parcels, rows(call.param, 'deliveryStatus'))
}

/**
 * open.seller.order.logistics.update: another courier and waybill for a row of the order, or of one of its gifts. Its errors are not documented; those
 * of shipping are given.
 */
export const logisticsUpdate: KsMethod = (call) => {
  const asked = longIn(call.param, 'orderId')
  const trade = [...call.shop.trades.values()].find(
    ({ tid, lines }) => tid === asked || lines.some(({ oid }) => oid === asked),
  )
  if (trade === undefined) return noOrder
  const next = readParcel(call.param, [])
  if ('result' in next) return next
  const row = longIn(call.param, 'logisticsId')
  const parcel = parcelsOf(trade).find((one) => String(logisticsId(trade, one)) === row)
  if (parcel === undefined) return wrong(21, '订单当前状态不允许修改物流')
  const owner = call.sandbox.world.waybills.get(next.waybill)
  if (owner !== undefined && addressOf(owner) !== addressOf(trade))
    return wrong(11, '同一个运单号对应收件地址超过1个')
  changeParcel(call.sandbox.world, trade, parcel, next)
  return done
}

function readParcel(of: Json, goods: Parcel['goods']): SentParcel | KsError {
  const [code, waybill] = [wholeIn(of, 'expressCode'), wordIn(of, 'expressNo')]
  if (code === undefined || waybill === '') return badParam('expressCode, expressNo')
  const company = COMPANIES.find(([known]) => known === code)
  if (company === undefined) return wrong(11, '快递公司不存在')
  if (!new RegExp(company[2]).test(waybill)) return wrong(11, '运单号和物流公司不匹配')
  return { courier: String(code), waybill, goods }
}

function send(
  call: KsCall,
  trade: Trade,
  parcels: readonly (SentParcel | KsError)[],
  statuses?: readonly Json[],
): ReturnType<KsMethod> {
  const bad = parcels.find((parcel) => 'result' in parcel)
  const sent = parcels.flatMap((parcel) => ('result' in parcel ? [] : [parcel]))
  const problem = bad ?? sendProblem(call, trade, sent) ?? (statuses && statusProblem(trade, sent, statuses))
  recordParcels(call.sandbox.world, trade, sent, problem === undefined)
  if (problem !== undefined && 'result' in problem) return problem
  const { world } = call.sandbox
  for (const parcel of sent) {
    addParcel(trade, { ...parcel, at: call.now })
    world.waybills.set(parcel.waybill, trade)
    for (const { line } of parcel.goods) line.shipments++
    const complete = parcel.goods.map(({ line }) => line).filter((line) => piecesLeft(trade, line) === 0)
    ship(world, trade, complete, { company: parcel.courier, waybill: parcel.waybill })
  }
  touchTrade(world, trade)
  return done
}

const addressOf = ({ receiver: { state, city, district, town, address } }: Trade): string =>
  [state, city, district, town, address].join(' ')

function sendProblem(
  { sandbox: { world } }: KsCall,
  trade: Trade,
  parcels: readonly SentParcel[],
): KsError | undefined {
  if (!isShippable(trade) || reasonsOf(trade).length > 0) return wrong(21, '订单当前状态不允许发货')
  if (trade.refunds.some(({ status }) => OPEN_STATUSES.has(status)))
    return wrong(21, '订单有退款申请，不允许发货')
  for (const { courier, waybill, goods } of parcels) {
    const other = labelProblem(world, trade, { courier, waybill })
    if (other !== undefined) return other
    const owner = world.waybills.get(waybill)
    if (owner !== undefined && addressOf(owner) !== addressOf(trade))
      return wrong(11, '同一个运单号对应收件地址超过1个')
    for (const { line, pieces } of goods)
      if (pieces < 1 || pieces > piecesLeft(trade, line)) return wrong(21, '发货数量大于剩余未发货数量')
  }
  return undefined
}

/** K1009: an order that has got numbers of e-waybills leaves with one of them, and a number of an e-waybill with its own courier. */
function labelProblem(
  { labels }: World,
  trade: Trade,
  { courier, waybill }: Pick<Parcel, 'courier' | 'waybill'>,
): KsError | undefined {
  const label = labels.byWaybill.get(waybill)
  if (label !== undefined && String(expressOf(label)) !== courier)
    return wrong(11, '电子面单取号与发货快递公司不一致')
  const own = labels.given.filter(
    ({ shop, tids, cancelled }) => shop === trade.shop && tids.includes(trade.tid) && !cancelled,
  )
  return own.length === 0 || own.some((one) => one.waybill === waybill || one.parent === waybill)
    ? undefined
    : wrong(11, '回传运单号与电子面单不一致')
}

/** confirmDeliveryStatus 10: pieces are left; 40: none are. Each order number of the call needs the right one. */
function statusProblem(
  trade: Trade,
  parcels: readonly SentParcel[],
  statuses: readonly Json[],
): KsError | undefined {
  const sending = new Map<Line, number>()
  for (const { goods } of parcels)
    for (const { line, pieces } of goods) sending.set(line, (sending.get(line) ?? 0) + pieces)
  for (const [line, pieces] of sending) {
    const said = statuses.find((status) => longIn(status, 'oid') === line.oid)
    const expected = piecesLeft(trade, line) === pieces ? 40 : 10
    if (said === undefined || wholeIn(said, 'confirmDeliveryStatus') !== expected)
      return badParam('deliveryStatus')
  }
  return undefined
}
