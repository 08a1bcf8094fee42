import {
  type BadItem,
  type Call,
  type Connector,
  PlatformError,
  type Refund,
} from '../connectors/connector.ts'
import { AppError } from '../errors.ts'
import { askedUpTo, noteAnswer, noteSilence } from '../fulfilment/ask-marks.ts'
import { secondMs } from '../lib/time.ts'
import { type CallDeps, callShop, type OpenedShop, openCall } from '../shops/calls.ts'
import { knownOpen, knownRefunds } from './ask-queries.ts'
import { storeRefunds } from './download-refunds.ts'
import type { ArrivedRefund } from './ingest-refunds.ts'
import { type ListRun, noListCounts } from './list-run.ts'
import { wantedRefunds } from './refund-queries.ts'

/** How one asking goes about it. */
export type AskHow = {
  /** Ends it: a parcel does not wait for ever. */
  signal: AbortSignal
  tries: number
  /** Waits for its own share of the shop's quota, where it has one. */
  inTurn?: <T>(opened: OpenedShop, work: () => Promise<T>) => Promise<T>
  actor: ListRun['actor']
}

type Asked = { run: ListRun; call: <T>(work: (connector: Connector, call: Call) => Promise<T>) => Promise<T> }
type Way = 'list' | 'trades' | 'trade'

/**
 * Asks a shop whether refunds stand against trades of it, in the cheapest way that its platform knows, and takes in what it shows as any
 * download does. `tids` are named only where it is asked by trades. False: no answer, which is noted beside the time of the try.
 */
export async function askShop(
  deps: CallDeps,
  shopId: string,
  tids: () => Promise<readonly string[]>,
  how: AskHow,
): Promise<boolean> {
  try {
    const opened = await openCall(deps, shopId, { signal: how.signal })
    const inTurn = how.inTurn ?? ((_opened, work) => work())
    const run: ListRun = { db: deps.db, opened, actor: how.actor, signal: how.signal }
    const call: Asked['call'] = (work) => inTurn(opened, () => callShop(opened, work, { tries: how.tries }))
    await ask({ run, call }, tids)
    return true
  } catch (error) {
    const code = codeOf(error, how.signal)
    if (code === undefined) throw error
    await noteSilence(deps.db, shopId, code)
    return false
  }
}

/** Undefined: a bug, or our own database. */
function codeOf(error: unknown, signal: AbortSignal): string | undefined {
  if (error instanceof PlatformError || error instanceof AppError) return error.code
  return signal.aborted ? 'aborted' : undefined
}

async function ask(asked: Asked, tids: () => Promise<readonly string[]>): Promise<void> {
  const { db, opened } = asked.run
  const { now, knownTo } = await askedUpTo(db, opened.shop.id)
  const way = wayOf(opened.connector, now, knownTo)
  if (way === 'list' && knownTo) return askByList(asked, knownTo, now)
  if (way === 'trades') return askByTrades(asked, await tids(), now)
  if (way === 'trade') return askByTrade(asked, await tids(), now)
  throw new PlatformError('retry', 'cannot_ask', 'Refunds of this shop cannot be asked for now.')
}

/** The list reaches from what is known to now, if that is one window; before the first load is done it does not. */
function wayOf({ refunds, limits }: Connector, now: Date, knownTo: Date | null): Way | undefined {
  const { asking } = refunds
  const gapMs = knownTo ? now.getTime() - knownTo.getTime() + limits.overlapMs : Number.POSITIVE_INFINITY
  if (asking?.list && gapMs < limits.windowMs) return 'list'
  return asking?.trades ? 'trades' : asking?.trade ? 'trade' : undefined
}

/**
 * First pages only, of ever shorter windows, newest first: a page costs one call, and nothing is counted. What changes meanwhile is newer
 * than the window, and the next asking reads it.
 */
async function askByList({ run, call }: Asked, knownTo: Date, now: Date): Promise<void> {
  const { connector, shop } = run.opened
  const size = connector.refunds.asking?.list?.pageSize ?? connector.limits.pageSize
  const from = new Date(wholeSecond(knownTo.getTime()) - connector.limits.overlapMs)
  // What is there already of this very second is welcome; what is known is only what the lag lets us be sure of.
  let to = new Date(wholeSecond(now.getTime()) + secondMs)
  for (let number = 1; ; ) {
    const page = await call(({ refunds }, one) =>
      refunds.listChanged(one, { from, to }, { number, size, mode: 'rows' }),
    )
    await take(run, page.items)
    if (!page.hasNext) break
    const times = page.items.flatMap((item) => (item.kind === 'refund' ? [item.modifiedAt.getTime()] : []))
    const next = new Date(wholeSecond(Math.min(to.getTime(), ...times)) + secondMs)
    // More in one second than a page holds: on within the window.
    number = next < to ? 1 : number + 1
    to = next < to ? next : to
  }
  const askedTo = new Date(now.getTime() - connector.limits.refundLagMs)
  await noteAnswer(run.db, shop.id, { askedTo, answeredAt: now })
}

/** The list's version is enough to stop a parcel; its detail, where one is missing, comes with the next download. */
async function take(run: ListRun, items: readonly ((Refund & { raw: string }) | BadItem)[]): Promise<void> {
  const refunds = items.filter((item) => item.kind === 'refund')
  const wanted = await wantedRefunds(run.db, run.opened.shop.id, refunds, false)
  const { needsDetail, needsDetailFor = () => needsDetail } = run.opened.connector.refunds
  const arrived = refunds
    .filter(({ refundId }) => wanted.has(refundId))
    .map(({ raw, ...refund }): ArrivedRefund => ({ refund, raw, detailMissing: needsDetailFor(refund) }))
  await store(run, [...arrived, ...items.filter((item) => item.kind === 'bad')])
}

async function store(run: ListRun, answers: readonly (ArrivedRefund | BadItem)[]): Promise<void> {
  if (answers.length > 0) await storeRefunds(run, answers, noListCounts())
}

/** By batches; of the trades that have a refund, all whose refund is not open here already are looked at. */
async function askByTrades({ run, call }: Asked, tids: readonly string[], now: Date): Promise<void> {
  const { db, opened } = run
  const most = opened.connector.refunds.asking?.trades?.most ?? 1
  const batches = Array.from({ length: Math.ceil(tids.length / most) }, (_, at) =>
    tids.slice(at * most, (at + 1) * most),
  )
  await Promise.all(
    batches.map(async (batch) => {
      const named = await call(
        async ({ refunds: { asking } }, one) => (await asking?.trades?.withRefunds(one, batch)) ?? [],
      )
      const known = await knownOpen(db, opened.shop.id, named)
      const looked = named.filter((tid) => !known.has(tid))
      await lookAt(
        { run, call },
        looked.map((tid) => ({ tid, refundId: '', oid: '' })),
      )
      await noteAnswer(db, opened.shop.id, { askedTo: now, answeredAt: now, tids: batch })
    }),
  )
}

async function askByTrade({ run, call }: Asked, tids: readonly string[], now: Date): Promise<void> {
  const { db, opened } = run
  await Promise.all(
    tids.map(async (tid) => {
      const glances = await call(
        async ({ refunds: { asking } }, one) => (await asking?.trade?.(one, tid)) ?? [],
      )
      const known = await knownRefunds(
        db,
        opened.shop.id,
        glances.map(({ refundId }) => refundId),
      )
      const news = glances.filter(
        ({ refundId, status }) =>
          status !== 'closed' && status !== 'refused' && known.get(refundId)?.status !== status,
      )
      await lookAt(
        { run, call },
        news.map(({ refundId, oid }) => ({ tid, refundId, oid })),
      )
      await noteAnswer(db, opened.shop.id, { askedTo: now, answeredAt: now, tids: [tid] })
    }),
  )
}

type Looked = { tid: string; refundId: string; oid: string }

/** The details of refunds. One that cannot be read leaves its trade unanswered. */
async function lookAt({ run, call }: Asked, refunds: readonly Looked[]): Promise<void> {
  const details = await Promise.all(
    refunds.map((ref) =>
      call((connector, one) => connector.refunds.detail(one, { ...ref, phase: 'onsale', version: '' })),
    ),
  )
  if (details.some((detail) => detail === undefined))
    throw new PlatformError('retry', 'refund_not_found', 'A refund that was named cannot be read.')
  const found = details.filter((detail) => detail !== undefined)
  const whole = found.filter((detail) => 'refund' in detail)
  const known = await knownRefunds(
    run.db,
    run.opened.shop.id,
    whole.map(({ refund }) => refund.refundId),
  )
  const arrived = whole.flatMap(({ refund, raw }): ArrivedRefund[] => {
    const held = known.get(refund.refundId)
    if (held?.status === refund.status) return []
    // A detail may tell only when it was applied for. What it shows now is no older than what we know.
    const modifiedAt = held && held.modifiedAt > refund.modifiedAt ? held.modifiedAt : refund.modifiedAt
    return [{ refund: { ...refund, modifiedAt }, raw, detailMissing: false }]
  })
  await store(run, [...arrived, ...found.filter((detail) => 'kind' in detail)])
}

const wholeSecond = (ms: number) => Math.floor(ms / secondMs) * secondMs
