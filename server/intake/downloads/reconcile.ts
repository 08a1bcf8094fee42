import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import { sharedNow } from '../../lib/clock.ts'
import { chinaDay, dayMs, fromChinaTime } from '../../lib/time.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { downloadWindow } from './download-list.ts'
import { downloadRefundWindow } from './download-refunds.ts'
import type { ListCounts } from './list-run.ts'
import { counting, listRun, overWindow } from './streams.ts'

type Day = {
  day: string
  trades: number
  missing: number
  stale: number
  refunds: number
  refundsMissing: number
  refundsStale: number
}

/**
 * 对账补漏: compares the platform's lists of whole days with our documents; trades by creation time, refunds by modified time. Missing and
 * outdated documents are downloaded and reported.
 */
export async function auditDownloads(
  context: RunContext<{ days: number }> & OpenedShop,
): Promise<Partial<RunCounts>> {
  const today = fromChinaTime(`${chinaDay(sharedNow())} 00:00:00`).getTime()
  return counting(context, async (total) => {
    const days: Day[] = []
    total.report = { days }
    for (let back = context.params.days; back >= 1; back -= 1)
      days.push(await compareDay(context, new Date(today - back * dayMs), total))
    return { windowFrom: new Date(today - context.params.days * dayMs), windowTo: new Date(today) }
  })
}

async function compareDay(
  context: RunContext<{ days: number }> & OpenedShop,
  from: Date,
  total: ListCounts,
): Promise<Day> {
  const run = listRun(context)
  const window = { from, to: new Date(from.getTime() + dayMs) }
  const { trades, refunds } = context.connector
  const { changed, created = changed } = trades
  const atFirst = { ...total }
  await overWindow({ ...context, window }, created, total, (one) => downloadWindow(run, created, one, total))
  const atHalf = { ...total }
  await overWindow({ ...context, window }, refunds.changed, total, (one) =>
    downloadRefundWindow(run, one, total),
  )
  return {
    day: chinaDay(from),
    trades: atHalf.seen - atFirst.seen,
    missing: atHalf.created - atFirst.created,
    stale: atHalf.updated - atFirst.updated,
    refunds: total.seen - atHalf.seen,
    refundsMissing: total.created - atHalf.created,
    refundsStale: total.updated - atHalf.updated,
  }
}
