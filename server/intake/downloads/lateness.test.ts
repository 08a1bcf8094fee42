import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListLimits } from '../../connectors/lists.ts'
import type { StreamLateness } from '../../core/tasks/cursors.ts'
import { hourMs, minuteMs, secondMs } from '../../lib/time.ts'
import { afterReading, lookBack, newSighting, noteFresh, noteShown } from './lateness.ts'

const list: ListLimits = {
  ...{ windowMs: 24 * hourMs, advisedWindowMs: 30 * minuteMs, lagMs: 2 * secondMs, overlapMs: minuteMs },
  ...{ pageSize: 50, rowsMax: 5000 },
}
const unknown: StreamLateness = {
  ...{ newestAt: null, gapMs: null, lateMs: 0, lateAt: null, nextLateMs: 0, deepAt: null },
}
type Change = { at: number; shownAt: number }
type Turn = { at: number; lateMs: number; rows: number; claims: number; missing: number }

/** A change each `everyMs`, which the list shows after the delay that `delay` gives for its time. Times are milliseconds of a day's trading. */
function changesOf(everyMs: number, untilMs: number, delay: (at: number) => number): Change[] {
  return Array.from({ length: Math.floor(untilMs / everyMs) }, (_, n) => {
    const at = Math.floor((n * everyMs) / 1000) * 1000
    return { at, shownAt: at + delay(at) }
  })
}

/**
 * Runs the list every twenty seconds as `streams.ts` does, except in the time of `pause`. Returns what each run knew, and the changes that
 * no run has seen.
 */
function follow(
  changes: readonly Change[],
  untilMs: number,
  pause = { from: 0, to: 0 },
): { turns: Turn[]; lost: number } {
  const seen = new Set<Change>()
  const turns: Turn[] = []
  let known = unknown
  let completeTo = new Date(0)
  for (let clock = 20 * secondMs; clock <= untilMs; clock += 20 * secondMs) {
    if (clock > pause.from && clock <= pause.to) continue
    const now = new Date(clock)
    const readTo = new Date(clock - list.lagMs)
    const back = lookBack(known, { completeTo, now, list, from: new Date(0) })
    const from = completeTo.getTime() - back.ms
    const rows = changes.filter(({ at, shownAt }) => at >= from && at < readTo.getTime() && shownAt <= clock)
    const sighting = newSighting(completeTo, known)
    noteShown(
      sighting,
      rows.map(({ at }) => new Date(at)),
    )
    const fresh = rows.filter((row) => !seen.has(row))
    const earliest = Math.min(...fresh.map(({ at }) => at))
    noteFresh(sighting, Number.isFinite(earliest) ? new Date(earliest) : null)
    for (const row of fresh) seen.add(row)
    known = afterReading(known, sighting, { readTo, isDeep: back.isDeep, now })
    completeTo = readTo
    const claims = completeTo.getTime() - known.lateMs
    const missing = changes.filter((row) => row.at < claims && !seen.has(row)).length
    turns.push({ at: clock, lateMs: known.lateMs, rows: rows.length, claims, missing })
  }
  const lost = changes.filter((row) => row.shownAt <= untilMs - minuteMs && !seen.has(row)).length
  return { turns, lost }
}

const minutesOf = (turn: Turn | undefined) => Math.round((turn?.lateMs ?? 0) / minuteMs)
const at = (turns: readonly Turn[], minutes: number) => turns.find((turn) => turn.at >= minutes * minuteMs)
const within = (from: number, to: number, late: (at: number) => number) => (time: number) =>
  time >= from * minuteMs && time < to * minuteMs ? late(time) : 0
/** A delay that differs from second to second: one to ten minutes. */
const uneven = (time: number) => minuteMs * (1 + (9 * ((((time / 1000) * 7919) % 1000) + 1)) / 1000)

test('a list that becomes ten minutes late loses nothing: it says so while it stands still, and stops saying so by itself', () => {
  const end = 70 * minuteMs
  const changes = changesOf(
    500,
    end,
    within(20, 50, () => 10 * minuteMs),
  )
  const { turns, lost } = follow(changes, end)
  assert.equal(lost, 0)
  assert.deepEqual(
    [19, 23, 26, 31, 45].map((minute) => [minute, minutesOf(at(turns, minute))]),
    [
      [19, 0],
      [23, 3],
      [26, 6],
      [31, 10],
      [45, 10],
    ],
  )
  assert.equal(minutesOf(at(turns, 64)), 0)
  // Each claim was true, except in the seconds in which a list that has just become late cannot be told from one at rest.
  assert.deepEqual(
    turns.filter(({ missing }) => missing > 0).map(({ at: time }) => Math.floor(time / minuteMs)),
    [20, 20],
  )
  // What is read again is about what an ordinary run reads: two changes a second, for a minute of overlap and twenty seconds.
  const usual = Math.max(...turns.slice(10, 50).map(({ rows }) => rows))
  const peak = Math.max(
    ...turns.filter(({ at: time }) => time > 32 * minuteMs && time < 50 * minuteMs).map(({ rows }) => rows),
  )
  assert.ok(usual <= 170 && peak <= 250, `${usual} and ${peak} rows a run`)
})

test('a list whose changes are late by one to ten minutes, each by its own, loses nothing and is read back in the measure of it', () => {
  const end = 60 * minuteMs
  const changes = changesOf(500, end, within(15, 45, uneven))
  const { turns, lost } = follow(changes, end)
  assert.equal(lost, 0)
  assert.ok(minutesOf(at(turns, 30)) >= 9 && minutesOf(at(turns, 30)) <= 11)
  assert.equal(minutesOf(at(turns, 59)), 0)
})

test('a shop with a change every two minutes loses nothing of a late list, and is not called late for being quiet', () => {
  const end = 90 * minuteMs
  const quiet = follow(
    changesOf(2 * minuteMs, end, () => 0),
    end,
  )
  assert.deepEqual([quiet.lost, Math.max(...quiet.turns.map(({ lateMs }) => lateMs))], [0, 0])
  const late = follow(changesOf(2 * minuteMs, end, within(20, 60, uneven)), end)
  assert.equal(late.lost, 0)
  assert.ok(minutesOf(at(late.turns, 50)) >= 8)
  assert.equal(minutesOf(late.turns.at(-1)), 0)
})

test('a sale that ends at once is taken for a late list for twenty minutes at most', () => {
  const end = 70 * minuteMs
  const { turns, lost } = follow(
    changesOf(200, 20 * minuteMs, () => 0),
    end,
  )
  assert.equal(lost, 0)
  assert.equal(minutesOf(at(turns, 30)), 10)
  assert.equal(minutesOf(at(turns, 50)), 0)
})

test('a busy shop that rested while nothing was read, such as that of a demo that was started again, is not called late', () => {
  const end = 40 * minuteMs
  const pause = { from: 20 * minuteMs, to: 22 * minuteMs }
  const changes = changesOf(secondMs, end, () => 0).filter(
    ({ at }) => at < pause.from || at >= pause.to + 30 * secondMs,
  )
  const { turns, lost } = follow(changes, end, pause)
  assert.deepEqual([lost, Math.max(...turns.map(({ lateMs }) => lateMs))], [0, 0])
})

test('a list that has shown nothing yet is read back as far as platforms announce, because it may be late from the beginning', () => {
  const now = new Date(hourMs)
  const msSince = (from: number) => lookBack(unknown, { completeTo: now, now, list, from: new Date(from) })
  assert.deepEqual(msSince(0), { ms: 11 * minuteMs, isDeep: true })
  // The time before the stream began is that of the first load.
  assert.deepEqual(msSince(hourMs - 4 * minuteMs), { ms: 5 * minuteMs, isDeep: true })
  assert.deepEqual(msSince(hourMs), { ms: minuteMs, isDeep: true })
})
