import type { Scope } from '../actor.ts'
import { connectorFor } from '../connectors/index.ts'
import type { Database } from '../db.ts'
import { chinaDay, fromChinaTime, hourMs, minuteMs, secondMs } from '../lib/time.ts'
import { cursorsOf } from '../tasks/cursors.ts'
import type { CoverageCode, CoverageRow, CoverageStream, Words } from './contract.ts'
import { type DaySums, type StreamFacts, streamFacts, sumsSince } from './coverage-queries.ts'

/** A stream of a shop as it stands now. */
export type StreamState = Omit<CoverageRow, 'completeTo' | 'windows'> & {
  completeTo: Date | null
  /** When the mark last moved. */
  movedAt: Date | null
  facts: StreamFacts
  windows: Window[]
}
export type ShopCoverage = { completeTo: Date | null; behindMs: number | null }
type Window = { from: Date; to: Date; state: CoverageRow['windows'][number]['state'] }
type Mark = { completeTo: Date; movedAt: Date }
/** What there was to load before the shop was connected; `trades_first` is done when it reaches that moment. */
type Stream = {
  stream: Exclude<CoverageStream, 'shop'>
  facts: StreamFacts
  mark: Mark | undefined
  until: Date
}

/** Every stream of every shop in the scope, and for each shop the earliest of its trades and refunds. */
export async function streamStates(
  db: Database,
  scope: Scope,
  { hours = 2, now = new Date(), sums }: { hours?: number; now?: Date; sums?: readonly DaySums[] } = {},
): Promise<StreamState[]> {
  const facts = await streamFacts(db, scope)
  const marks = new Map(
    (await cursorsOf(db, [...new Set(facts.map((row) => row.shopId))])).map((mark) => [
      `${mark.shopId} ${mark.stream}`,
      mark,
    ]),
  )
  const figures = sums ?? (await sumsOfToday(db, scope, now))
  return [...Map.groupBy(facts, (row) => row.shopId).values()].flatMap((shop) => {
    const streams = shop.flatMap((row) => streamsOf(row, marks, now))
    const states = streams.map((stream) => stateOf(stream, figures, hours, now))
    const whole = ofShop(states)
    return whole ? [whole, ...states] : states
  })
}

/** What today's listing runs did: the costly part, which may be some seconds old, or is not asked for at all. */
export function sumsOfToday(db: Database, scope: Scope, now = new Date()): Promise<DaySums[]> {
  return sumsSince(db, scope, fromChinaTime(`${chinaDay(now)} 00:00:00`))
}

function streamsOf(facts: StreamFacts, marks: ReadonlyMap<string, Mark>, now: Date): Stream[] {
  const mark = (stream: string) => marks.get(`${facts.shopId} ${stream}`)
  if (facts.kind === 'refund_list') return [{ stream: 'refunds', facts, mark: mark('refunds'), until: now }]
  const first: Stream = { stream: 'trades_first', facts, mark: mark('trades_first'), until: facts.createdAt }
  return [
    { stream: 'trades', facts, mark: mark('trades'), until: now },
    // Without a mark the platform has no list of what was created before, or it is not its turn yet.
    ...(first.mark ? [first] : []),
  ]
}

function stateOf(stream: Stream, sums: readonly DaySums[], hours: number, now: Date): StreamState {
  const { facts, mark, until } = stream
  const behindMs = mark ? Math.max(0, until.getTime() - mark.completeTo.getTime()) : null
  const code = codeOf(stream, behindMs)
  const sum = sums.find((row) => row.shopId === facts.shopId && row.kind === facts.kind)
  // The first load is done by the same runs as the stream of changes, which show the figures.
  const figures = stream.stream === 'trades_first' ? undefined : sum
  return {
    shopId: facts.shopId,
    stream: stream.stream,
    completeTo: mark?.completeTo ?? null,
    behindMs,
    movedAt: mark?.movedAt ?? null,
    state: colours[code],
    code,
    reason: reasonOf(code, facts),
    errorCode: facts.failures > 0 ? facts.lastErrorCode : '',
    bannedUntil: facts.bannedUntil?.toISOString() ?? null,
    seen: figures?.seen ?? 0,
    created: figures?.created ?? 0,
    updated: figures?.updated ?? 0,
    skipped: Object.values(figures?.skipped ?? {}).reduce((total, count) => total + count, 0),
    skippedReasons: figures?.skipped ?? {},
    failed: figures?.failed ?? 0,
    windows: windowsOf(stream, code, new Date(now.getTime() - hours * hourMs), now),
    facts,
  }
}

const colours: Record<CoverageCode, CoverageRow['state']> = {
  complete: 'complete',
  catching_up: 'chasing',
  first_load: 'chasing',
  rate_limited: 'chasing',
  auth_expired: 'paused',
  not_authorised: 'paused',
  paused: 'paused',
  failing: 'failing',
}

/** Why a stream does not move comes before how far behind it is. */
function codeOf({ facts, mark, stream }: Stream, behindMs: number | null): CoverageCode {
  if (stream === 'trades_first' && behindMs === 0) return 'complete'
  if (facts.authState === 'expired' || facts.pausedReasons.includes('auth_expired')) return 'auth_expired'
  if (facts.authState === 'none') return 'not_authorised'
  if (!facts.enabled || !facts.taskEnabled || facts.pausedReasons.length > 0) return 'paused'
  if (facts.bannedUntil) return 'rate_limited'
  if (facts.failures > 0) return 'failing'
  if (mark && mark.completeTo < facts.createdAt) return 'first_load'
  return behindMs !== null && behindMs <= usualLagMs(facts) ? 'complete' : 'catching_up'
}

/** As far behind as a stream is that keeps up: two turns of its task, the platform's own lag, a minute of work. */
function usualLagMs(facts: StreamFacts): number {
  const turnMs = (facts.everySeconds ?? 120) * secondMs
  return 2 * turnMs + (connectorFor(facts.platform)?.limits.lagMs ?? 0) + minuteMs
}

const codeWords: Record<Exclude<CoverageCode, 'complete'>, Words> = {
  catching_up: { zh: '追赶中', en: 'Catching up' },
  first_load: { zh: '首次下载中', en: 'First load under way' },
  rate_limited: { zh: '限流，追赶中', en: 'Rate limited, catching up' },
  auth_expired: { zh: '授权失效，已停', en: 'Authorisation ended, stopped' },
  not_authorised: { zh: '还没授权', en: 'Not authorised yet' },
  paused: { zh: '已暂停', en: 'Paused' },
  failing: { zh: '失败，在重试', en: 'Failing, retrying' },
}

function reasonOf(code: CoverageCode, facts: StreamFacts): Words | null {
  if (code === 'complete') return null
  if (code === 'paused') {
    if (!facts.enabled) return { zh: '店铺已停用', en: 'The shop is disabled' }
    if (facts.pausedReasons.length === 0) return { zh: '任务已停用', en: 'The task is disabled' }
  }
  const words = codeWords[code]
  if (code !== 'failing' || facts.lastErrorCode === '') return words
  return { zh: `${words.zh}：${facts.lastErrorCode}`, en: `${words.en}: ${facts.lastErrorCode}` }
}

/**
 * Up to the mark all is done, whatever single runs did on the way, since it moves over whole windows without gaps.
 * Beyond it stands what is being tried, or was tried and failed.
 */
function windowsOf({ facts, mark, stream }: Stream, code: CoverageCode, from: Date, now: Date): Window[] {
  if (!mark) return []
  const known = stream === 'trades' && facts.createdAt > from ? facts.createdAt : from
  const windows: Window[] = [{ from: known, to: mark.completeTo, state: 'done' }]
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
  'complete',
]

/** The shop as a whole: as far as the stream that is furthest behind, in the worst state, with the sum of the figures. */
function ofShop(states: readonly StreamState[]): StreamState | undefined {
  const followed = states.filter((state) => state.stream !== 'trades_first')
  const [worst] = followed.toSorted(
    (one, other) => worstFirst.indexOf(one.code) - worstFirst.indexOf(other.code),
  )
  const latest = followed.toSorted((one, other) => timeOf(one.completeTo) - timeOf(other.completeTo))[0]
  if (!worst || !latest) return undefined
  const sum = (figure: 'seen' | 'created' | 'updated' | 'skipped' | 'failed') =>
    followed.reduce((total, state) => total + state[figure], 0)
  const skippedReasons: Record<string, number> = {}
  for (const state of followed)
    for (const [reason, count] of Object.entries(state.skippedReasons))
      skippedReasons[reason] = (skippedReasons[reason] ?? 0) + count
  const { completeTo, behindMs, movedAt, windows } = latest
  return {
    ...worst,
    stream: 'shop',
    completeTo,
    behindMs,
    movedAt,
    windows,
    seen: sum('seen'),
    created: sum('created'),
    updated: sum('updated'),
    skipped: sum('skipped'),
    failed: sum('failed'),
    skippedReasons,
  }
}

const timeOf = (date: Date | null) => date?.getTime() ?? Number.NEGATIVE_INFINITY

export function presentCoverage({ facts: _, movedAt: __, ...row }: StreamState): CoverageRow {
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

/** How far each of these shops is complete, trades and refunds together: the seam of the shops' own list. */
export async function coverageOf(
  db: Database,
  shopIds: string[],
): Promise<ReadonlyMap<string, ShopCoverage>> {
  const marks = await cursorsOf(db, shopIds)
  const now = Date.now()
  const endOf = (shopId: string, stream: string) =>
    marks.find((mark) => mark.shopId === shopId && mark.stream === stream)?.completeTo
  return new Map(
    shopIds.map((shopId): [string, ShopCoverage] => {
      const [trades, refunds] = [endOf(shopId, 'trades'), endOf(shopId, 'refunds')]
      if (!trades || !refunds) return [shopId, { completeTo: null, behindMs: null }]
      const completeTo = new Date(Math.min(trades.getTime(), refunds.getTime()))
      return [shopId, { completeTo, behindMs: Math.max(0, now - completeTo.getTime()) }]
    }),
  )
}
