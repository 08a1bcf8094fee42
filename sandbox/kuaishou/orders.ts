import { changeMemo } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { recordActivity } from '../world/world.ts'
import {
  askedTrade,
  badParam,
  done,
  type KsMethod,
  readCursor,
  readSpan,
  wholeIn,
  wordIn,
  wrong,
} from './call.ts'
import { keepNote } from './notes.ts'
import { orderJson, orderNumber } from './order-json.ts'

/** `orderViewStatus`: 1 is all. */
const VIEWS: Readonly<Record<number, readonly number[]>> = {
  1: [10, 30, 40, 50, 70, 80],
  2: [10],
  3: [30],
  4: [40],
  5: [50],
  6: [70],
  7: [80],
}
const DAY = 86_400
const tooWide = wrong(21, '查询时间范围不能大于7天')

/** open.order.cursor.list: a week at most, fifty rows, no total; the cursor behind the last row is "nomore". */
export const cursorList: KsMethod = (call) => {
  const { param, shop } = call
  const view = VIEWS[wholeIn(param, 'orderViewStatus') ?? 0]
  if (view === undefined) return badParam('orderViewStatus')
  const size = wholeIn(param, 'pageSize')
  if (size === undefined || size < 1 || size > 50) return badParam('pageSize')
  const [sort, type] = [wholeIn(param, 'sort') ?? 1, wholeIn(param, 'queryType') ?? 1]
  if (![1, 2].includes(sort) || ![1, 2].includes(type)) return badParam('sort, queryType')
  if (![0, 1, 2].includes(wholeIn(param, 'cpsType') ?? 0)) return badParam('cpsType')
  if (typeof param['cursor'] !== 'string') return badParam('cursor')
  const span = readSpan(call, 7, tooWide)
  if ('result' in span) return span
  const isListed = (trade: Trade) =>
    (trade.garbage?.['status'] !== undefined || view.includes(orderNumber(trade))) &&
    trade.created >= call.now - 240 * DAY
  const found =
    type === 2
      ? filteredBetween(shop.tradeLog, span, `ks|${view.join()}`, isListed)
      : shop.byCreated
          .filter((trade) => trade.created >= span.from && trade.created <= span.to && isListed(trade))
          .sort((one, other) => other.created - one.created)
  const ordered = sort === 2 ? found.toReversed() : found
  const cursor = readCursor(wordIn(param, 'cursor'), JSON.stringify([view, size, sort, type, span]))
  if ('result' in cursor) return cursor
  const end = cursor.skip + size
  return {
    data: {
      pageSize: size,
      beginTime: param['beginTime'],
      endTime: param['endTime'],
      cursor: end < ordered.length ? cursor.after(end) : 'nomore',
      orderList: ordered.slice(cursor.skip, end).map((trade) => orderJson(trade, call.sandbox.world.url)),
    },
  }
}

export const detail: KsMethod = (call) => {
  const trade = askedTrade(call, 'oid')
  return 'result' in trade ? trade : { data: orderJson(trade, call.sandbox.world.url) }
}

/** open.seller.order.note.add: adds a note, whose flag becomes the order's; 6 is grey, 0 takes none. */
export const noteAdd: KsMethod = (call) => {
  const trade = askedTrade(call, 'orderId')
  if ('result' in trade) return trade
  const [note, flag] = [call.param['note'] ?? '', wholeIn(call.param, 'flag') ?? 0]
  if (typeof note !== 'string' || [...note].length > 200) return badParam('note', '字符数不能大于200')
  if (flag < 0 || flag > 6) return badParam('flag')
  const { world } = call.sandbox
  const own = flag === 6 ? 0 : flag
  changeMemo(world, trade, note, own)
  keepNote(trade, { at: call.now, note, flag: own })
  recordActivity(world, call.shop, {
    action: 'memo',
    key: trade.tid,
    accepted: true,
    detail: { memo: note, flag: String(own) },
  })
  return done
}
