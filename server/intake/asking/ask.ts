import type { BadItem, Call, Connector, ListedRefund, Refund } from '../../connectors/connector.ts'
import type { ListLimits, NumberedList } from '../../connectors/lists.ts'
import { num } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import {
  nowAndKnownTo,
  recordNoAnswer,
  recordShopAnswer,
  recordTradesChecked,
} from '../../fulfilment/asking/ask-marks.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import { type CallDeps, callShop, type OpenedShop, openCall } from '../../shops/calls.ts'
import { storeRefunds } from '../downloads/download-refunds.ts'
import { type ListRun, noListCounts } from '../downloads/list-run.ts'
import type { ArrivedRefund } from '../refunds/ingest-refunds.ts'
import { wantedRefunds } from '../staged/refund-queries.ts'
import { type KnownRefund, knownRefunds, knownStopped } from './ask-queries.ts'

export type RefundCheckOptions = {
  signal: AbortSignal
  tries: number
  /** Waits until the check's part of the shop's rate limit allows a call. Undefined: no separate part. */
  inTurn?: <T>(opened: OpenedShop, work: () => Promise<T>) => Promise<T>
  actor: ListRun['actor']
  /** True: the check covers every trade that waits for shipping. If all are answered, the shop counts as having answered. */
  everything?: boolean
}

type Asked = {
  run: ListRun
  everything: boolean
  call: <T>(work: (connector: Connector, call: Call) => Promise<T>) => Promise<T>
}

/**
 * Checks refunds of the shop's trades in the cheapest way that its platform has, and ingests the answers as a download does. `tids` is
 * called only if the platform is asked by trade. Returns false if there is no answer, or none for some trades; the failure is recorded with its time.
 */
export async function checkRefundsOfShop(
  deps: CallDeps,
  shopId: string,
  tids: () => Promise<readonly string[]>,
  how: RefundCheckOptions,
): Promise<boolean> {
  try {
    const opened = await openCall(deps, shopId, { signal: how.signal })
    const inTurn = how.inTurn ?? ((_opened, work) => work())
    const run: ListRun = { db: deps.db, opened, actor: how.actor, signal: how.signal }
    const call: Asked['call'] = (work) => inTurn(opened, () => callShop(opened, work, { tries: how.tries }))
    const unread = await ask({ run, call, everything: how.everything ?? false }, tids)
    if (unread !== undefined)
      await recordNoAnswer(deps.db, shopId, codeOf(unread, how.signal) ?? '', { rests: false })
    return unread === undefined
  } catch (error) {
    const code = codeOf(error, how.signal)
    if (code === undefined) throw error
    await recordNoAnswer(deps.db, shopId, code, { rests: true })
    return false
  }
}

/** Returns the code of a platform's or known error, or `aborted` after the abort. Undefined: an error of the program or the database. */
function codeOf(error: unknown, signal: AbortSignal): string | undefined {
  if (isPlatforms(error)) return error.code
  return signal.aborted ? 'aborted' : undefined
}

const isPlatforms = (error: unknown) => error instanceof PlatformError || error instanceof AppError

/** Runs the check. Returns undefined, or the error of a trade that could not be read while others were answered. */
async function ask(asked: Asked, tids: () => Promise<readonly string[]>): Promise<unknown> {
  const { db, opened } = asked.run
  const { now, knownTo, lateMs } = await nowAndKnownTo(db, opened.shop.id)
  const { list, trades, trade } = opened.connector.refunds.asking ?? {}
  if (list && knownTo && fitsWindow(list, knownTo, now)) {
    await askByList(asked, list, { knownTo, now, lateMs })
    // A late list does not show the refunds of the last minutes, and the trades themselves do.
    if (lateMs === 0 || !(trades || trade)) return undefined
  }
  if (trades) return askByTrades(asked, await tids(), now)
  if (trade) return askByTrade(asked, await tids(), now)
  throw new PlatformError('retry', 'cannot_ask', 'Refunds of this shop cannot be asked for now.')
}

/** True if the time since the last known change fits into one window of the list; before the first load it does not. */
const fitsWindow = ({ overlapMs, windowMs }: ListLimits, knownTo: Date, now: Date) =>
  now.getTime() - knownTo.getTime() + overlapMs < windowMs

/**
 * Reads the list from its newest page backwards: always the first page of a shorter window, so that each page costs one call and no count.
 * A change that happens meanwhile is newer than the window; the next check reads it.
 */
async function askByList(
  { run, call }: Asked,
  list: NumberedList<ListedRefund | BadItem>,
  { knownTo, now, lateMs }: { knownTo: Date; now: Date; lateMs: number },
): Promise<void> {
  const from = new Date(wholeSecond(knownTo.getTime()) - list.overlapMs)
  // The window includes the present second. How much of it counts as known depends on the platform lag.
  let to = new Date(wholeSecond(now.getTime()) + secondMs)
  for (let number = 1; ; ) {
    const page = await call((_connector, one) =>
      list.page(one, { from, to }, { number, size: list.pageSize, mode: 'rows' }),
    )
    await take(run, page.items)
    if (!page.hasNext) break
    const times = page.items.flatMap((item) => (item.kind === 'refund' ? [item.modifiedAt.getTime()] : []))
    const next = new Date(wholeSecond(Math.min(to.getTime(), ...times)) + secondMs)
    // If one second has more rows than a page, the next page of the same window follows.
    number = next < to ? 1 : number + 1
    to = next < to ? next : to
  }
  const askedTo = new Date(now.getTime() - list.lagMs - lateMs)
  await recordShopAnswer(run.db, run.opened.shop.id, { askedTo, answeredAt: now })
}

/** Ingests the refunds of the list. They are enough to stop a delivery; the next download adds missing details. */
async function take(run: ListRun, items: readonly (ListedRefund | BadItem)[]): Promise<void> {
  const refunds = items.filter((item) => item.kind === 'refund')
  const wanted = await wantedRefunds(run.db, run.opened.shop.id, refunds, false)
  const { needsDetail, needsDetailFor = () => needsDetail, needsDeadlineFor } = run.opened.connector.refunds
  const isShort = needsDeadlineFor ?? needsDetailFor
  const arrived = refunds
    .filter(({ refundId }) => wanted.has(refundId))
    .map(({ raw, ...refund }): ArrivedRefund => ({ refund, raw, detailMissing: isShort(refund) }))
  await store(run, [...arrived, ...items.filter((item) => item.kind === 'bad')])
}

async function store(run: ListRun, answers: readonly (ArrivedRefund | BadItem)[]): Promise<void> {
  if (answers.length > 0) await storeRefunds(run, answers, noListCounts())
}

/**
 * Asks the platform for groups of trades which of them have refunds. Then it requests these refunds, except of trades that a known refund
 * stops already.
 */
async function askByTrades(asked: Asked, tids: readonly string[], now: Date): Promise<unknown> {
  const { db, opened } = asked.run
  const most = opened.connector.refunds.asking?.trades?.most ?? 1
  return inGroups(asked, { tids, most, now }, async (group) => {
    const named = await asked.call(
      async ({ refunds: { asking } }, one) => (await asking?.trades?.withRefunds(one, group)) ?? [],
    )
    const stopped = await knownStopped(db, opened.shop.id, named)
    const looked = named.filter((tid) => !stopped.has(tid))
    return lookAt(
      asked,
      looked.map((tid) => ({ tid, refundId: '', oid: '' })),
    )
  })
}

/** On platforms that answer for single trades only, the results of this number of trades are recorded together. */
const groupOfTrades = 50

async function askByTrade(asked: Asked, tids: readonly string[], now: Date): Promise<unknown> {
  const { db, opened } = asked.run
  return inGroups(asked, { tids, most: groupOfTrades, now }, async (group) => {
    const [glances, unread] = await each(asked, group, (tid) =>
      asked.call(async ({ refunds: { asking } }, one) =>
        ((await asking?.trade?.(one, tid)) ?? []).map((glance) => ({ ...glance, tid })),
      ),
    )
    const known = await knownRefunds(
      db,
      opened.shop.id,
      glances.flat().map(({ refundId }) => refundId),
    )
    const news = glances.flat().filter(({ refundId, status }) => {
      const held = known.get(refundId)
      if (status === 'closed' || status === 'refused') return false
      return held?.status !== status || !(held.stops || status === 'succeeded')
    })
    return new Map([...unread, ...(await lookAt(asked, news))])
  })
}

type Unread = ReadonlyMap<string, unknown>

/**
 * Checks groups of trades in parallel. If a trade cannot be read, the others are still recorded. Returns the error of such a trade, and
 * throws it if nothing was answered or the time is over.
 */
async function inGroups(
  { run, everything }: Asked,
  { tids, most, now }: { tids: readonly string[]; most: number; now: Date },
  look: (group: readonly string[]) => Promise<Unread>,
): Promise<unknown> {
  const { db, opened, signal } = run
  const shopId = opened.shop.id
  const groups = Array.from({ length: Math.ceil(tids.length / most) }, (_, at) =>
    tids.slice(at * most, (at + 1) * most),
  )
  const unread = await Promise.all(
    groups.map(async (group) => {
      const failed = await look(group).catch((error: unknown) => {
        if (codeOf(error, signal) === undefined) throw error
        return new Map(group.map((tid) => [tid, error]))
      })
      const answered = group.filter((tid) => !failed.has(tid))
      await recordTradesChecked(db, shopId, answered, now)
      return [...failed.values()]
    }),
  )
  const failures = unread.flat()
  if (tids.length > failures.length) {
    // The shop counts as having answered only if every waiting trade was asked for and no trade failed at the platform.
    const isAnswer = everything && !failures.some(isPlatforms)
    await recordShopAnswer(db, shopId, { askedTo: null, answeredAt: isAnswer ? now : null })
    if (!signal.aborted) return failures[0]
  }
  if (failures.length > 0) throw failures[0]
  return undefined
}

/**
 * Calls `work` for each trade. Returns the answers, and the errors of trades that the platform failed to answer; other errors are thrown.
 */
async function each<Of extends { tid: string } | string, To>(
  { run }: Asked,
  all: readonly Of[],
  work: (one: Of) => Promise<To>,
): Promise<[To[], Unread]> {
  const answers: To[] = []
  const unread = new Map<string, unknown>()
  await Promise.all(
    all.map(async (one) => {
      try {
        answers.push(await work(one))
      } catch (error) {
        if (codeOf(error, run.signal) === undefined) throw error
        unread.set(typeof one === 'string' ? one : one.tid, error)
      }
    }),
  )
  return [answers, unread]
}

type Looked = { tid: string; refundId: string; oid: string }

/** Ingests the details of refunds. Returns the trades whose refunds could not be read. */
async function lookAt(asked: Asked, refunds: readonly Looked[]): Promise<Unread> {
  if (refunds.length === 0) return new Map()
  const { run, call } = asked
  const [details, unread] = await each(asked, refunds, async (ref) => {
    const detail = await call((connector, one) =>
      connector.refunds.detail(one, { ...ref, phase: 'onsale', version: '' }),
    )
    if (detail) return detail
    throw new PlatformError('retry', 'refund_not_found', 'A refund that was named cannot be read.')
  })
  const whole = details.filter((detail) => 'refund' in detail)
  const known = await knownRefunds(
    run.db,
    run.opened.shop.id,
    whole.map(({ refund }) => refund.refundId),
  )
  const arrived = whole.flatMap(({ refund, raw }): ArrivedRefund[] => {
    const news = newsOf(refund, known.get(refund.refundId))
    return news ? [{ refund: news, raw, detailMissing: false }] : []
  })
  await store(run, [...arrived, ...details.filter((detail) => 'kind' in detail)])
  return unread
}

/**
 * Returns the refund if its detail has new facts; undefined if it has none. The detail may give only the time of application, so it counts
 * as no older than the known version. It may lack quantity and receipt of the goods; then the known values stay.
 */
function newsOf(refund: Refund, held: KnownRefund | undefined): Refund | undefined {
  if (!held) return refund
  const sameGoods = refund.goodsReceived === 'unknown' && refund.refundKind === held.refundKind
  const { phase, goodsReceived } = sameGoods ? held : refund
  const quantity = refund.quantity || held.quantity
  const isSame =
    refund.status === held.status &&
    refund.refundKind === held.refundKind &&
    phase === held.phase &&
    quantity === held.quantity &&
    refund.amountFen === num(held.amountFen)
  if (isSame) return undefined
  const modifiedAt = new Date(Math.max(held.modifiedAt.getTime(), refund.modifiedAt.getTime()))
  return { ...refund, phase, goodsReceived, quantity, modifiedAt }
}

const wholeSecond = (ms: number) => Math.floor(ms / secondMs) * secondMs
