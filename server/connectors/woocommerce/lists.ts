import { dayMs, minuteMs, secondMs } from '../../lib/time.ts'
import type { BadItem, Call } from '../connector.ts'
import { needed } from '../gateway.ts'
import { type ListLimits, type ListPage, type Page, rowsAfter, type Window } from '../lists.ts'
import { getWoo } from './client.ts'
import { utcOf } from './fields.ts'
import { clockMs, listLagMs } from './unverified.ts'

/** No window is too long, and a page has a hundred rows at most. The clock is that of the seller's own server. */
export const listLimits: ListLimits = {
  windowMs: 30 * dayMs,
  advisedWindowMs: dayMs,
  lagMs: listLagMs,
  overlapMs: clockMs + minuteMs,
  pageSize: 100,
  rowsMax: 10_000,
}

/** The ends of a window lie outside it, so it begins a second earlier. The newest number is first: no change moves an order among the others. */
export function spanOf(by: 'created' | 'modified', { from, to }: Window): Record<string, string> {
  const head = by === 'created' ? '' : 'modified_'
  const second = (time: Date, round: (value: number) => number) => round(time.getTime() / secondMs) * secondMs
  return {
    [`${head}after`]: utcOf(second(from, Math.floor) - secondMs),
    [`${head}before`]: utcOf(second(to, Math.ceil)),
    dates_are_gmt: 'true',
    orderby: 'id',
    order: 'desc',
  }
}

type Rows<Item> = {
  path: string
  params: Readonly<Record<string, string>>
  read(row: unknown): Item | BadItem
}

/** One page of a list that counts its rows. */
export async function pageOf<Item>(
  call: Call,
  { path, params, read }: Rows<Item>,
  { number, size, mode }: Page,
): Promise<ListPage<Item | BadItem>> {
  const asked =
    mode === 'count' ? { page: '1', per_page: '1' } : { page: String(number), per_page: String(size) }
  const answer = await getWoo(call, path, { ...params, ...asked })
  const total = needed(answer.total, 'X-WP-Total')
  if (mode === 'count') return { total, items: [], hasNext: false }
  return { items: answer.rows.map(read), hasNext: rowsAfter(total, answer.rows, { number, size }) }
}

const mostPages = 50

/** Every row of a list that belongs to one document, such as the refunds of an order. */
export async function everyRow(
  call: Call,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const rows: unknown[] = []
  for (let number = 1; number <= mostPages; number += 1) {
    const page = await pageOf(
      call,
      { path, params, read: (row: unknown) => ({ row }) },
      { number, size: 100, mode: 'rows' },
    )
    for (const item of page.items) if ('row' in item) rows.push(item.row)
    if (!page.hasNext) break
  }
  return rows
}
