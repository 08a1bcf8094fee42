import { connectorFor } from '../../connectors/index.ts'
import type { PlatformList } from '../../connectors/lists.ts'
import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { countCap } from '../../core/lists/list-table.ts'
import { cursorsOf } from '../../core/tasks/cursors.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { chinaDay, fromChinaTime, hourMs, minuteMs, secondMs } from '../../lib/time.ts'
import { troubleWords } from '../../lib/trouble-words.ts'
import { type PushState, pushStates, pushWords } from '../push-state.ts'
import type { CoverageCode, CoverageRow, CoverageStream } from './contract.ts'
import {
  type DaySums,
  type StreamFacts,
  streamFacts,
  sumsSince,
  type Waits,
  waitsOf,
} from './coverage-queries.ts'

export type StreamState = Omit<CoverageRow, 'completeTo' | 'windows'> & {
  completeTo: Date | null
  /** The time up to which the lists were read, even if details are missing. */
  listedTo: Date | null
  movedAt: Date | null
  facts: StreamFacts
  windows: CoverageSpan[]
}
export type ShopCoverage = {
  completeTo: Date | null
  behindMs: number | null
  reason: LocalizedText | null
  push: CoverageRow['push']
}
type CoverageSpan = { from: Date; to: Date; state: CoverageRow['windows'][number]['state'] }
type CursorPosition = { completeTo: Date; movedAt: Date; lateMs: number }
/** `until`: the end of the stream. For `trades_first` it is the time at which the shop was connected; the first load ends there. */
type Stream = {
  stream: Exclude<CoverageStream, 'shop'>
  facts: StreamFacts
  mark: CursorPosition | undefined
  until: Date
  waits: Waits | undefined
}
/** Costly parts from a cache. A caller that does not need one passes an empty list. */
type Known = { hours?: number; now?: Date; sums?: readonly DaySums[]; waits?: readonly Waits[] }

/** Returns the state of every stream in the scope, and of each shop as a whole. */
export async function streamStates(
  db: Database,
  scope: Scope,
  { hours = 2, now = sharedNow(), sums, waits }: Known = {},
): Promise<StreamState[]> {
  const facts = await streamFacts(db, scope)
  const waiting = waits ?? (await waitsOf(db, scope))
  const marks = new Map(
    (await cursorsOf(db, [...new Set(facts.map((row) => row.shopId))])).map((mark) => [
      `${mark.shopId} ${mark.stream}`,
      mark,
    ]),
  )
  const figures = sums ?? (await sumsOfToday(db, scope, now))
  // A merchant may choose not to set push up on the platform.
  const pushed = (await pushStates(db, scope)).filter(({ code }) => code !== 'not_set_up')
  const pushes = new Map(pushed.map((state) => [state.shopId, presentPush(state)]))
  return [...Map.groupBy(facts, (row) => row.shopId).values()].flatMap((shop) => {
    const streams = shop.flatMap((row) => streamsOf(row, marks, waiting, now))
    const states = streams.map((stream) => stateOf(stream, figures, hours, now))
    const whole = ofShop(states, now)
    return whole ? [{ ...whole, push: pushes.get(whole.shopId) ?? null }, ...states] : states
  })
}

/** Sums today's list runs. This is costly, so callers cache it or leave it out. */
export function sumsOfToday(db: Database, scope: Scope, now = sharedNow()): Promise<DaySums[]> {
  return sumsSince(db, scope, fromChinaTime(`${chinaDay(now)} 00:00:00`))
}

function streamsOf(
  facts: StreamFacts,
  marks: ReadonlyMap<string, CursorPosition>,
  waiting: readonly Waits[],
  now: Date,
): Stream[] {
  const mark = (stream: string) => marks.get(`${facts.shopId} ${stream}`)
  const waits = (stream: string) =>
    waiting.find((row) => row.shopId === facts.shopId && row.stream === stream)
  if (facts.kind === 'refund_list')
    return [{ stream: 'refunds', facts, mark: mark('refunds'), until: now, waits: waits('refunds') }]
  const trades = { facts, waits: waits('trades') }
  return [
    { ...trades, stream: 'trades', mark: mark('trades'), until: now },
    { ...trades, stream: 'trades_first', mark: mark('trades_first'), until: facts.createdAt },
  ]
}

function stateOf(stream: Stream, sums: readonly DaySums[], hours: number, now: Date): StreamState {
  const { facts, mark, until, waits } = stream
  const listedTo = mark?.completeTo ?? null
  const isFirst = stream.stream === 'trades_first'
  // The first load uses creation time, so changes without details do not limit it.
  const completeTo = isFirst ? listedTo : earliest(listedTo, waits)
  const behindMs = completeTo ? Math.max(0, until.getTime() - completeTo.getTime()) : null
  const code = codeOf(stream, now)
  const sum = sums.find((row) => row.shopId === facts.shopId && row.kind === facts.kind)
  // The runs of the stream `trades` also do the first load and have its counts.
  const figures = isFirst ? undefined : sum
  return {
    shopId: facts.shopId,
    stream: stream.stream,
    completeTo,
    listedTo,
    behindMs,
    waiting: waits?.waiting ?? 0,
    parked: waits?.parked ?? 0,
    movedAt: mark?.movedAt ?? null,
    knownBy: listOf(facts)?.paging === 'chained' ? 'two_readings' : 'count',
    state: colours[code],
    code,
    reason: code === 'platform_late' ? lateWords(shownLateMs(stream)) : reasonOf(code, facts, waits),
    errorCode: facts.failures > 0 ? facts.lastErrorCode : '',
    bannedUntil: facts.bannedUntil?.toISOString() ?? null,
    lateMs: shownLateMs(stream),
    push: null,
    seen: figures?.seen ?? 0,
    created: figures?.created ?? 0,
    updated: figures?.updated ?? 0,
    skipped: Object.values(figures?.skipped ?? {}).reduce((total, count) => total + count, 0),
    skippedReasons: figures?.skipped ?? {},
    failed: figures?.failed ?? 0,
    windows: coverageSpansOf(stream, code, new Date(now.getTime() - hours * hourMs), now),
    facts,
  }
}

/**
 * Returns the time up to which the stream is complete: at most the oldest change whose detail is missing. If more changes wait than are
 * counted, it is unknown.
 */
function earliest(mark: Date | null, waits: Waits | undefined): Date | null {
  if (!mark || (waits && waits.waiting > countCap)) return null
  return waits?.since && waits.since < mark ? waits.since : mark
}

const colours: Record<CoverageCode, CoverageRow['state']> = {
  complete: 'complete',
  catching_up: 'chasing',
  first_load: 'chasing',
  fetching_details: 'chasing',
  platform_late: 'chasing',
  rate_limited: 'chasing',
  auth_expired: 'paused',
  not_authorised: 'paused',
  paused: 'paused',
  failing: 'failing',
}

/** Decides the code: first the reasons why a stream does not move, then how far it is behind, then missing details. */
function codeOf({ facts, mark, stream, until, waits }: Stream, now: Date): CoverageCode {
  const rest = waits && waits.waiting > 0 ? 'fetching_details' : 'complete'
  const isFirst = stream === 'trades_first'
  if (isFirst && mark && mark.completeTo >= until) return rest
  if (facts.authState === 'expired' || facts.pausedReasons.includes('auth_expired')) return 'auth_expired'
  if (facts.authState === 'none') return 'not_authorised'
  if (!facts.enabled || !facts.taskEnabled || facts.pausedReasons.length > 0) return 'paused'
  if (facts.bannedUntil) return 'rate_limited'
  if (facts.failures > 0) return 'failing'
  if (isFirst || (mark && mark.completeTo < facts.createdAt)) return 'first_load'
  if (!mark || now.getTime() - mark.completeTo.getTime() > usualLagMs(facts) + mark.lateMs)
    return 'catching_up'
  return mark.lateMs > 0 ? 'platform_late' : rest
}

/** By how much the platform's list is late: the measured lateness, beside the lag that its documents name. */
function shownLateMs({ facts, mark, stream }: Stream): number {
  if (stream === 'trades_first' || !mark || mark.lateMs === 0) return 0
  return mark.lateMs + (listOf(facts)?.lagMs ?? 0)
}

function lateWords(lateMs: number): LocalizedText {
  const minutes = Math.max(1, Math.round(lateMs / minuteMs))
  return {
    zh: `平台列表晚约 ${minutes} 分钟，会自己补齐`,
    en: `Platform lists about ${minutes} min late; nothing is lost`,
  }
}

/** Returns the normal delay of a stream: two task intervals, the platform lag, and a minute of work. */
function usualLagMs(facts: StreamFacts): number {
  const turnMs = (facts.everySeconds ?? 120) * secondMs
  return 2 * turnMs + (listOf(facts)?.lagMs ?? 0) + minuteMs
}

/** The platform's list that the stream reads. */
function listOf({ platform, kind }: StreamFacts): PlatformList<unknown> | undefined {
  const connector = connectorFor(platform)
  return kind === 'refund_list' ? connector?.refunds.changed : connector?.trades.changed
}

const codeWords: Record<
  Exclude<CoverageCode, 'complete' | 'fetching_details' | 'platform_late'>,
  LocalizedText
> = {
  catching_up: { zh: '追赶中', en: 'Catching up' },
  first_load: { zh: '首次下载中', en: 'First load under way' },
  rate_limited: { zh: '限流，追赶中', en: 'Rate limited, catching up' },
  auth_expired: { zh: '授权失效，已停', en: 'Authorisation ended, stopped' },
  not_authorised: { zh: '还没授权', en: 'Not authorised yet' },
  paused: { zh: '已暂停', en: 'Paused' },
  failing: { zh: '失败，在重试', en: 'Failing, retrying' },
}

function reasonOf(
  code: CoverageCode,
  facts: StreamFacts,
  waits: Pick<Waits, 'waiting'> | undefined,
): LocalizedText | null {
  if (code === 'complete' || code === 'platform_late') return null
  if (code === 'fetching_details') {
    const n = `${Math.min(waits?.waiting ?? 0, countCap)}${(waits?.waiting ?? 0) > countCap ? '+' : ''}`
    return { zh: `${n} 笔在取明细`, en: `Fetching ${n} details` }
  }
  if (code === 'paused') {
    if (!facts.enabled) return { zh: '店铺已停用', en: 'The shop is disabled' }
    if (facts.pausedReasons.length === 0) return { zh: '任务已停用', en: 'The task is disabled' }
  }
  const words = codeWords[code]
  if (code !== 'failing' || facts.lastErrorCode === '') return words
  const why = troubleWords(facts.lastErrorCode)
  return { zh: `${words.zh}：${why.zh}`, en: `${words.en}: ${why.en}` }
}

/**
 * Returns the spans for display. Everything before the cursor is done, because the cursor moves only over complete windows. After it are
 * windows that are being read or have failed.
 */
function coverageSpansOf(
  { facts, mark, stream }: Stream,
  code: CoverageCode,
  from: Date,
  now: Date,
): CoverageSpan[] {
  if (!mark) return []
  const known = stream === 'trades' && facts.createdAt > from ? facts.createdAt : from
  const windows: CoverageSpan[] = [{ from: known, to: mark.completeTo, state: 'done' }]
  const end = stream === 'trades_first' ? facts.createdAt : now
  if (code === 'failing' || code === 'auth_expired')
    windows.push({ from: mark.completeTo, to: end, state: 'failed' })
  else if (facts.running && code !== 'paused')
    windows.push({ from: mark.completeTo, to: end, state: 'running' })
  return windows
    .map((window) => ({ ...window, from: window.from < from ? from : window.from }))
    .filter((window) => window.from < window.to)
}

const worstFirst: readonly CoverageCode[] = [
  'auth_expired',
  'not_authorised',
  'failing',
  'paused',
  'rate_limited',
  'first_load',
  'catching_up',
  'platform_late',
  'fetching_details',
  'complete',
]

/**
 * Returns the state of the shop: the earliest time and the worst state of its streams, with the sums of their counts. A finished first load
 * is ignored.
 */
function ofShop(states: readonly StreamState[], now: Date): StreamState | undefined {
  const followed = states.filter((state) => state.stream !== 'trades_first' || !isLoaded(state))
  const [worst] = followed.toSorted(
    (one, other) => worstFirst.indexOf(one.code) - worstFirst.indexOf(other.code),
  )
  const latest = followed.toSorted((one, other) => timeOf(one.completeTo) - timeOf(other.completeTo))[0]
  if (!worst || !latest) return undefined
  const streams = states.filter((state) => state.stream !== 'trades_first')
  const sum = (figure: 'seen' | 'created' | 'updated' | 'skipped' | 'failed' | 'waiting' | 'parked') =>
    streams.reduce((total, state) => total + state[figure], 0)
  const skippedReasons: Record<string, number> = {}
  for (const state of streams)
    for (const [reason, count] of Object.entries(state.skippedReasons))
      skippedReasons[reason] = (skippedReasons[reason] ?? 0) + count
  const listed = streams.toSorted((one, other) => timeOf(one.listedTo) - timeOf(other.listedTo))[0]
  const { completeTo } = latest
  const waiting = sum('waiting')
  return {
    ...worst,
    stream: 'shop',
    knownBy: streams.some((state) => state.knownBy === 'two_readings') ? 'two_readings' : 'count',
    reason:
      worst.code === 'fetching_details'
        ? reasonOf('fetching_details', worst.facts, { waiting })
        : worst.reason,
    completeTo,
    listedTo: listed?.listedTo ?? null,
    behindMs: completeTo ? Math.max(0, now.getTime() - completeTo.getTime()) : null,
    movedAt: latest.movedAt,
    windows: latest.windows,
    seen: sum('seen'),
    created: sum('created'),
    updated: sum('updated'),
    skipped: sum('skipped'),
    failed: sum('failed'),
    waiting,
    parked: sum('parked'),
    skippedReasons,
  }
}

const isLoaded = ({ listedTo, facts }: StreamState) => listedTo !== null && listedTo >= facts.createdAt
const timeOf = (date: Date | null) => date?.getTime() ?? Number.NEGATIVE_INFINITY

export function presentCoverage({ facts: _, movedAt: __, listedTo: ___, ...row }: StreamState): CoverageRow {
  return {
    ...row,
    completeTo: row.completeTo?.toISOString() ?? null,
    windows: row.windows.map(({ from, to, state }) => ({
      from: from.toISOString(),
      to: to.toISOString(),
      state,
    })),
  }
}

const presentPush = (state: PushState): CoverageRow['push'] => ({
  live: state.code === 'live',
  since: state.since?.toISOString() ?? null,
  words: pushWords(state),
})

/** Returns the coverage of these shops, for the list of shops. */
export async function coverageOf(
  db: Database,
  shopIds: string[],
): Promise<ReadonlyMap<string, ShopCoverage>> {
  const states = await streamStates(db, { shops: shopIds, warehouses: 'all' }, { sums: [] })
  return new Map(
    states
      .filter(({ stream }) => stream === 'shop')
      .map(({ shopId, completeTo, behindMs, reason, push }) => [
        shopId,
        { completeTo, behindMs, reason, push },
      ]),
  )
}
