import { dayMs, hourMs, minuteMs, secondMs } from '../../lib/time.ts'
import type { BadItem, Call } from '../connector.ts'
import { listAt, wholeAt } from '../fields.ts'
import { needed } from '../gateway.ts'
import { type ListLimits, type ListPage, type Page, rowsAfter, type Window } from '../lists.ts'
import { askXiaohongshu, type Params } from './client.ts'
import { listLagMs } from './unverified.ts'

const limits = { lagMs: listLagMs, overlapMs: minuteMs, pageSize: 100 }
/** By the time of change a window has half an hour at most, by that of creation a day; a minute is left for whole seconds at both ends. */
const byChange = { windowMs: 29 * minuteMs, advisedWindowMs: 20 * minuteMs }
const byCreation = { windowMs: dayMs - minuteMs, advisedWindowMs: hourMs }

/** order.getOrderList: a hundred pages of a hundred rows, every five minutes for a shop (names and pace are of another client). */
export const changedTrades: ListLimits = { ...limits, ...byChange, rowsMax: 10_000, everySeconds: 300 }
export const createdTrades: ListLimits = { ...limits, ...byCreation, rowsMax: 10_000 }
/** afterSale.listAfterSaleInfos: `pageNo` times `pageSize` is 50,000 at most. */
export const changedRefunds: ListLimits = { ...limits, ...byChange, rowsMax: 50_000 }

/** The parameter `timeType`. */
export const timeType = { creation: 1, change: 2 } as const

/** The window of orders in seconds, that of after-sales in milliseconds; both ends count as inside. */
export const secondsOf = ({ from, to }: Window) => ({
  startTime: Math.floor(from.getTime() / secondMs),
  endTime: Math.ceil(to.getTime() / secondMs),
})
export const millisecondsOf = ({ from, to }: Window) => ({
  startTime: from.getTime(),
  endTime: to.getTime(),
})

/** A list that counts its rows: its method, the fields of the answer that hold them, and how a row is read. */
export type Rows<Item> = {
  method: string
  rows: string
  total: string
  read(row: unknown): Item | BadItem
}

/** One page of a list. The rows that change leave the window, so the last page is read first. */
export async function pageOf<Item>(
  { method, rows, total: counted, read }: Rows<Item>,
  call: Call,
  params: Params,
  { number, size, mode }: Page,
): Promise<ListPage<Item | BadItem>> {
  const asked = mode === 'count' ? { pageNo: 1, pageSize: 1 } : { pageNo: number, pageSize: size }
  const { data } = await askXiaohongshu(call, method, { ...params, ...asked })
  const total = needed(wholeAt(data, counted, 0, Number.MAX_SAFE_INTEGER), counted)
  if (mode === 'count') return { total, items: [], hasNext: false }
  const found = listAt(data, rows, '')
  return { items: found.map(read), hasNext: rowsAfter(total, found, { number, size }) }
}
