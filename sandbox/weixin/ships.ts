import { type Json, part, rows } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { ship, touchTrade } from '../world/change.ts'
import { isShippable, type Line, type Trade } from '../world/model.ts'
import {
  addParcel,
  changeParcel,
  type Parcel,
  parcelsOf,
  piecesLeft,
  recordParcels,
  type SentParcel,
} from '../world/sent-parcels.ts'
import {
  askedTrade,
  badBody,
  idIn,
  type WxCall,
  type WxError,
  type WxMethod,
  type WxResult,
  wholeIn,
  wrong,
} from './call.ts'
import { aftersalePieces } from './order-json.ts'

/** order/delivery/send: parcels with the pieces of each product, in one call or in several; all of a call or nothing. */
export const deliverySend: WxMethod = (call) => {
  const trade = askedTrade(call)
  if ('errcode' in trade) return trade
  const list = rows(call.body, 'delivery_list')
  if (list.length === 0) return badBody('delivery_list')
  const parcels = list.map((parcel) => readParcel(trade, parcel))
  const bad = parcels.find((parcel) => 'errcode' in parcel)
  const sent = parcels.flatMap((parcel) => ('errcode' in parcel ? [] : [parcel]))
  const problem = bad ?? sendProblem(call, trade, sent)
  recordParcels(call.sandbox.world, trade, sent, problem === undefined)
  if (problem !== undefined) return problem as WxResult
  for (const parcel of sent) send(call, trade, parcel)
  return {}
}

function send({ sandbox: { world }, now }: WxCall, trade: Trade, parcel: SentParcel): void {
  addParcel(trade, { ...parcel, at: now })
  world.waybills.set(parcel.waybill, trade)
  const done = parcel.goods.map(({ line }) => line).filter((line) => hasLeft(trade, line))
  for (const { line } of parcel.goods) line.shipments++
  ship(world, trade, done, { company: parcel.courier, waybill: parcel.waybill })
  touchTrade(world, trade)
}

/** True if each piece is in a parcel or was refunded. */
const hasLeft = (trade: Trade, line: Line) => piecesLeft(trade, line) <= aftersalePieces(trade, line).done

function readParcel(trade: Trade, parcel: Json): SentParcel | WxError {
  const [courier, waybill] = [idIn(parcel, 'delivery_id'), idIn(parcel, 'waybill_id')]
  if (parcel['deliver_type'] !== undefined && wholeIn(parcel, 'deliver_type') !== 1)
    return badBody('deliver_type')
  const company = COMPANIES.find(([id]) => id === courier)
  if (company === undefined) return wrong(606004, 'delivery_id错误')
  if (!new RegExp(company[2]).test(waybill)) return wrong(606005, 'waybill_id错误')
  const goods = readGoods(trade, parcel)
  return goods.length === 0 ? wrong(606042, '商品或商品数量不正确') : { courier, waybill, goods }
}

/** The pieces of product_infos; none if one of them is wrong. */
function readGoods(trade: Trade, parcel: Json): Parcel['goods'] {
  const goods: Parcel['goods'] = []
  for (const product of rows(parcel, 'product_infos')) {
    const pieces = wholeIn(product, 'product_cnt') ?? 0
    const line = lineOf(trade, product)
    if (line === undefined || pieces < 1) return []
    goods.push({ line, pieces })
  }
  return goods
}

const lineOf = (trade: Trade, product: Json): Line | undefined =>
  trade.lines.find(
    ({ listing, sku }) =>
      listing.numIid === idIn(product, 'product_id') && (sku?.skuId ?? '0') === idIn(product, 'sku_id'),
  )

function sendProblem(
  { sandbox: { world } }: WxCall,
  trade: Trade,
  parcels: readonly SentParcel[],
): WxError | undefined {
  if (!isShippable(trade)) return wrong(101100, '订单状态不允许发货')
  for (const { waybill, goods } of parcels) {
    const owner = world.waybills.get(waybill)
    if (owner !== undefined && owner.buyer !== trade.buyer) return wrong(606005, 'waybill_id错误')
    for (const { line, pieces } of goods) {
      if (aftersalePieces(trade, line).open > 0) return wrong(101100, '商品正在售后中，不能发货')
      if (pieces > piecesLeft(trade, line)) return wrong(606042, '商品或商品数量不正确')
    }
  }
  return undefined
}

/** An order may be changed so many times. */
const MOST_CHANGES = 3
const changes = keptMap<Trade, number>('weixin changes')

/** order/deliveryinfo/update with change_infos: parcels by their former courier, waybill and pieces; all of a call or nothing. */
export const deliveryUpdate: WxMethod = (call) => {
  const trade = askedTrade(call)
  if ('errcode' in trade) return trade
  const list = rows(call.body, 'change_infos')
  if (list.length === 0) return badBody('change_infos')
  const found: { parcel: Parcel; next: SentParcel }[] = []
  for (const change of list) {
    const [old, next] = [part(change, 'old'), readParcel(trade, part(change, 'new'))]
    if ('errcode' in next) return next
    const parcel = parcelsOf(trade).find(
      ({ courier, waybill, goods }) =>
        (courier === idIn(old, 'delivery_id') || courier === 'OTHER') &&
        waybill === idIn(old, 'waybill_id') &&
        isSameGoods(goods, next.goods),
    )
    if (parcel === undefined || !isSameGoods(parcel.goods, readGoods(trade, old)))
      return wrong(606042, '商品或商品数量不正确')
    const owner = call.sandbox.world.waybills.get(next.waybill)
    if (owner !== undefined && owner.buyer !== trade.buyer) return wrong(606005, 'waybill_id错误')
    found.push({ parcel, next })
  }
  if (trade.status === 'TRADE_FINISHED') return wrong(101100, '订单状态不允许修改物流')
  const before = changes.get(trade) ?? 0
  if (before >= MOST_CHANGES) return wrong(606041, '修改物流次数超过限制')
  changes.set(trade, before + 1)
  for (const { parcel, next } of found) changeParcel(call.sandbox.world, trade, parcel, next)
  return {}
}

const piecesText = (goods: Parcel['goods']): string =>
  goods
    .map(({ line, pieces }) => `${line.oid} ${pieces}`)
    .sort()
    .join()
const isSameGoods = (one: Parcel['goods'], other: Parcel['goods']) => piecesText(one) === piecesText(other)

export const companies: WxMethod = () => ({
  company_list: COMPANIES.map(([delivery_id, delivery_name]) => ({ delivery_id, delivery_name })),
})

const COMPANIES: readonly (readonly [id: string, name: string, pattern: string])[] = [
  ['SF', '顺丰速运', '^SF\\d{12,13}$|^\\d{12}$'],
  ['YTO', '圆通速递', '^YT\\d{13,15}$|^\\d{10,18}$'],
  ['ZTO', '中通快递', '^7\\d{12,14}$|^\\d{12,15}$'],
  ['STO', '申通快递', '^77\\d{11,13}$|^\\d{12,15}$'],
  ['YUNDA', '韵达快递', '^4\\d{12,14}$|^\\d{13,15}$'],
  ['JTSD', '极兔速递', '^JT\\d{13}$'],
  ['JD', '京东快递', '^JD[A-Z0-9]{11,20}$'],
  ['EMS', '邮政EMS', '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  ['DBKD', '德邦快递', '^DPK\\d{12}$|^\\d{8,10}$'],
  ['CNSD', '菜鸟速递', '^DN\\d{12,13}$'],
  ['FOP', '顺丰快运', '^SF\\d{12,13}$'],
  ['SXJD', '顺心捷达', '^SX\\d{12}$'],
]
