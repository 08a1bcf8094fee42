import { staleSeconds } from '../peak.ts'
import { platformTime } from '../wire.ts'
import { changeMemo } from '../world/change.ts'
import { disturb } from '../world/life.ts'
import type { Shop, Trade } from '../world/model.ts'
import { countBetween, filteredBetween, newestBetween } from '../world/modified-log.ts'
import { recordActivity } from '../world/world.ts'
import {
  type Call,
  invalid,
  type Method,
  missing,
  type Page,
  type Result,
  readPage,
  readTime,
  refused,
  type TopError,
} from './call.ts'
import { compileFields, writeTrade } from './fields.ts'
import type { Wire } from './trade-fields.ts'

const DAY = 86_400
const KEPT = 92 * DAY
const DEFAULT_TYPES = 'guarantee_trade,auto_delivery,ec,cod,step'

/** taobao.trades.sold.increment.get: by modified time, at most a day, newest first. */
export const soldIncrement: Method = (call) => {
  const from = readTime(call.params, 'start_modified', true)
  const to = readTime(call.params, 'end_modified', true)
  return increment(call, from, to, 'end_modified')
}

/** taobao.trades.sold.incrementv.get: by storage time, which in the simulator is the modified time. */
export const soldIncrementV: Method = (call) => {
  const from = readTime(call.params, 'start_create', true)
  const to = readTime(call.params, 'end_create', true)
  return increment(call, from, to, 'end_create')
}

function increment(
  call: Call,
  from: number | undefined | TopError,
  to: number | undefined | TopError,
  endName: string,
): Result {
  if ((call.params.get('fields') ?? '') === '') return missing('fields')
  if (typeof from !== 'number') return from ?? missing('start')
  if (typeof to !== 'number') return to ?? missing(endName)
  if (to < from) return refused(`isv.invalid-parameter:${endName}`, '结束时间必须大于开始时间')
  if (to - from > DAY) return refused('isv.invalid-parameter', '查询时间跨度不能大于一天')
  const page = readPage(call.params)
  if ('code' in page) return page
  const filter = readFilter(call)
  const span = { from: Math.max(from, call.now - KEPT), to }
  const log = call.shop.tradeLog
  const skip = (page.no - 1) * page.size
  if (filter === null) {
    const total = page.useHasNext ? 0 : countBetween(log, span)
    const found = newestBetween(log, span, { skip, limit: page.size + 1 })
    return writePage(call, page, found, total)
  }
  const all = filteredBetween(log, span, filter.key, filter.keep)
  return writePage(call, page, all.slice(skip, skip + page.size + 1), all.length)
}

/** taobao.trades.sold.get: by creation time within three months, newest first. */
export const sold: Method = (call) => {
  if ((call.params.get('fields') ?? '') === '') return missing('fields')
  const from = readTime(call.params, 'start_created', false)
  if (typeof from === 'object') return from
  const to = readTime(call.params, 'end_created', false)
  if (typeof to === 'object') return to
  const page = readPage(call.params)
  if ('code' in page) return page
  const lag = staleSeconds(call.sandbox.board, call.shop)
  const created = byCreated(call.shop)
  const low = firstCreated(created, Math.max(from ?? 0, call.now - KEPT))
  const high = firstCreated(created, Math.min(to ?? call.now, call.now - lag) + 1)
  const filter = readFilter(call)
  const skip = (page.no - 1) * page.size
  const found: Trade[] = []
  let total = high - low
  if (filter === null) {
    for (let i = high - 1 - skip; i >= low && found.length <= page.size; i--) push(found, created[i])
  } else {
    total = 0
    for (let i = high - 1; i >= low; i--) {
      const trade = created[i]
      if (trade === undefined || !filter.keep(trade)) continue
      if (total >= skip && found.length <= page.size) found.push(trade)
      total++
    }
  }
  return writePage(call, page, found, total)
}

export const fullInfo: Method = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const fields = compileFields(call.params.get('fields') ?? '', 'full')
  if (call.params.get('include_oaid') === 'true' && !fields.oaidPossible) {
    return refused(
      'isv.oaid-field-miss',
      'fields必须包含receiver_name,receiver_address,created,receiver_mobile,receiver_phone',
    )
  }
  return detail(call, trade, call.params.get('include_oaid') === 'true' ? { ...fields, oaid: true } : fields)
}

/** taobao.trade.get: the trade without its receiver. */
export const tradeGet: Method = (call) => {
  const trade = askedTrade(call)
  return 'code' in trade ? trade : detail(call, trade, compileFields(call.params.get('fields') ?? '', 'lite'))
}

/** taobao.trade.memo.update: memo ≤ 1000 bytes, flag 0–5; an empty memo changes nothing unless reset is true. */
export const memoUpdate: Method = (call) => {
  const trade = askedTrade(call, false)
  if ('code' in trade) return trade
  const memo = call.params.get('memo') ?? ''
  const flagText = call.params.get('flag') ?? ''
  const reset = call.params.get('reset') === 'true'
  if (Buffer.byteLength(memo) > 1000) return invalid('memo', '备注最大长度为1000个字节')
  if (flagText !== '' && !/^[0-5]$/.test(flagText)) return invalid('flag', 'flag取值为0~5')
  const text = memo !== '' ? memo : reset ? '' : undefined
  changeMemo(call.sandbox.world, trade, text, flagText === '' ? undefined : Number(flagText))
  recordActivity(call.sandbox.world, call.shop, {
    action: 'memo',
    key: trade.tid,
    accepted: true,
    detail: {
      memo: trade.memo,
      flag: String(trade.flag),
    },
  })
  return `"trade":{"tid":${trade.tid},"modified":"${platformTime(trade.modified)}"}`
}

/** Returns the trade of the caller's own shop that `tid` names. */
export function askedTrade(call: Call, needsFields = true): Trade | TopError {
  if (needsFields && (call.params.get('fields') ?? '') === '') return missing('fields')
  const tid = call.params.get('tid') ?? ''
  if (tid === '') return missing('tid')
  if (!/^\d{1,19}$/.test(tid)) return invalid('tid', 'tid必须是数字')
  return call.shop.trades.get(tid) ?? refused('isv.trade-not-exist', '交易订单不存在')
}

/** Returns the answer of fullinfo.get for one trade with these fields, as the RDS push stores it. */
export function fullAnswer(call: Omit<Call, 'params' | 'files'>, trade: Trade, fields: string): string {
  const wire = { url: call.sandbox.world.url, peakSeconds: undefined }
  return `{"trade_fullinfo_get_response":{"trade":${writeTrade(trade, compileFields(fields, 'full'), wire, call.now)}}}`
}

function detail(call: Call, trade: Trade, fields: ReturnType<typeof compileFields>): string {
  return `"trade":${writeTrade(trade, fields, wireOf(call), call.now)}`
}

function wireOf({ sandbox, shop }: Call): Wire {
  return { url: sandbox.world.url, peakSeconds: sandbox.board.peaks.get(shop.key)?.staleSeconds }
}

function writePage(call: Call, page: Page, found: Trade[], total: number): string {
  const fields = compileFields(call.params.get('fields') ?? '', 'list')
  const hasNext = found.length > page.size
  if (hasNext) found.pop()
  const counted = page.useHasNext ? `"has_next":${hasNext}` : `"total_results":${total}`
  if (found.length === 0) return counted
  const written = found.map((trade) => writeTrade(trade, fields, wireOf(call), call.now))
  return `${counted},"trades":{"trade":[${written.join(',')}]}`
}

interface Filter {
  key: string
  keep(trade: Trade): boolean
}

/** Returns the filter on status and type; null if every trade passes. Without `type` only five types are listed. */
function readFilter(call: Call): Filter | null {
  const types = new Set((call.params.get('type') || DEFAULT_TYPES).split(',').map((type) => type.trim()))
  if (types.has('guarantee_trade')) for (const type of ['fixed', 'auction']) types.add(type)
  const status = call.params.get('status') ?? ''
  const nick = call.params.get('buyer_nick') ?? call.params.get('buyer_open_uid') ?? ''
  const allTypes = [...call.shop.types].every((type) => types.has(type))
  if (allTypes && status === '' && nick === '') return null
  const statuses = status === 'ALL_WAIT_PAY' ? WAIT_PAY : status === 'ALL_CLOSED' ? CLOSED : [status]
  return {
    key: `${[...types].join()}|${status}|${nick}`,
    keep: (trade) =>
      types.has(trade.type) &&
      (status === '' || statuses.includes(trade.status)) &&
      (nick === '' || nick === trade.buyer.nick || nick === trade.buyer.openUid),
  }
}

/** Changes some trades of the window after a page was read, for the `mutate` fault. */
export function disturbWindow(call: Call, count: number): void {
  const from = readTime(call.params, 'start_modified', false)
  const to = readTime(call.params, 'end_modified', false)
  if (typeof from !== 'number' || typeof to !== 'number') return
  disturb(
    call.sandbox.world,
    call.shop,
    newestBetween(call.shop.tradeLog, { from, to }, { skip: 0, limit: 1000 }),
    count,
  )
}

function byCreated(shop: Shop): Trade[] {
  if (!shop.byCreatedSorted) {
    shop.byCreated.sort((a, b) => a.created - b.created)
    shop.byCreatedSorted = true
  }
  return shop.byCreated
}

function firstCreated(trades: readonly Trade[], time: number): number {
  let low = 0
  let high = trades.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((trades[middle]?.created ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

function push(found: Trade[], trade: Trade | undefined): void {
  if (trade !== undefined) found.push(trade)
}

const WAIT_PAY = ['WAIT_BUYER_PAY', 'TRADE_NO_CREATE_PAY']
const CLOSED = ['TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO']
