import { type Json, part } from '../json-parts.ts'
import { changeMemo } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { recordActivity } from '../world/world.ts'
import { askedTrade, badBody, readPage, type WxError, type WxMethod, wholeIn, wrong } from './call.ts'
import { orderJson, orderStatus } from './order-json.ts'

const WEEK = 7 * 86_400
const MOST_ROWS = 20_000

/** order/list/get: numbers only, by the time of change or of creation, at most seven days and a hundred a page; no total. */
export const orderList: WxMethod = (call) => {
  const { body, shop } = call
  const name = body['update_time_range'] === undefined ? 'create_time_range' : 'update_time_range'
  if (body[name] === undefined) return badBody('time_range')
  const range = readRange(part(body, name))
  if ('errcode' in range) return range
  const status = body['status'] === undefined ? undefined : wholeIn(body, 'status')
  if (body['status'] !== undefined && status === undefined) return badBody('status')
  const size = wholeIn(body, 'page_size')
  if (size === undefined || size < 1 || size > 100) return badBody('page_size')
  const wanted = (trade: Trade) => status === undefined || orderStatus(trade) === status
  const found =
    name === 'update_time_range'
      ? filteredBetween(shop.tradeLog, range, `wx|${status ?? ''}`, wanted)
      : shop.byCreated.filter(
          (trade) => trade.created >= range.from && trade.created <= range.to && wanted(trade),
        )
  if (found.length > MOST_ROWS) return wrong(31042, '订单数量过多，请缩小时间范围')
  const page = readPage(call, JSON.stringify([name, range, status ?? null]), size)
  if ('errcode' in page) return page
  const end = page.skip + size
  const hasMore = end < found.length
  return {
    order_id_list: found.slice(page.skip, end).map(({ tid }) => tid),
    next_key: hasMore ? page.keyAfter(end) : '',
    has_more: hasMore,
  }
}

export const orderGet: WxMethod = (call) => {
  const trade = askedTrade(call)
  return 'errcode' in trade ? trade : { order: orderJson(trade, call.sandbox.world.url) }
}

/** order/merchantnotes/update: replaces the note. */
export const noteUpdate: WxMethod = (call) => {
  const trade = askedTrade(call)
  if ('errcode' in trade) return trade
  const notes = call.body['merchant_notes']
  if (typeof notes !== 'string') return badBody('merchant_notes')
  const { world } = call.sandbox
  changeMemo(world, trade, notes, undefined)
  recordActivity(world, call.shop, {
    action: 'memo',
    key: trade.tid,
    accepted: true,
    detail: { memo: notes, flag: '' },
  })
  return {}
}

function readRange(range: Json): { from: number; to: number } | WxError {
  const [from, to] = [wholeIn(range, 'start_time'), wholeIn(range, 'end_time')]
  if (from === undefined || to === undefined) return badBody('start_time, end_time')
  return to < from || to - from > WEEK ? badBody('time range is limited to 7 days') : { from, to }
}
