import { type Json, rows, texts } from '../json-parts.ts'
import { quote } from '../wire.ts'
import { ship, touchTrade } from '../world/change.ts'
import { isShippable, type Line, type Trade } from '../world/model.ts'
import { OPEN_STATUSES } from '../world/refund.ts'
import { giveUpWaybill } from '../world/sent-parcels.ts'
import { nowSeconds, recordShipping } from '../world/world.ts'
import {
  business,
  type DoudianCall,
  type DoudianError,
  type DoudianMethod,
  done,
  invalid,
  missing,
  readNumber,
  readText,
} from './call.ts'
import { COMPANIES } from './companies.ts'
import { orderStatus } from './order-json.ts'
import { askedOrder } from './orders.ts'
import { addPack, answerOf, keepAnswer, type Pack, packsOf, piecesLeft, piecesOwed } from './packs.ts'

const unknownOrder = business(60033, '订单不存在，请仔细检查后重试。')

type Parcel = Pick<Pack, 'company' | 'waybill' | 'goods'>

/** order/logisticsAdd: the whole order in one parcel. */
export const logisticsAdd: DoudianMethod = (call) => {
  const trade = askedOrder(call, 'order_id', unknownOrder)
  if ('code' in trade) return trade
  const goods = trade.lines.flatMap((line) => {
    const num = piecesLeft(trade, line)
    return num > 0 ? [{ line, num }] : []
  })
  const parcel = readParcel(call.body, goods)
  if ('code' in parcel) return parcel
  const sent = send(call, trade, [parcel])
  return 'code' in sent ? sent : done
}

/** order/logisticsAddMultiPack: parcels with the pieces of lines. A request_id that was successful before gets its answer again. */
export const logisticsAddMultiPack: DoudianMethod = (call) => {
  const requestId = readText(call.body, 'request_id')
  if (typeof requestId !== 'string') return requestId
  const known = answerOf(call.shop, requestId)
  if (known !== undefined) return { data: known }
  const trade = askedOrder(call, 'order_id', unknownOrder)
  if ('code' in trade) return trade
  const parcels: Parcel[] = []
  const given = rows(call.body, 'pack_list')
  if (given.length === 0) return missing('pack_list')
  for (const pack of given) {
    const goods = readGoods(trade, pack)
    if ('code' in goods) return goods
    const parcel = readParcel(pack, goods)
    if ('code' in parcel) return parcel
    parcels.push(parcel)
  }
  const sent = send(call, trade, parcels)
  if ('code' in sent) return sent
  const data = `{"pack_list":[${sent.map(answerJson).join(',')}]}`
  keepAnswer(call.shop, requestId, data)
  return { data }
}

/** order/logisticsEdit: another courier and waybill of an order that left in one parcel. */
export const logisticsEdit: DoudianMethod = (call) => {
  const trade = askedOrder(call, 'order_id', unknownOrder)
  if ('code' in trade) return trade
  const packs = packsOf(trade)
  return packs.length > 1 ? business(60110, '订单有多个包裹，请按包裹修改。') : edit(call, trade, packs[0])
}

/** order/logisticsEditByPack: the same for one of several parcels. */
export const logisticsEditByPack: DoudianMethod = (call) => {
  const trade = askedOrder(call, 'order_id', unknownOrder)
  if ('code' in trade) return trade
  const id = readText(call.body, 'pack_id')
  return typeof id === 'string'
    ? edit(
        call,
        trade,
        packsOf(trade).find((pack) => pack.id === id),
      )
    : id
}

/** The numbers of its errors are not documented; those of the shipping methods are given. */
function edit(call: DoudianCall, trade: Trade, pack: Pack | undefined): ReturnType<DoudianMethod> {
  const next = readParcel(call.body, [])
  if ('code' in next) return next
  const { company, waybill } = next
  const known = COMPANIES.find(([code]) => code === company)
  if (known === undefined) return business(60018, '暂不支持该物流公司或物流商已失效，请检查。')
  if (!new RegExp(known[3]).test(waybill)) return invalid('物流单号不符合规则', 60017)
  const { world } = call.sandbox
  const owner = world.waybills.get(waybill)
  if (owner !== undefined && owner !== trade && owner.buyer !== trade.buyer)
    return business(70022, '70022:运单已被其他订单使用，且收货人手机号/收货地址不一致，请核对运单')
  if (pack === undefined) return business(60110, '订单未发货，不允许修改物流。')
  if (pack.waybill === waybill) return business(60110, '物流信息没有变化，不允许修改。')
  for (const { line } of pack.goods)
    if (line.waybill === pack.waybill) Object.assign(line, { company, waybill })
  const former = pack.waybill
  Object.assign(pack, { company, waybill })
  giveUpWaybill(world, trade, former)
  world.waybills.set(waybill, trade)
  touchTrade(world, trade)
  return done
}

function answerJson({ id, waybill, goods }: Pack): string {
  const infos = goods.map(
    ({ line, num }) => `{"shipped_order_id":"${line.oid}","shipped_num":${num},"shipped_item_ids":[]}`,
  )
  return `{"shipped_order_info":[${infos.join(',')}],"logistics_code":${quote(waybill)},"pack_id":"${id}"}`
}

function readParcel(body: Json, goods: Pack['goods']): Parcel | DoudianError {
  const company = readText(body, 'company_code')
  if (typeof company !== 'string') return company
  const waybill = readText(body, 'logistics_code')
  return typeof waybill === 'string' ? { company, waybill, goods } : waybill
}

function readGoods(trade: Trade, pack: Json): Pack['goods'] | DoudianError {
  const goods: Pack['goods'] = []
  for (const info of rows(pack, 'shipped_order_info')) {
    const oid = readText(info, 'shipped_order_id')
    if (typeof oid !== 'string') return oid
    const num = readNumber(info, 'shipped_num')
    if (typeof num !== 'number') return num
    const line = trade.lines.find((one) => one.oid === oid)
    if (line === undefined) return business(60102, '60102:商品单不存在，请仔细检查后重试')
    if (num < 1) return business(60080, '60080:商品的发货数量不允许小于0')
    if (num > piecesLeft(trade, line)) return business(70023, '70023:已发货，请检查订单状态')
    goods.push({ line, num })
  }
  return goods.length === 0 ? missing('shipped_order_info') : goods
}

function send(call: DoudianCall, trade: Trade, parcels: readonly Parcel[]): Pack[] | DoudianError {
  const serials = texts(call.body, 'serial_number_list')
  const problem = serials.some((one) => one.length > 30)
    ? business(60046, '序列号长度不能超过30位字符。')
    : problemOf(call, trade, parcels)
  const answer = { accepted: problem === undefined, error: problem?.subMsg }
  for (const { company, waybill, goods } of parcels) {
    const lines = goods.map(({ line }) => line.oid)
    recordShipping(call.sandbox.world, trade, { company, waybill, lines, ...answer })
  }
  if (problem) return problem
  const [first] = trade.lines
  if (first && serials.length > 0) first.identCodes = serials
  return parcels.map((parcel) => depart(call, trade, parcel))
}

/** Books a parcel; a line has left when the buyer has all the pieces that are owed. */
function depart(call: DoudianCall, trade: Trade, { company, waybill, goods }: Parcel): Pack {
  const { world } = call.sandbox
  const whole = goods.filter(({ line, num }) => num >= piecesOwed(trade, line)).map(({ line }) => line)
  for (const { line } of goods) line.shipments += 1
  const pack = addPack(trade, { company, waybill, at: nowSeconds(world), goods })
  world.waybills.set(waybill, trade)
  if (whole.length > 0) ship(world, trade, whole, { company, waybill })
  trade.status = isAllGone(trade) ? trade.status : 'SELLER_CONSIGNED_PART'
  trade.consigned ||= nowSeconds(world)
  touchTrade(world, trade)
  return pack
}

const isAllGone = ({ lines }: Trade) => lines.every((line: Line) => line.status !== 'WAIT_SELLER_SEND_GOODS')

function problemOf(call: DoudianCall, trade: Trade, parcels: readonly Parcel[]): DoudianError | undefined {
  for (const { company, waybill, goods } of parcels) {
    const known = COMPANIES.find(([code]) => code === company)
    if (known === undefined) return business(60018, '暂不支持该物流公司或物流商已失效，请检查。')
    if (!new RegExp(known[3]).test(waybill)) return invalid('物流单号不符合规则', 60017)
    const owner = call.sandbox.world.waybills.get(waybill)
    if (owner !== undefined && owner !== trade && owner.buyer !== trade.buyer)
      return business(70022, '70022:运单已被其他订单使用，且收货人手机号/收货地址不一致，请核对运单')
    const status = orderStatus(trade.status, trade)
    if (status === 105) return business(60109, '订单正在风控审核中，请等待订单变为“备货中”状态后重试。')
    if (status === 1) return business(60137, '订单未支付，禁止发货。')
    if (status === 4) return business(60021, '订单已取消，禁止发货。')
    if (!isShippable(trade) || goods.length === 0) return business(60110, '订单已发货，不允许再次执行发货。')
    const isRefunding = goods.some(({ line }) => OPEN_STATUSES.has(line.refundStatus))
    const overrides = call.body['is_reject_refund'] === true || call.body['is_refund_reject'] === true
    if (isRefunding && !overrides) return business(60040, '发货订单中有退款申请需要处理，请先处理。')
  }
  return undefined
}

export const companyList: DoudianMethod = () => {
  const list = COMPANIES.map(([code, name, id]) => `{"id":${id},"name":${quote(name)},"code":"${code}"}`)
  return { data: `[${list.join(',')}]` }
}
