import { sharedNow } from '../lib/clock.ts'
import { chinaDay, dayMs, fromChinaTime } from '../lib/time.ts'
import type { OpenedShop } from '../shops/calls.ts'
import type { RunContext, RunCounts } from '../tasks/kinds.ts'
import { wakeTask } from '../tasks/tasks.ts'
import { downloadWindow } from './download-list.ts'
import { downloadRefundWindow } from './download-refunds.ts'
import { type ListCounts, noListCounts } from './list-run.ts'
import { asCounts, listRun, overWindow } from './streams.ts'

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
 * 对账. Compares the platform's list of whole days, trades by creation and refunds by change, with what we hold. What is
 * missing or stale is fetched by the usual way, and reported: with everything in order, a day's report is all zeros.
 */
export async function reconcile(
  context: RunContext<{ days: number }> & OpenedShop,
): Promise<Partial<RunCounts>> {
  const total = noListCounts()
  const report: Day[] = []
  const today = fromChinaTime(`${chinaDay(sharedNow())} 00:00:00`).getTime()
  for (let back = context.params.days; back >= 1; back -= 1) {
    const from = new Date(today - back * dayMs)
    report.push(await compareDay(context, from, total))
    context.progress({ ...asCounts(total), report: { days: report } })
  }
  if (total.created + total.updated > 0) await wakeTask(context.db, 'trade_detail', context.shop.id)
  const { parked: _, ...counts } = total
  return {
    ...counts,
    windowFrom: new Date(today - context.params.days * dayMs),
    windowTo: new Date(today),
    report: { days: report },
  }
}

async function compareDay(
  context: RunContext<{ days: number }> & OpenedShop,
  from: Date,
  total: ListCounts,
): Promise<Day> {
  const run = listRun(context)
  const window = { from, to: new Date(from.getTime() + dayMs) }
  const by = context.connector.trades.listCreated ? ('created' as const) : ('modified' as const)
  const trades = noListCounts()
  await overWindow({ ...context, window }, trades, (one) => downloadWindow(run, one, by, trades))
  const refunds = noListCounts()
  await overWindow({ ...context, window }, refunds, (one) => downloadRefundWindow(run, one, refunds))
  for (const part of [trades, refunds]) {
    for (const name of ['pages', 'seen', 'created', 'updated', 'failed', 'parked'] as const)
      total[name] += part[name]
    for (const [reason, count] of Object.entries(part.skipped))
      total.skipped[reason] = (total.skipped[reason] ?? 0) + count
  }
  return {
    day: chinaDay(from),
    trades: trades.seen,
    missing: trades.created,
    stale: trades.updated,
    refunds: refunds.seen,
    refundsMissing: refunds.created,
    refundsStale: refunds.updated,
  }
}
