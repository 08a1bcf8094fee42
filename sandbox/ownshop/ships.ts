import { rows, textIn, texts } from '../json-parts.ts'
import { ship, touchTrade } from '../world/change.ts'
import { isShippable, type Trade } from '../world/model.ts'
import { isOpenRefund } from '../world/refund.ts'
import { addParcel, piecesLeft, recordParcels, type SentParcel } from '../world/sent-parcels.ts'
import { askedTrade, isWrong, type MallCall, type MallError, type MallEvent, wrong } from './call.ts'

/** trade.shipped: a parcel with its pieces. */
export const tradeShipped: MallEvent = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const parcel = parcelIn(call, trade)
  const problem = isWrong(parcel) ? parcel : problemOf(call, trade, parcel)
  recordParcels(call.sandbox.world, trade, isWrong(parcel) ? [] : [parcel], problem === undefined)
  if (problem !== undefined || isWrong(parcel)) return problem ?? {}
  const { world } = call.sandbox
  addParcel(trade, { ...parcel, at: call.now })
  world.waybills.set(parcel.waybill, trade)
  for (const { line } of parcel.goods) line.shipments++
  for (const serial of rows(call.data, 'serials'))
    trade.lines.find(({ oid }) => oid === serial['oid'])?.identCodes.push(...texts(serial, 'numbers'))
  const done = parcel.goods.map(({ line }) => line).filter((line) => piecesLeft(trade, line) <= 0)
  ship(world, trade, done, { company: parcel.courier, waybill: parcel.waybill })
  touchTrade(world, trade)
  return {}
}

function parcelIn({ data }: MallCall, trade: Trade): SentParcel | MallError {
  const [courier, waybill] = [textIn(data, 'courier'), textIn(data, 'waybillNo')]
  if (!/^[A-Z]{2,8}$/.test(courier) || textIn(data, 'courierName') === '')
    return wrong('courier_code', '不认识这家快递')
  if (!/^[A-Z]{0,3}\d{8,15}$/.test(waybill)) return wrong('waybill_invalid', '快递单号不对')
  const goods: SentParcel['goods'] = []
  for (const one of rows(data, 'goods')) {
    const line = trade.lines.find(({ oid }) => oid === one['oid'])
    const pieces = one['quantity']
    if (line === undefined || typeof pieces !== 'number' || pieces < 1) return wrong('parameter', '商品不对')
    goods.push({ line, pieces })
  }
  return goods.length === 0 ? wrong('parameter', '包裹里没有商品') : { courier, waybill, goods }
}

function problemOf(
  { sandbox: { world } }: MallCall,
  trade: Trade,
  { waybill, goods }: SentParcel,
): MallError | undefined {
  if (!isShippable(trade)) return wrong('trade_not_open', '订单不在待发货')
  const owner = world.waybills.get(waybill)
  if (owner !== undefined && owner.buyer !== trade.buyer) return wrong('waybill_invalid', '单号是别人的')
  if (trade.refunds.some((refund) => isOpenRefund(refund) && goods.some(({ line }) => line === refund.line)))
    return wrong('refund_open', '商品在退款中')
  if (goods.some(({ line, pieces }) => pieces > piecesLeft(trade, line)))
    return wrong('trade_not_open', '商品已发货')
  return undefined
}
