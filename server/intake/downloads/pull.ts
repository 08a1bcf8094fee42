import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { callShop } from '../../shops/calls.ts'
import { type ArrivedTrade, parkItems } from '../trades/ingest.ts'
import { tradesByNumber } from '../trades/trade-view-queries.ts'
import { nowOf } from './clock.ts'
import { downloadWindow } from './download-list.ts'
import { byNumber, detailOf, downloadRefundWindow, storeRefunds } from './download-refunds.ts'
import { endsRun, type ListCounts, type ListRun, skip } from './list-run.ts'
import { stageDetails } from './stage.ts'
import { counting, listRun, overWindow } from './streams.ts'

type Context = RunContext<{ numbers: string[]; status: string }> & OpenedShop
type Report = { notFound: string[]; processed: { number: string; by: string }[]; failed: string[] }

/**
 * 手工下载 by trade numbers or a span. The numbers' trades are staged directly. The report lists numbers that were not found, and those that
 * a person marked processed.
 */
export function downloadTradesManually(context: Context): Promise<Partial<RunCounts>> {
  return counting(context, (total) => runTradeDownload(context, total))
}

async function runTradeDownload(context: Context, total: ListCounts): Promise<Partial<RunCounts>> {
  const { numbers, status } = context.params
  const { changed } = context.connector.trades
  if (numbers.length === 0)
    return overWindow(context, changed, total, (window) =>
      downloadWindow(listRun(context), changed, withStatus(window, status), total),
    )
  const report: Report = { notFound: [], processed: [], failed: [] }
  total.report = report
  const wanted = [...new Set(numbers)]
  for (let at = 0; at < wanted.length; at += stagedTogether)
    await downloadNumbers(context, wanted.slice(at, at + stagedTogether), report, total)
  return {}
}

const stagedTogether = 50

/** Downloads and stages these trades. If an error ends the run, those that have arrived are staged before. */
async function downloadNumbers(
  context: Context,
  numbers: readonly string[],
  report: Report,
  total: ListCounts,
): Promise<void> {
  const { db, shop } = context
  const held = new Map((await tradesByNumber(db, shop.id, numbers)).map((row) => [row.tid, row]))
  const fetchedAt = await nowOf(db)
  const arrived: ArrivedTrade[] = []
  try {
    for (const number of numbers) {
      context.signal.throwIfAborted()
      const known = held.get(number)
      if (known?.processedByHand) report.processed.push({ number, by: known.stateBy })
      else await downloadOne(context, number, arrived, report)
    }
  } finally {
    const tids = arrived.map(({ trade }) => trade.tid)
    const counts = await stageDetails(listRun(context), { arrived, bad: [], fetchedAt, tids })
    // Numbers that were not found do not count as seen.
    total.seen += arrived.length
    total.failed = report.failed.length
    total.created += counts.created
    total.updated += counts.updated
    for (const [reason, count] of Object.entries(counts.skipped)) skip(total, reason, count)
  }
}

async function downloadOne(
  context: Context,
  tid: string,
  arrived: ArrivedTrade[],
  report: Report,
): Promise<void> {
  try {
    const detail = await callShop(context, (connector, call) => connector.trades.detail(call, tid))
    if (!detail) report.notFound.push(tid)
    else if ('trade' in detail) arrived.push(detail)
    else {
      report.failed.push(tid)
      await context.db
        .transaction()
        .execute((tx) =>
          parkItems(tx, context.deps.ring, { shopId: context.shop.id, kind: 'trade', items: [detail] }),
        )
    }
  } catch (error) {
    if (endsRun(error)) throw error
    report.failed.push(tid)
  }
}

export function downloadRefundsManually(context: Context): Promise<Partial<RunCounts>> {
  return counting(context, (total) => runRefundDownload(context, total))
}

async function runRefundDownload(context: Context, total: ListCounts): Promise<Partial<RunCounts>> {
  const run = listRun(context)
  const { numbers, status } = context.params
  if (numbers.length === 0)
    return overWindow(context, context.connector.refunds.changed, total, (window) =>
      downloadRefundWindow(run, withStatus(window, status), total),
    )
  const report: Report = { notFound: [], processed: [], failed: [] }
  total.report = report
  for (const number of new Set(numbers)) {
    context.signal.throwIfAborted()
    const answer = await refundOf(run, number)
    if (answer === 'failed') report.failed.push(number)
    else if (!answer) report.notFound.push(number)
    else {
      if ('refund' in answer) total.seen += 1
      else report.failed.push(number)
      await storeRefunds(run, [answer], total)
    }
  }
  total.failed = report.failed.length
  return {}
}

/** Returns the refund's detail; undefined if the number is unknown; 'failed' if the platform did not answer for it. */
async function refundOf(run: ListRun, refundId: string) {
  try {
    return await detailOf(run, byNumber(refundId))
  } catch (error) {
    if (endsRun(error)) throw error
    return 'failed'
  }
}

const withStatus = (window: { from: Date; to: Date }, status: string) =>
  status === '' ? window : { ...window, status }
