import { ship } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { recordShipping } from '../world/world.ts'
import {
  askedDeal,
  badParameter,
  type PaipaiCall,
  type PaipaiError,
  type PaipaiMethod,
  refused,
  textOf,
} from './call.ts'
import { encode } from './charset.ts'
import { dealState, wordsOf } from './deal-json.ts'

const DAYS = ['1', '2', '3', '4', '5', '7', '10', '15', '20', '30']

/**
 * deal/sellerConsignDealItem: the whole deal, which must wait for its seller. Which names and numbers the platform refused is not known; they are
 * rules of the simulator.
 */
export const sellerConsignDealItem: PaipaiMethod = (call) => {
  const trade = askedDeal(call)
  if ('errorCode' in trade) return trade
  const [company, waybill] = [textOf(call, 'logisticsName'), textOf(call, 'logisticsCode')]
  const problem = parcelProblem(call, trade, { company, waybill }) ?? stateProblem(trade)
  const { world } = call.sandbox
  const lines = trade.lines.map(({ oid }) => oid)
  recordShipping(world, trade, { company, waybill, lines, accepted: problem === undefined })
  if (problem !== undefined) return problem
  const open = trade.lines.filter(({ status }) => status === 'WAIT_SELLER_SEND_GOODS')
  for (const line of open) line.shipments++
  if (waybill !== '') world.waybills.set(waybill, trade)
  ship(world, trade, open, { company, waybill })
  return { dealCode: trade.tid }
}

function parcelProblem(
  call: PaipaiCall,
  trade: Trade,
  { company, waybill }: { company: string; waybill: string },
): PaipaiError | undefined {
  if (!DAYS.includes(textOf(call, 'arriveDays'))) return badParameter('arriveDays')
  if (encode(textOf(call, 'logisticsDesc'), 'gbk').length > 100) return badParameter('logisticsDesc')
  if (company === 'NO') return waybill === '' ? undefined : badParameter('logisticsCode')
  const known = COMPANIES.find(([name]) => name === company)
  if (known === undefined) return badParameter('logisticsName')
  if (encode(waybill, 'gbk').length > 20 || !new RegExp(known[1]).test(waybill))
    return badParameter('logisticsCode')
  const owner = call.sandbox.world.waybills.get(waybill)
  return owner !== undefined && owner.buyer !== trade.buyer ? refused('物流单号已被其他订单使用') : undefined
}

function stateProblem(trade: Trade): PaipaiError | undefined {
  const state = dealState(trade)
  return state === 'DS_WAIT_SELLER_DELIVERY'
    ? undefined
    : refused(`订单处于[${wordsOf(state)}]，只有状态处于[买家已付款等待卖家发货]的订单可以发货`)
}

/** The names that clients sent, and the form of the waybills. */
const COMPANIES: readonly (readonly [name: string, pattern: string])[] = [
  ['顺丰速运', '^SF\\d{12,13}$|^\\d{12}$'],
  ['圆通速递', '^YT\\d{10,15}$|^\\d{10,18}$'],
  ['中通速递', '^7\\d{12,14}$|^\\d{12,15}$'],
  ['申通快递', '^77\\d{11,13}$|^\\d{12,15}$'],
  ['韵达快运', '^4\\d{12,14}$|^\\d{13,15}$'],
  ['天天快递', '^\\d{12,15}$'],
  ['宅急送', '^\\d{10,15}$'],
  ['邮政EMS', '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  ['E邮宝', '^\\d{12,15}$'],
  ['平邮', '^\\d{12,15}$'],
  ['汇通快运', '^\\d{12,15}$'],
  ['优速快递', '^\\d{12,15}$'],
  ['德邦物流', '^DPK\\d{12}$|^\\d{8,10}$'],
]
