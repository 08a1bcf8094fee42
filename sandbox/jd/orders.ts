import type { Json } from '../json-parts.ts'
import { platformTime, readPlatformTime } from '../wire.ts'
import { changeMemo } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { recordActivity } from '../world/world.ts'
import { fine, given, type JdCall, type JdMethod, orderOf, refused, success, wholeIn } from './call.ts'
import { flagOf, orderJson, orderState, STATE_WORDS } from './order-json.ts'

const DAY = 86_400

export interface Span {
  from: number
  to: number
}

/** A window of at most `days` that begins at most `reach` days ago, both ends inside; a text: the refusal. */
export function readSpan(
  { param, now }: JdCall,
  [begin, end]: readonly [string, string],
  { days, reach }: { days: number; reach: number },
): Span | string {
  const [from, to] = [readPlatformTime(given(param, begin)), readPlatformTime(given(param, end))]
  if (from === undefined || to === undefined) return `${begin}、${end}格式不正确`
  if (to < from) return `${end}不能早于${begin}`
  if (to - from > days * DAY) return `查询时间范围不能超过${days}天`
  return from < now - reach * DAY ? `只能查询最近${reach}天` : { from, to }
}

/** jingdong.pop.order.search: a month at most; by change three months back, by creation two years. */
export const search: JdMethod = (call) => {
  const found = searched(call)
  const name = 'searchorderinfo_result'
  if (typeof found === 'string')
    return { name, body: { apiResult: refused(found), orderTotal: 0, orderInfoList: [] } }
  const { page, size, fields, trades } = found
  const rows = trades.slice((page - 1) * size, page * size)
  return {
    name,
    body: {
      apiResult: fine(),
      orderTotal: trades.length,
      orderInfoList: rows.map((trade) => orderJson(trade, fields, call.now)),
    },
  }
}

function searched(call: JdCall): { page: number; size: number; fields: string[]; trades: Trade[] } | string {
  const { param, shop } = call
  const fields = fieldsIn(param)
  if (fields.length === 0) return 'optional_fields不能为空'
  const states = given(param, 'order_state').split(',').filter(Boolean)
  if (states.length === 0 || states.some((state) => STATE_WORDS[state] === undefined))
    return 'order_state不正确'
  const [page, size] = [wholeIn(param, 'page', [1, 100_000]), wholeIn(param, 'page_size', [1, 100])]
  if (page === undefined || size === undefined) return 'page、page_size不正确'
  const byCreation = given(param, 'dateType') === '1'
  const span = readSpan(call, ['start_date', 'end_date'], { days: 31, reach: byCreation ? 730 : 90 })
  if (typeof span === 'string') return span
  const isListed = (trade: Trade) => states.includes(orderState(trade))
  const trades = byCreation
    ? shop.byCreated
        .filter((trade) => trade.created >= span.from && trade.created <= span.to && isListed(trade))
        .sort((one, other) => other.created - one.created)
    : filteredBetween(shop.tradeLog, span, `jd|${states.join()}`, isListed)
  return { page, size, fields, trades: given(param, 'sortType') === '1' ? trades : trades.toReversed() }
}

const fieldsIn = (param: Json): string[] =>
  given(param, 'optional_fields')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)

/** jingdong.pop.order.get: the named fields only. */
export const get: JdMethod = (call) => {
  const name = 'orderDetailInfo'
  const trade = orderOf(call, given(call.param, 'order_id'))
  const fields = fieldsIn(call.param)
  if (fields.length === 0) return { name, body: { apiResult: refused('optional_fields不能为空') } }
  if (trade === undefined || orderState(trade) === '')
    return { name, body: { apiResult: refused('订单不存在', 'Order does not exist', 10_100_002) } }
  return { name, body: { apiResult: fine(), orderInfo: orderJson(trade, fields, call.now) } }
}

/** jingdong.pop.order.modifyVenderRemark: replaces remark and flag. */
export const modifyRemark: JdMethod = (call) => {
  const name = 'modifyvenderremark_result'
  const trade = orderOf(call, given(call.param, 'order_id'))
  if (trade === undefined) return { name, body: refused('订单号不正确', 'Wrong order id', 10_100_002) }
  const flag = wholeIn(call.param, 'flag', [0, 5])
  const remark = call.param['remark']
  if (flag === undefined) return { name, body: refused('flag不正确') }
  if (typeof remark !== 'string') return { name, body: refused('remark不正确') }
  const { world } = call.sandbox
  changeMemo(world, trade, remark, flag)
  recordActivity(world, call.shop, {
    action: 'memo',
    key: trade.tid,
    accepted: true,
    detail: { memo: remark, flag: String(flag) },
  })
  return { name, body: fine() }
}

/** jingdong.order.venderRemark.queryByOrderId */
export const remarkOf: JdMethod = (call) => {
  const name = 'venderRemarkQueryResult'
  const trade = orderOf(call, given(call.param, 'order_id'))
  if (trade === undefined)
    return {
      name,
      body: {
        api_jos_result: { success: success(false), result_code: '10100002', result_describe: '订单号不正确' },
      },
    }
  return {
    name,
    body: {
      api_jos_result: { success: success(true), result_code: '0', result_describe: '成功' },
      vender_remark: {
        order_id: trade.tid,
        remark: trade.memo,
        flag: String(flagOf(trade)),
        created: platformTime(trade.created),
        modified: platformTime(trade.modified),
      },
    },
  }
}
