import { changeMemo } from '../world/change.ts'
import { disturb } from '../world/life.ts'
import type { Trade } from '../world/model.ts'
import { countBetween, filteredBetween, newestBetween } from '../world/modified-log.ts'
import { recordActivity } from '../world/world.ts'
import {
  business,
  missing,
  type PopCall,
  type PopError,
  type PopMethod,
  type PopWindow,
  readNumber,
  readWindow,
} from './call.ts'
import { orderJson, orderStatus, refundStatus } from './order-json.ts'

interface Asked {
  order: number
  refund: number
}

/** pdd.order.number.list.increment.get: by modified time, at most 30 minutes that ended three minutes ago, newest first. */
export const orderIncrement: PopMethod = (call) => {
  const asked = readAsked(call)
  if ('code' in asked) return asked
  const lucky = readNumber(call.params, 'is_lucky_flag')
  if (typeof lucky !== 'number') return lucky
  const window = readWindow(call, 'updated_at', { longest: 1800, lag: 180 })
  if ('code' in window) return window
  const log = call.shop.tradeLog
  const skip = (window.page - 1) * window.size
  let found: Trade[]
  let total: number
  if (asked.order === 5 && asked.refund === 5) {
    found = newestBetween(log, window, { skip, limit: window.size + 1 })
    total = window.useHasNext ? 0 : countBetween(log, window)
  } else {
    const all = filteredBetween(log, window, `${asked.order}|${asked.refund}`, (trade) =>
      wanted(trade, asked),
    )
    found = all.slice(skip, skip + window.size + 1)
    total = all.length
  }
  return {
    root: 'order_sn_increment_get_response',
    inner: writeList(call, 'order_sn_list', window, { found, total }),
  }
}

/** pdd.order.list.get: by the time at which the group formed, at most 24 hours, newest first. */
export const orderList: PopMethod = (call) => {
  const asked = readAsked(call)
  if ('code' in asked) return asked
  const window = readWindow(call, 'confirm_at', { longest: 86_400 })
  if ('code' in window) return window
  const confirmed = (trade: Trade) =>
    trade.status !== 'PAID_FORBID_CONSIGN' && trade.paid >= window.from && trade.paid <= window.to
  const all = call.shop.byCreated
    .filter((trade) => confirmed(trade) && wanted(trade, asked))
    .sort((a, b) => b.paid - a.paid)
  const skip = (window.page - 1) * window.size
  const found = all.slice(skip, skip + window.size + 1)
  return {
    root: 'order_list_get_response',
    inner: writeList(call, 'order_list', window, { found, total: all.length }),
  }
}

export const orderInformation: PopMethod = (call) => {
  const trade = askedOrder(call)
  if ('code' in trade) return trade
  return {
    root: 'order_info_get_response',
    inner: `"order_info":${orderJson(trade, call.sandbox.world.url)}`,
  }
}

/** pdd.order.note.update: note and tag, which the documents limit to 1–5 and the simulator does not; without a tag the flag stays. */
export const noteUpdate: PopMethod = (call) => {
  const trade = askedOrder(call)
  if ('code' in trade) return trade
  const note = call.params.get('note') ?? ''
  if (note === '') return missing('note')
  if ([...note].length > 300) return business('50001', '备注最多300字')
  const tag = readNumber(call.params, 'tag', trade.flag)
  if (typeof tag !== 'number') return tag
  changeMemo(call.sandbox.world, trade, note, tag)
  recordActivity(call.sandbox.world, call.shop, {
    action: 'memo',
    key: trade.tid,
    accepted: true,
    detail: { memo: note, flag: String(tag) },
  })
  return { root: 'order_note_update_response', inner: '"is_success":true' }
}

/** Changes some orders of the window after a page was read, for the `mutate` fault. */
export function disturbOrders(call: PopCall, count: number): void {
  const from = readNumber(call.params, 'start_updated_at', 0)
  const to = readNumber(call.params, 'end_updated_at', 0)
  if (typeof from !== 'number' || typeof to !== 'number') return
  disturb(
    call.sandbox.world,
    call.shop,
    newestBetween(call.shop.tradeLog, { from, to }, { skip: 0, limit: 1000 }),
    count,
  )
}

export function askedOrder(call: PopCall): Trade | PopError {
  const sn = call.params.get('order_sn') ?? ''
  if (sn === '') return missing('order_sn')
  return call.shop.trades.get(sn) ?? business('50001', '订单不存在')
}

/** order_status 1, 2, 3 or 5 (all) and refund_status 1–5 (5: all); both are required. */
function readAsked(call: PopCall): Asked | PopError {
  const order = readNumber(call.params, 'order_status')
  if (typeof order !== 'number') return order
  const refund = readNumber(call.params, 'refund_status')
  if (typeof refund !== 'number') return refund
  if (![1, 2, 3, 5].includes(order)) return business('50001', 'order_status不合法')
  if (refund < 1 || refund > 5) return business('50001', 'refund_status不合法')
  return { order, refund }
}

function wanted(trade: Trade, asked: Asked): boolean {
  return (
    (asked.order === 5 || asked.order === orderStatus(trade)) &&
    (asked.refund === 5 || asked.refund === refundStatus(trade))
  )
}

function writeList(
  call: PopCall,
  name: string,
  { size, useHasNext }: PopWindow,
  { found, total }: { found: Trade[]; total: number },
): string {
  const hasNext = found.length > size
  if (hasNext) found.pop()
  const counted = useHasNext ? `"has_next":${hasNext}` : `"total_count":${total}`
  return `${counted},"${name}":[${found.map((trade) => orderJson(trade, call.sandbox.world.url)).join(',')}]`
}
