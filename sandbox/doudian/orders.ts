import { rows, textIn } from '../json-parts.ts'
import { changeMemo } from '../world/change.ts'
import { disturb } from '../world/life.ts'
import type { Trade } from '../world/model.ts'
import { countBetween, filteredBetween, newestBetween } from '../world/modified-log.ts'
import { recordActivity } from '../world/world.ts'
import {
  business,
  type DoudianCall,
  type DoudianError,
  type DoudianMethod,
  done,
  invalid,
  missing,
  readPage,
  readSpan,
  readText,
} from './call.ts'
import { orderJson, orderStatus, STARS } from './order-json.ts'

const HISTORY = 90 * 86_400
const REACH = 10_000
const UPDATED = ['update_time_start', 'update_time_end'] as const
const CREATED = ['create_time_start', 'create_time_end'] as const

/** order/searchList: whole orders by the time of their last change or of their creation, newest first unless order_asc. */
export const searchList: DoudianMethod = (call) => {
  const { body, now, shop } = call
  const page = readPage(body, REACH)
  if ('code' in page) return page
  const updated = readSpan(body, UPDATED)
  if (updated && 'code' in updated) return updated
  const created = readSpan(body, CREATED)
  if (created && 'code' in created) return created
  if ((created?.from ?? now) < now - HISTORY) return invalid('只支持查询近90天的订单')
  const statuses = readStatuses(call)
  if (!(statuses instanceof Set)) return statuses
  const by = textIn(body, 'order_by')
  if (!['', 'create_time', 'update_time'].includes(by)) return invalid('order_by不合法')
  if (body['order_asc'] !== undefined && typeof body['order_asc'] !== 'boolean')
    return invalid('order_asc不合法')
  const isPlain = updated && !created && statuses.size === 0 && by === 'update_time' && !body['order_asc']
  const skip = page.page * page.size
  const listed = isPlain
    ? {
        found: newestBetween(shop.tradeLog, updated, { skip, limit: page.size }),
        total: countBetween(shop.tradeLog, updated),
      }
    : filtered(call, { updated, created, statuses, by }, { skip, size: page.size })
  const orders = listed.found.map((trade) => orderJson(trade, call.sandbox.world.url))
  return {
    data: `{"page":${page.page},"total":${listed.total},"size":${listed.found.length},"shop_order_list":[${orders.join(',')}]}`,
  }
}

type Span = { from: number; to: number }
type Asked = { updated: Span | undefined; created: Span | undefined; statuses: Set<number>; by: string }

function filtered(
  { shop, body, now }: DoudianCall,
  { updated, created, statuses, by }: Asked,
  { skip, size }: { skip: number; size: number },
): { found: Trade[]; total: number } {
  const span = updated ?? { from: 0, to: now }
  const keep = (trade: Trade) =>
    (created === undefined || (trade.created >= created.from && trade.created <= created.to)) &&
    (statuses.size === 0 || statuses.has(orderStatus(trade.status, trade)))
  const key = `${created?.from}:${created?.to}:${[...statuses].join()}`
  const all = [...filteredBetween(shop.tradeLog, span, key, keep)]
  const timeOf = (trade: Trade) => (by === 'update_time' ? trade.modified : trade.created)
  all.sort((a, b) => timeOf(b) - timeOf(a))
  if (body['order_asc'] === true) all.reverse()
  return { found: all.slice(skip, skip + size), total: all.length }
}

/** combine_status: one element, with the statuses between commas. */
function readStatuses({ body }: DoudianCall): Set<number> | DoudianError {
  const combined = rows(body, 'combine_status')
  if (combined.length > 1) return invalid('combine_status只支持一个元素')
  const words = textIn(combined[0] ?? {}, 'order_status')
    .split(',')
    .filter(Boolean)
  const numbers = words.map(Number)
  return numbers.every((number) => [1, 105, 2, 101, 3, 4, 5].includes(number))
    ? new Set(numbers)
    : invalid('order_status不合法')
}

export const orderDetail: DoudianMethod = (call) => {
  const trade = askedOrder(call, 'shop_order_id', invalid('订单不存在', 20001))
  if ('code' in trade) return trade
  return { data: `{"shop_order_detail":${orderJson(trade, call.sandbox.world.url)}}` }
}

const LONGEST_REMARK = 500

/** order/addOrderRemark: the remark replaces the former one. The flag stays unless is_add_star is "true". */
export const addOrderRemark: DoudianMethod = (call) => {
  const { body, sandbox, shop } = call
  const trade = askedOrder(call, 'order_id', invalid('20002:orderId不存在，请检查订单号', 20002))
  if ('code' in trade) return trade
  const remark = body['remark']
  if (typeof remark !== 'string') return missing('remark')
  if ([...remark].length > LONGEST_REMARK) return business(50056, '订单备注内容超过规定字数')
  const isFlagged = body['is_add_star'] === 'true'
  if (!['true', 'false', undefined].includes(textIn(body, 'is_add_star') || undefined))
    return invalid('is_add_star不合法')
  const star = body['star']
  if (isFlagged && (typeof star !== 'string' || !/^[0-5]$/.test(star))) return invalid('star取值范围0~5')
  const flag = isFlagged ? STARS.indexOf(Number(star)) : trade.flag
  changeMemo(sandbox.world, trade, remark, flag)
  recordActivity(sandbox.world, shop, {
    action: 'memo',
    key: trade.tid,
    accepted: true,
    detail: { memo: remark, flag: String(flag) },
  })
  return done
}

/** `unknown`: what the method answers about an order that does not exist. */
export function askedOrder(call: DoudianCall, name: string, unknown: DoudianError): Trade | DoudianError {
  const id = readText(call.body, name)
  if (typeof id !== 'string') return id
  return call.shop.trades.get(id) ?? unknown
}

/** Changes some orders of the window after a page was read, for the `mutate` fault. */
export function disturbOrders(call: DoudianCall, count: number): void {
  const span = readSpan(call.body, UPDATED)
  if (!span || 'code' in span) return
  const trades = newestBetween(call.shop.tradeLog, span, { skip: 0, limit: 1000 })
  disturb(call.sandbox.world, call.shop, trades, count)
}
