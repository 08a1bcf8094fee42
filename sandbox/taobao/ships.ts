import { ship, touchTrade } from '../world/change.ts'
import { isShippable, type Line, type Trade } from '../world/model.ts'
import { giveUpWaybill } from '../world/sent-parcels.ts'
import { recordShipping } from '../world/world.ts'
import { type Call, invalid, type Method, missing, type Result, refused, type TopError } from './call.ts'
import { askedTrade } from './trades.ts'

/**
 * taobao.logistics.offline.send and online.send: the whole trade, or the lines of sub_tid with is_split=1. The error codes are the
 * documented ones.
 */
export const offlineSend: Method = (call) => send(call, 'offline')
export const onlineSend: Method = (call) => send(call, 'online')

/** taobao.logistics.dummy.send: ships without a parcel. */
export const dummySend: Method = (call) => {
  const trade = shippedTrade(call, 'dummy')
  return 'code' in trade
    ? trade
    : shipLines(call, 'dummy', { trade, lines: trade.lines, company: '', waybill: '' })
}

/** For so many days after shipping a parcel that the seller sent without the platform may get another waybill. */
const RESEND_DAYS = 50

/**
 * taobao.logistics.consign.resend: another courier and waybill for lines that were shipped under one waybill. Without sub_tid these are all lines of the
 * trade. Its error codes are not documented; those of offline.send are given.
 */
export const resend: Method = (call) => {
  const trade = shippedTrade(call, 'consign')
  if ('code' in trade) return trade
  const waybill = call.params.get('out_sid') ?? ''
  const code = call.params.get('company_code') ?? ''
  if (waybill === '') return missing('out_sid')
  if (code === '') return missing('company_code')
  const company = COMPANIES.find((known) => known[1] === code)
  if (company === undefined) return error('consign', 'B56', '没有选择物流公司或者物流公司格式不对')
  if (!new RegExp(company[3]).test(waybill)) return error('consign', 'B60', '运单号不符合规则或已经被使用')
  const owner = call.sandbox.world.waybills.get(waybill)
  if (owner !== undefined && owner.buyer !== trade.buyer)
    return error('consign', 'F04', '您填写的运单号已被使用，请使用正确的运单号')
  const asked = resentLines(call, trade)
  if ('code' in asked) return asked
  const since = Math.min(...asked.map(({ consigned }) => consigned))
  if (call.now - since > RESEND_DAYS * 86_400) return error('consign', 'B04', '发货超过50天，不能修改运单号')
  const former = new Set(asked.map((line) => line.waybill))
  for (const line of asked) Object.assign(line, { company: company[2], waybill })
  for (const no of former) giveUpWaybill(call.sandbox.world, trade, no)
  call.sandbox.world.waybills.set(waybill, trade)
  touchTrade(call.sandbox.world, trade)
  return SUCCESS
}

/** The lines whose waybill is changed: shipped, not over, and all of one parcel. */
function resentLines(call: Call, trade: Trade): Line[] | TopError {
  const oids = (call.params.get('sub_tid') ?? '').split(',').filter((oid) => oid !== '')
  if ((call.params.get('is_split') === '1') !== oids.length > 0)
    return error('consign', 'CD25', '拆单标记和子订单列表两者必须都填或者都不填')
  const open = trade.lines.filter(({ status }) => status !== 'TRADE_CLOSED')
  const lines = oids.length > 0 ? open.filter(({ oid }) => oids.includes(oid)) : open
  if (lines.length === 0 || lines.length < oids.length) return error('consign', 'P38', '拆单校验未通过')
  if (lines.some(({ status }) => status !== 'WAIT_BUYER_CONFIRM_GOODS'))
    return error('consign', 'B04', '订单状态不对，只有已发货的订单才能修改运单号')
  return new Set(lines.map(({ waybill }) => waybill)).size > 1
    ? error('consign', 'CD23', '订单已拆单，必须传入子交易号列表和拆单标记')
    : lines
}

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

function send(call: Call, channel: Channel): Result {
  const trade = shippedTrade(call, channel)
  if ('code' in trade) return trade
  const code = call.params.get('company_code') ?? ''
  if (code === '') return missing('company_code')
  const waybill = call.params.get('out_sid') ?? ''
  // Without a waybill an online order waits for online.confirm, and the trade is not changed.
  if (waybill === '') return channel === 'offline' ? missing('out_sid') : SUCCESS
  const company = COMPANIES.find((known) => known[1] === code)
  if (company === undefined) return error(channel, 'B56', '没有选择物流公司或者物流公司格式不对')
  if (trade.type === 'cod' && channel === 'offline')
    return error(channel, 'B98', '发货类型不匹配，货到付款订单不支持自己联系物流发货')
  if (!new RegExp(company[3]).test(waybill)) return error(channel, 'B60', '运单号不符合规则或已经被使用')
  const owner = call.sandbox.world.waybills.get(waybill)
  if (owner !== undefined && owner.buyer !== trade.buyer)
    return error(channel, 'F04', '您填写的运单号已被使用，请使用正确的运单号')
  const lines = askedLines(call, channel, trade)
  if ('code' in lines) return lines
  const idents = identCodes(call.params.get('feature') ?? '')
  if (idents.some(({ oid }) => !lines.some((line) => line.oid === oid)))
    return error(channel, 'P38', '识别码的子订单号不在这次发货里')
  const sent = shipLines(call, channel, { trade, lines, company: company[2], waybill })
  if (sent === SUCCESS)
    for (const { oid, codes } of idents) {
      const line = lines.find((one) => one.oid === oid)
      if (line) line.identCodes = codes
    }
  return sent
}

/** Reads `identCode=oid:code,code|oid:code` of `feature`, whose keys are parted by semicolons. */
function identCodes(feature: string): { oid: string; codes: string[] }[] {
  const entry = feature.split(';').find((part) => part.startsWith('identCode='))
  return (entry?.slice('identCode='.length).split('|') ?? []).map((part) => {
    const [oid = '', codes = ''] = part.split(':')
    return { oid, codes: codes.split(',') }
  })
}

/** Returns the lines of sub_tid with is_split=1, or all lines. A trade that was split once must be shipped by lines. */
function askedLines(call: Call, channel: Channel, trade: Trade): Line[] | TopError {
  const oids = (call.params.get('sub_tid') ?? '').split(',').filter((oid) => oid !== '')
  const split = call.params.get('is_split') ?? '0'
  if (split !== '0' && split !== '1') return invalid('is_split', 'is_split取值为0或1')
  if ((split === '1') !== oids.length > 0)
    return error(channel, 'CD25', '拆单标记和子订单列表两者必须都填或者都不填')
  if (split === '1' && trade.lines.length === 1)
    return error(channel, 'CD29', '订单不是拆单订单，拆单标记和子订单列表都不能传入')
  if (split === '0')
    return trade.status === 'SELLER_CONSIGNED_PART'
      ? error(channel, 'CD23', '订单已拆单，必须传入子交易号列表和拆单标记')
      : trade.lines
  const lines = trade.lines.filter((line) => oids.includes(line.oid))
  const refunded = lines.some((line) => line.status === 'TRADE_CLOSED')
  return lines.length !== oids.length || refunded ? error(channel, 'P38', '拆单校验未通过') : lines
}

function shipLines(
  call: Call,
  channel: Channel,
  {
    trade,
    lines,
    company,
    waybill,
  }: { trade: Trade; lines: readonly Line[]; company: string; waybill: string },
): Result {
  const { world } = call.sandbox
  const problem = shipProblem(channel, trade, lines)
  const done = problem === undefined && ship(world, trade, lines, { company, waybill })
  const shipping = { company, waybill, lines: lines.map((line) => line.oid) }
  recordShipping(world, trade, { ...shipping, accepted: done, error: problem?.subCode })
  if (!done) return problem ?? error(channel, 'B04', WRONG_STATUS)
  if (waybill !== '') world.waybills.set(waybill, trade)
  for (const line of lines) if (line.waybill === waybill) line.shipments++
  return SUCCESS
}

function shipProblem(channel: Channel, trade: Trade, lines: readonly Line[]): TopError | undefined {
  if (isShippable(trade) && lines.some((line) => line.consigned > 0))
    return error(channel, 'B27', '已经生成发货单的订单不能发货')
  if (!isShippable(trade)) return error(channel, 'B04', WRONG_STATUS)
  if (trade.hold !== '') return error(channel, 'B55', '订单被平台管控，暂不能发货')
  const refund = trade.refunds.find((open) => REFUND_OPEN.has(open.status) && lines.includes(open.line))
  return refund && error(channel, 'B55', `子订单${refund.line.oid}存在进行中的退款，不能发货`)
}

type Channel = 'offline' | 'online' | 'dummy' | 'consign'

/** Returns the trade; for a missing one, the error that the shipping methods use. */
function shippedTrade(call: Call, channel: Channel): Trade | TopError {
  const trade = askedTrade(call, false)
  return 'code' in trade && trade.subCode === 'isv.trade-not-exist'
    ? error(channel, 'B01', '订单不存在')
    : trade
}

function error(channel: Channel, code: string, words: string): TopError {
  return refused(`isv.logistics-${channel}-service-error:${code}`, words)
}

const SUCCESS = '"shipping":{"is_success":true}'
const WRONG_STATUS = '订单状态不对，该物流订单已经发货或者已关闭，不能重复发货'
/** The refund statuses that prevent shipping. A refund that the seller refused is not among them. */
const REFUND_OPEN: ReadonlySet<string> = new Set([
  'WAIT_SELLER_AGREE',
  'WAIT_BUYER_RETURN_GOODS',
  'WAIT_SELLER_CONFIRM_GOODS',
])

const COMPANIES: readonly (readonly [id: number, code: string, name: string, pattern: string])[] = [
  [505, 'SF', '顺丰速运', '^SF\\d{12,13}$|^\\d{12}$'],
  [101, 'YTO', '圆通速递', '^YT\\d{13,15}$|^\\d{10,18}$'],
  [500, 'ZTO', '中通快递', '^7\\d{12,14}$|^\\d{12,15}$'],
  [102, 'YUNDA', '韵达快递', '^4\\d{12,14}$|^\\d{13,15}$'],
  [100, 'STO', '申通快递', '^77\\d{11,13}$|^\\d{12,15}$'],
  [1203, 'JTSD', '极兔速递', '^JT\\d{13}$'],
  [1207, 'JD', '京东快递', '^JD[A-Z0-9]{11,20}$'],
  [5000000110730, 'DBKD', '德邦快递', '^DPK\\d{12}$|^\\d{8,10}$'],
  [502, 'HTKY', '百世快递', '^\\d{12,14}$'],
  [504, 'TTKDEX', '天天快递', '^\\d{12,14}$'],
  [1204, 'UC', '优速快递', '^\\d{12}$'],
  [103, 'ZJS', '宅急送', '^[A-Z0-9]{10,15}$'],
  [2, 'EMS', 'EMS', '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  [3, 'POSTB', '邮政快递包裹', '^98\\d{11}$|^99\\d{11}$'],
  [1216, 'OTHER', '其他', '.{4,}'],
]
