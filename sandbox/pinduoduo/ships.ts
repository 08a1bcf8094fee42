import { quote } from '../wire.ts'
import { ship } from '../world/change.ts'
import { isShippable, type Trade } from '../world/model.ts'
import { recordShipping } from '../world/world.ts'
import { business, missing, type PopError, type PopMethod, readNumber } from './call.ts'
import { refundStatus } from './order-json.ts'
import { askedOrder } from './orders.ts'

/** pdd.logistics.online.send: ships the whole order. redelivery_type 1 or 2 (a second parcel) is not simulated. */
export const onlineSend: PopMethod = (call) => {
  const trade = askedOrder(call)
  if ('code' in trade) return trade
  const courier = readNumber(call.params, 'logistics_id')
  if (typeof courier !== 'number') return courier
  const waybill = call.params.get('tracking_number') ?? ''
  if (waybill === '') return missing('tracking_number')
  const { world } = call.sandbox
  const codes = featureCodes(call.params.get('feature') ?? '')
  const problem = 'code' in codes ? codes : shipProblem(trade, courier, waybill, world.waybills.get(waybill))
  const parcel = { company: String(courier), waybill }
  const done = problem === undefined && ship(world, trade, trade.lines, parcel)
  const shipping = { ...parcel, lines: [trade.tid], accepted: done, error: problem?.subMsg }
  recordShipping(world, trade, shipping)
  if (!done) return problem ?? business('50001', '订单状态不允许发货')
  world.waybills.set(waybill, trade)
  for (const line of trade.lines) line.shipments++
  const [line] = trade.lines
  if (line && Array.isArray(codes)) line.identCodes = codes
  return { root: 'logistics_online_send_response', inner: '"is_success":true' }
}

/** Reads `imei=a,b;deviceSn=c;`. A code under the wrong name is refused. */
function featureCodes(feature: string): string[] | PopError {
  const codes: string[] = []
  for (const part of feature.split(';').filter((one) => one !== '')) {
    const [key = '', list = ''] = part.split('=')
    const named = list.split(',')
    if (key !== 'imei' && key !== 'deviceSn') return business('50001', '发货个性内容不支持')
    if (named.some((code) => code === '' || (key === 'imei') !== isImei(code)))
      return business('50001', `${key}格式不正确`)
    codes.push(...named)
  }
  return codes
}

/** Fifteen digits whose Luhn sum is a multiple of ten. */
function isImei(code: string): boolean {
  if (code.length !== 15 || /\D/.test(code)) return false
  let sum = 0
  for (let at = 0; at < 15; at += 1) {
    const doubled = Number(code[at]) * (1 + (at % 2))
    sum += Math.floor(doubled / 10) + (doubled % 10)
  }
  return sum % 10 === 0
}

function shipProblem(
  trade: Trade,
  courier: number,
  waybill: string,
  owner: Trade | undefined,
): PopError | undefined {
  const company = COMPANIES.find(([id]) => id === courier)
  if (company === undefined) return business('50001', '快递公司编号不存在或不支持')
  if (!new RegExp(company[3]).test(waybill)) return business('50001', '快递单号格式不正确')
  if (owner !== undefined && owner.buyer !== trade.buyer) return business('50001', '快递单号已被其他订单使用')
  if (trade.consigned > 0) return business('50001', '订单已发货，请勿重复发货')
  if (!isShippable(trade) || trade.hold !== '') return business('50001', '订单状态不允许发货')
  return refundStatus(trade) === 1 ? undefined : business('50001', '订单售后处理中，无法发货')
}

export const companies: PopMethod = () => {
  const list = COMPANIES.map(
    ([id, code, name]) => `{"available":1,"code":"${code}","id":${id},"logistics_company":${quote(name)}}`,
  )
  return { root: 'logistics_companies_get_response', inner: `"logistics_companies":[${list.join(',')}]` }
}

export const COMPANIES: readonly (readonly [id: number, code: string, name: string, pattern: string])[] = [
  [44, 'SF', '顺丰快递', '^SF\\d{12,13}$|^\\d{12}$'],
  [85, 'YTO', '圆通快递', '^YT\\d{13,15}$|^\\d{10,18}$'],
  [115, 'ZTO', '中通快递', '^7\\d{12,14}$|^\\d{12,15}$'],
  [1, 'STO', '申通快递', '^77\\d{11,13}$|^\\d{12,15}$'],
  [121, 'YUNDA', '韵达快递', '^4\\d{12,14}$|^\\d{13,15}$'],
  [384, 'JTSD', '极兔速递', '^JT\\d{13}$'],
  [118, 'EMS', '邮政EMS', '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  [132, 'YZXB', '邮政快递包裹', '^9[89]\\d{11}$'],
  [120, 'JD', '京东快递', '^JD[A-Z0-9]{11,20}$'],
  [131, 'DB', '德邦快递', '^DPK\\d{12}$|^\\d{8,10}$'],
  [3, 'HT', '百世快递', '^\\d{12,14}$'],
  [119, 'TT', '天天快递', '^\\d{12,14}$'],
  [117, 'YS', '优速快递', '^\\d{12}$'],
  [129, 'ZJS', '宅急送快递', '^[A-Z0-9]{10,15}$'],
]
