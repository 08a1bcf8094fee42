import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Database, preparedStatement } from '../core/db/db.ts'
import { deadLetters } from '../core/jobs/job.ts'
import type { Paces } from '../core/jobs/pace.ts'
import { quietly } from '../lib/quiet.ts'
import { fewConnections } from './limits.ts'

// An idle merchant is visited from time to time: its loops may make a turn, and go on as long as they find work. Between visits nothing of it
// runs, so that a hundred idle merchants cost little.

/** Between two visits of a merchant whose users are away; and of one whose users are there. */
export const restMs = { idle: 40_000, awake: 1000 }
/** At first, loops that waited make their turn within this time. */
const turnMs = 60
/** Until the loops make another turn, in which due work begins and the leases of running work are renewed. */
const againMs = { due: 200, live: 600 }
/** A visit that finds nothing ends within this time, and needs one connection. */
const shortMs = 2000
/** Work that is due and does not begin, for lack of a platform's answer for example, keeps a visit open for at most this time. */
const longestDueMs = 5000
/** Queues are looked after (expired jobs, retries, old rows) at every so many visits. */
const jobsEvery = 15

type Work = { isLive: boolean; isDue: boolean; hasJobs: boolean }

export type Visited = {
  db: Database
  paces: Paces
  log: Logger
  /** True while the merchant's users are there. */
  isAwake: () => boolean
  /** True if one of its loops has asked for a turn since the last call. */
  wasAsked: () => boolean
  /** Sets the most connections to the database. */
  limit: (max: number) => void
  /** The kinds of tasks that begin for a shop that was not read again since a restore. */
  reading: readonly string[]
  /** The part of the first rest that is taken: 0 to 1. */
  phase: number
  /** Takes one of the server's places for visits; the answer gives it back. */
  visitPlace: (signal: AbortSignal) => Promise<() => void>
  /** Takes one of the places for visits that begin; the answer gives it back. */
  place: () => Promise<() => void>
  /** Calls `taken` once one of the places for work is free; the answer gives it back, or waits no longer. */
  workPlace: (taken: () => void) => () => void
}

/** Visits one merchant again and again until aborted. Its pace is open afterwards. */
export async function visitUntil(visited: Visited, connections: number, signal: AbortSignal): Promise<void> {
  const { paces, log, isAwake, wasAsked, limit } = visited
  const warn = quietly(log)
  for (let turn = 0; !signal.aborted; turn += 1) {
    const leaveVisit = await visited.visitPlace(signal)
    const leave = await visited.place()
    limit(1)
    let leaveWork = () => {}
    // A visit that finds work gets all connections, because some work needs two at once. Few merchants of a process get them at a time.
    const timer = setTimeout(() => {
      leave()
      limit(fewConnections)
      leaveWork = visited.workPlace(() => limit(connections))
    }, shortMs)
    await visit(visited, signal, turn % jobsEvery === 0).catch((error: unknown) =>
      warn(error, 'a visit failed'),
    )
    clearTimeout(timer)
    leave()
    leaveWork()
    leaveVisit()
    limit(fewConnections)
    const ended = performance.now()
    // Merchants that were opened together are not visited together.
    const idleMs = turn === 0 ? visited.phase * restMs.idle : restMs.idle
    while (!signal.aborted && performance.now() - ended < (isAwake() ? restMs.awake : idleMs) && !wasAsked())
      await pause(Math.min(restMs.awake, 500), signal)
  }
  limit(connections)
  paces.loops.open()
  paces.jobs.open()
}

async function visit({ paces, db, reading }: Visited, signal: AbortSignal, withJobs: boolean): Promise<void> {
  const { loops, jobs } = paces
  const began = performance.now()
  let openedAt = began
  const turn = async () => {
    openedAt = performance.now()
    loops.open()
    await pause(turnMs, signal)
  }
  if (withJobs) jobs.open()
  await turn()
  while (!signal.aborted) {
    const haveEnded = [loops.close(), jobs.close()]
    if (haveEnded.every(Boolean)) {
      // Every turn has ended, so this query sees all that they have claimed.
      const work = await workOf(db, reading).catch((error: unknown) => {
        loops.open()
        jobs.open()
        throw error
      })
      const isEarly = performance.now() - began < longestDueMs
      if (!work.isLive && !((work.isDue || work.hasJobs) && isEarly)) return
      if (work.hasJobs) jobs.open()
      await pause(work.isDue ? againMs.due : againMs.live, signal)
      await turn()
    } else if (performance.now() - openedAt > againMs.live) {
      // A turn takes long, and others must not wait for it: a loop renews the leases of runs.
      await turn()
    } else {
      await pause(5, signal)
    }
  }
}

/** `isLive`: runs, batches, jobs or calls are under way. `isDue`: some may begin now. `hasJobs`: jobs are due or under way. */
async function workOf(db: Database, reading: readonly string[]): Promise<Work> {
  const { rows } = await sql<Work>`${preparedStatement}
    select exists (select from task where run_id is not null)
        or exists (select from batch where state in ('running', 'stopping'))
        or exists (select from job where state = 'active')
        or exists (select from platform_action where lease_until is not null) as "isLive",
      exists (select from task left join shop_gate gate on gate.shop_id = task.shop_id
          and (gate.paused <> '{}' or gate.ban_until > now() or (gate.restored_at is not null and not task.kind = any(${reading}::text[])))
        where task.enabled and task.next_run_at <= now() and gate.shop_id is null)
        or exists (select from task_run where state = 'queued')
        or exists (select from platform_action where next_at <= now()) as "isDue",
      exists (select from job where state <= 'active' and start_after <= now() and name <> ${deadLetters}) as "hasJobs"`.execute(
    db,
  )
  return rows[0] ?? { isLive: false, isDue: false, hasJobs: false }
}

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {})
