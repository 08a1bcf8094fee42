import { ship } from '../world/change.ts'
import { isShippable, type Line, type Trade } from '../world/model.ts'
import { at } from '../world/random.ts'
import { noteDeed } from '../world/world.ts'
import { type Call, type Method, missing, type Result, refused } from './call.ts'
import { askedTrade } from './trades.ts'

/** taobao.logistics.offline.send and online.send: whole, or the lines of sub_tid with is_split=1. */
export const offlineSend: Method = (call) => send(call, true)
export const onlineSend: Method = (call) => send(call, false)

/** taobao.logistics.dummy.send: no parcel. */
export const dummySend: Method = (call) => {
  const trade = askedTrade(call, false)
  if ('code' in trade) return trade
  return shipLines(call, trade, trade.lines, '', '')
}

/** taobao.logistics.companies.get */
export const companies: Method = (call) => {
  const fields = new Set((call.params.get('fields') || 'id,code,name,reg_mail_no').split(','))
  const list = COMPANIES.map(([id, code, name, pattern]) => {
    const parts: string[] = []
    if (fields.has('id')) parts.push(`"id":${id}`)
    if (fields.has('code')) parts.push(`"code":"${code}"`)
    if (fields.has('name')) parts.push(`"name":"${name}"`)
    if (fields.has('reg_mail_no')) parts.push(`"reg_mail_no":${JSON.stringify(pattern)}`)
    return `{${parts.join(',')}}`
  })
  return `"logistics_companies":{"logistics_company":[${list.join(',')}]}`
}

function send(call: Call, waybillRequired: boolean): Result {
  const trade = askedTrade(call, false)
  if ('code' in trade) return trade
  const code = call.params.get('company_code') ?? ''
  if (code === '') return missing('company_code')
  const waybill = call.params.get('out_sid') ?? ''
  if (waybill === '') return waybillRequired ? missing('out_sid') : '"shipping":{"is_success":true}'
  if (waybillRequired && trade.type === 'cod')
    return refused('isv.logistics-offline-service-error:B60', '货到付款订单不支持自己联系物流发货')
  const company = COMPANIES.find((known) => known[1] === code)
  if (company === undefined) return refused('isv.logistics-offline-service-error:P38', '物流公司不存在')
  if (!new RegExp(company[3]).test(waybill))
    return refused('isv.logistics-offline-service-error:B04', '运单号不符合规则或已经被使用')
  const oids = (call.params.get('sub_tid') ?? '').split(',').filter((oid) => oid !== '')
  const split = call.params.get('is_split') === '1'
  const lines = split && oids.length > 0 ? trade.lines.filter((line) => oids.includes(line.oid)) : trade.lines
  if (split && lines.length !== oids.length)
    return refused('isv.logistics-offline-service-error:P03', '子订单不存在')
  return shipLines(call, trade, lines, company[2], waybill)
}

function shipLines(
  call: Call,
  trade: Trade,
  lines: readonly Line[],
  company: string,
  waybill: string,
): Result {
  const { world } = call.sandbox
  const detail = { company, waybill, lines: lines.map((line) => line.oid).join() }
  const again = lines.length > 0 && lines.every((line) => line.consigned > 0)
  if (again || !isShippable(trade) || !ship(world, trade, lines, company, waybill)) {
    noteDeed(world, call.shop, 'ship', trade.tid, false, detail)
    const firstWaybill = at(trade.lines, 0).waybill
    return again
      ? refused(
          'isv.logistics-offline-service-error:B27',
          `发货类型不匹配，订单已发货${firstWaybill === '' ? '' : `:${firstWaybill}`}`,
        )
      : refused('isv.logistics-offline-service-error:B01', '交易状态不允许发货')
  }
  noteDeed(world, call.shop, 'ship', trade.tid, true, detail)
  return '"shipping":{"is_success":true}'
}

const COMPANIES: readonly (readonly [id: number, code: string, name: string, pattern: string])[] = [
  [505, 'SF', '顺丰速运', '^SF\\d{12,13}$|^\\d{12}$'],
  [101, 'YTO', '圆通速递', '^YT\\d{13,15}$|^\\d{10,18}$'],
  [500, 'ZTO', '中通快递', '^7\\d{12,14}$|^\\d{12,15}$'],
  [102, 'YUNDA', '韵达快递', '^4\\d{12,14}$|^\\d{13,15}$'],
  [100, 'STO', '申通快递', '^77\\d{11,13}$|^\\d{12,15}$'],
  [1203, 'JTSD', '极兔速递', '^JT\\d{13}$'],
  [2, 'EMS', 'EMS', '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  [3, 'POSTB', '邮政快递包裹', '^98\\d{11}$|^99\\d{11}$'],
  [1216, 'OTHER', '其他', '.{4,}'],
]
