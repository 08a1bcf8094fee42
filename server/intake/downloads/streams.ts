import type { ListLimits, Window } from '../../connectors/lists.ts'
import { shopsBeingRead } from '../../core/access/shop-gate.ts'
import type { Database } from '../../core/db/db.ts'
import {
  advanceCursor,
  cursorsOf,
  noteLate,
  type StreamLateness,
  takeCursor,
} from '../../core/tasks/cursors.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import { hastenTask, restTask, toldLately, wakeTask, wakeTaskAgain } from '../../core/tasks/tasks.ts'
import { dayMs, hourMs, secondMs } from '../../lib/time.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { notePushMissed, pushServes, restSeconds, trustSeconds } from '../push-state.ts'
import { relinkRefunds } from '../refunds/relink.ts'
import { nowOf } from './clock.ts'
import { downloadDetails } from './download-details.ts'
import { downloadWindow } from './download-list.ts'
import { downloadRefundWindow, finishRefunds } from './download-refunds.ts'
import { afterReading, lookBack, missedLateMs, newSighting, piecesBack, type Sighting } from './lateness.ts'
import { type ListCounts, type ListRun, missedOf, noListCounts } from './list-run.ts'
import { requestRemoved } from './queue-queries.ts'
import { windowsUntil } from './windows.ts'

type Context<Params> = RunContext<Params> & OpenedShop
/** Reads one window. `sighting` takes note of what the list shows; undefined: no run asks for it. */
type Work = (window: Window, sighting?: Sighting) => Promise<void>
type ListParams = { firstLoadDays: number; windowsPerRun: number; status?: string }

/**
 * A run that found a quarter of a page of new trades, or more, is repeated after `seconds` if it took less than `easyMs`; a longer run
 * shows that the rate limit has no room. On platforms with path `direct` a run also fetches the details, so it may take longer.
 */
const soon = {
  two_stage: { seconds: 8, easyMs: 5 * secondMs },
  direct: { seconds: 2, easyMs: 15 * secondMs },
} as const

/**
 * 交易下载: reads first the stream of changes, whose cursor begins at the shop's connection and moves only over complete windows. Then it
 * continues the first load of older trades until that is done.
 */
export function runTradeList(context: Context<ListParams>): Promise<Partial<RunCounts>> {
  return counting(context, (total) => listTrades(context, total))
}

async function listTrades(context: Context<ListParams>, total: ListCounts): Promise<Partial<RunCounts>> {
  const run = listRun(context)
  const { shop } = context
  const { changed, created = changed } = context.connector.trades
  const work: Work = (window, sighting) =>
    downloadWindow({ ...run, sighting }, changed, ofStatus(context, window), total)
  if (isNarrow(context)) return followNarrow(context, total, changed, work)
  total.created += await context.db.transaction().execute((tx) => requestRemoved(tx, shop.id))
  const began = performance.now()
  if (total.created > 0) await wakeTask(context.db, 'trade_detail', shop.id)
  if (context.window) return overWindow(context, changed, total, work)
  const until = await latest(context, changed)
  const modified = await advanceStream(
    context,
    { stream: 'trades', list: changed, from: shop.createdAt, until },
    total,
    work,
  )
  const first = {
    stream: 'trades_first',
    list: created,
    from: new Date(shop.createdAt.getTime() - context.params.firstLoadDays * dayMs),
    // With a platform lag the last minutes are not complete yet, so they are left out.
    until: new Date(Math.min(until.getTime(), shop.createdAt.getTime())),
  }
  const loaded = await advanceStream(context, first, total, (window) =>
    downloadWindow(run, created, window, total),
  )
  if (modified.isCut || loaded.isCut) await wakeTask(context.db, 'trade_list', shop.id)
  else await pace(context, total, performance.now() - began)
  return spanOf(loaded, modified)
}

/**
 * Returns the span that a run has read, for display. If the run read a part of the first load, the span begins there. It ends where the
 * stream of changes ended, or where the first load stopped before its end.
 */
function spanOf(first: Followed, changes: Followed): Followed['counts'] {
  const { windowFrom, windowTo } = first.counts
  if (!windowFrom || !windowTo || windowTo <= windowFrom) return changes.counts
  return { windowFrom, windowTo: first.isCut ? windowTo : (changes.counts.windowTo ?? windowTo) }
}

/** Many new trades bring the next run forward; push that works puts it off. */
async function pace(
  { db, shop, connector }: Context<unknown>,
  total: ListCounts,
  tookMs: number,
): Promise<void> {
  const { seconds, easyMs } = soon[connector.trades.path]
  const missed = missedOf(total)
  if (missed > 0) await notePushMissed(db, shop.id)
  if (total.created >= connector.trades.changed.pageSize / 4 && tookMs < easyMs)
    await hastenTask(db, 'trade_list', shop.id, seconds)
  else if (missed === 0) await restWhilePushed(db, 'trade_list', shop.id)
}

/**
 * Push that left out a trade lately may leave out others, for example those of one topic, so the lists keep their pace. They also keep it while a
 * restored shop waits to be read again, because only lists say that it was.
 */
async function restWhilePushed(db: Database, kind: 'trade_list' | 'refund_list', shopId: string) {
  if (!(await pushServes(db, shopId)) || (await shopsBeingRead(db, [shopId])).size > 0) return
  const lately = { kind: 'trade_list', shopId, seconds: trustSeconds }
  if (!(await toldLately(db, 'missed', lately))) await restTask(db, kind, shopId, restSeconds)
}

/** 退单下载: reads one stream. Its first windows are the first load. */
export function runRefundList(context: Context<ListParams>): Promise<Partial<RunCounts>> {
  return counting(context, (total) => listRefunds(context, total))
}

async function listRefunds(context: Context<ListParams>, total: ListCounts): Promise<Partial<RunCounts>> {
  const run = listRun(context)
  const { changed } = context.connector.refunds
  const work: Work = (window, sighting) =>
    downloadRefundWindow({ ...run, sighting }, ofStatus(context, window), total)
  if (isNarrow(context)) return followNarrow(context, total, changed, work)
  await relinkRefunds(context.db, context.shop.id)
  await finishRefunds(run, total)
  const from = new Date(context.shop.createdAt.getTime() - context.params.firstLoadDays * dayMs)
  if (context.window) return overWindow(context, changed, total, work)
  const until = await latest(context, changed)
  const followed = await advanceStream(
    context,
    { stream: 'refunds', list: changed, from, until },
    total,
    work,
  )
  if (followed.isCut) await wakeTask(context.db, 'refund_list', context.shop.id)
  else if (total.created === 0) await restWhilePushed(context.db, 'refund_list', context.shop.id)
  return followed.counts
}

/** True if the task reads only a part of the shop's documents: it is an additional task, or limited to one status. */
const isNarrow = ({ taskName, params }: Context<ListParams>) => Boolean(taskName || params.status)

const ofStatus = ({ params }: Context<ListParams>, window: Window): Window =>
  params.status ? { ...window, status: params.status } : window

/** A limited task has a cursor of its own, so that the shop does not count as complete because of it. */
async function followNarrow(
  context: Context<ListParams>,
  total: ListCounts,
  list: ListLimits,
  work: Work,
): Promise<Partial<RunCounts>> {
  if (context.window) return overWindow(context, list, total, work)
  const until = await latest(context, list)
  const from = new Date(until.getTime() - context.params.firstLoadDays * dayMs)
  const stream = `task ${context.taskId} ${context.params.status ?? ''}`.trim()
  const { counts, isCut } = await advanceStream(context, { stream, list, from, until }, total, work)
  if (isCut) await wakeTaskAgain(context.db, context.taskId)
  return counts
}

/** 补漏: reads the trades and refunds of the last hours again without moving the cursors. An unchanged document costs only a comparison. */
export async function runCatchUp(context: Context<unknown>, hours: number): Promise<Partial<RunCounts>> {
  const run = listRun(context)
  const to = await nowOf(context.db)
  const window = context.window ?? { from: new Date(to.getTime() - hours * hourMs), to }
  const { trades, refunds } = context.connector
  return counting(context, async (total) => {
    const cursors = await cursorsOf(context.db, [context.shop.id])
    const over = async (stream: 'trades' | 'refunds', list: ListLimits, work: CatchUpWork) => {
      const read = cursors.find((one) => one.stream === stream)
      const sighting = read && newSighting(read.completeTo, { newestAt: null, lateMs: 0 })
      const counts = await overWindow({ ...context, window }, list, total, (one) =>
        work({ ...run, sighting }, one),
      )
      // The list runs have read past this change before the list showed it.
      const lateMs = missedLateMs(sighting, to)
      if (lateMs > 0) await noteLate(context.db, { shopId: context.shop.id, stream, lateMs })
      return counts
    }
    await over('trades', trades.changed, (own, one) => downloadWindow(own, trades.changed, one, total))
    return over('refunds', refunds.changed, (own, one) => downloadRefundWindow(own, one, total))
  })
}

type CatchUpWork = (run: ListRun, window: Window) => Promise<void>

export async function runDetails(
  context: Context<{ tradesPerRun: number; onlyUrgent?: boolean }>,
): Promise<Partial<RunCounts>> {
  const { db, actor, signal } = context
  const onProgress = ({ parked, ...counts }: Awaited<ReturnType<typeof downloadDetails>>) =>
    context.progress({ ...counts, ...(parked > 0 ? { report: { parked } } : {}) })
  const { parked, ...counts } = await downloadDetails(
    { db, opened: context, actor, signal, onProgress, onlyUrgent: context.params.onlyUrgent },
    context.params.tradesPerRun,
  )
  return { ...counts, ...(parked > 0 ? { report: { parked } } : {}) }
}

export function listRun(context: Context<unknown>): ListRun {
  return { db: context.db, opened: context, actor: context.actor, signal: context.signal }
}

/** Returns the time up to which the platform's lists are complete now, in whole seconds of the database's clock. */
async function latest({ db }: Context<unknown>, { lagMs }: ListLimits): Promise<Date> {
  return wholeSecond(new Date((await nowOf(db)).getTime() - lagMs))
}

/** `isCut`: the run read its maximum of windows and did not reach the end of the stream. */
type Followed = { counts: Partial<RunCounts>; isCut: boolean }

/** Reads a stream from its cursor to `until`. Moves the cursor after each complete window, and never over a gap. */
async function advanceStream(
  context: Context<{ windowsPerRun: number }>,
  stream: { stream: string; list: ListLimits; from: Date; until: Date },
  total: ListCounts,
  work: Work,
): Promise<Followed> {
  const { db, shop, fence } = context
  const key = { shopId: shop.id, stream: stream.stream, fence }
  const { list } = stream
  const cursor = await db
    .transaction()
    .execute((tx) => takeCursor(tx, { ...key, from: wholeSecond(stream.from) }))
  if (!cursor) throw new Error('A later run has taken this stream over.')
  const { completeTo } = cursor
  let windows = 0
  let windowTo = completeTo
  let late: StreamLateness = cursor
  const steps = stepLimits(list, completeTo, stream.until)
  const now = await nowOf(db)
  const back = lookBack(late, { completeTo, now, list, from: stream.from })
  const { pieces, firstOverlapMs } = piecesBack(back, { completeTo, list })
  for (const { from, to, completesFrom } of windowsUntil(completeTo, stream.until, {
    ...steps,
    firstOverlapMs,
  })) {
    context.signal.throwIfAborted()
    const sighting = newSighting(completeTo, late)
    for (const piece of pieces.splice(0)) await work(piece, sighting)
    await work({ from, to: readingEnd({ from, to }, { list, late, now }) }, sighting)
    const known = late
    late = afterReading(known, sighting, { readTo: to, isDeep: back.isDeep, now: await nowOf(db) })
    const moved = await db
      .transaction()
      .execute((tx) => advanceCursor(tx, { ...key, from: completesFrom, to }, { from: known, to: late }))
    if (!moved) throw new Error('A later run has taken this stream over.')
    windowTo = to
    context.progress({ ...asCounts(total), windowFrom: completeTo, windowTo })
    windows += 1
    if (windows >= context.params.windowsPerRun) break
  }
  return { counts: { windowFrom: completeTo, windowTo }, isCut: windowTo < stream.until }
}

/**
 * Returns up to when a window is read. The last one is read up to now if that costs no further page: what the list shows already need not wait
 * until its time is complete. The cursor stays before it, so the next run reads it again.
 */
function readingEnd(
  { from, to }: Window,
  { list, late, now }: { list: ListLimits; late: StreamLateness; now: Date },
): Date {
  const spanMs = now.getTime() - from.getTime()
  const rows = late.gapMs === null ? 0 : spanMs / late.gapMs
  const isLast = now.getTime() - to.getTime() < list.lagMs + 2 * secondMs
  const isFree = rows <= list.pageSize / 2 && spanMs <= list.windowMs && !list.numbersOnly
  return isLast && isFree && late.lateMs === 0 && !list.endsBeforeLag ? wholeSecond(now) : to
}

/** Reads the span of the run, or else the last hour, in windows of a length that the platform allows. Moves no cursor. */
export async function overWindow(
  context: Context<unknown>,
  list: ListLimits,
  total: ListCounts,
  work: (window: Window) => Promise<void>,
): Promise<Partial<RunCounts>> {
  const until = await latest(context, list)
  const to = context.window?.to && context.window.to < until ? context.window.to : until
  const from = context.window?.from ?? new Date(to.getTime() - hourMs)
  const steps = { ...stepLimits(list, from, to), overlapMs: 0 }
  for (const step of windowsUntil(wholeSecond(from), to, steps)) {
    context.signal.throwIfAborted()
    await work({ from: step.from, to: step.to })
    context.progress({ ...asCounts(total), windowFrom: from, windowTo: step.to })
  }
  return { windowFrom: from, windowTo: to }
}

/** More than a day behind, the longest windows save calls. Otherwise the advised shorter windows are answered faster. */
function stepLimits(list: ListLimits, from: Date, until: Date): ListLimits {
  const farBehind = until.getTime() - from.getTime() > dayMs
  return farBehind ? { ...list, advisedWindowMs: list.windowMs } : list
}

const wholeSecond = (date: Date) => new Date(Math.floor(date.getTime() / secondMs) * secondMs)

/** Runs `work` and reports its counts, also if it fails, so that the record of the run counts the stored documents. */
export async function counting(
  context: Pick<Context<unknown>, 'progress'>,
  work: (total: ListCounts) => Promise<Partial<RunCounts>>,
): Promise<Partial<RunCounts>> {
  const total = noListCounts()
  try {
    const counts = await work(total)
    return { ...asCounts(total), ...counts }
  } finally {
    context.progress(asCounts(total))
  }
}

function asCounts({ parked, report, ...counts }: ListCounts): Partial<RunCounts> {
  const whole = { ...report, ...(parked > 0 ? { parked } : {}) }
  return { ...counts, ...(Object.keys(whole).length > 0 ? { report: whole } : {}) }
}
