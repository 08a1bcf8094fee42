import { type Claimant, defaultLeaseMs, type Running, repeat, workerName } from '../jobs/engine.ts'
import type { TaskKind } from './kinds.ts'
import { claimRuns, endLostRuns, heartbeat, interruptedRuns } from './queries.ts'
import { type Live, type Performer, perform } from './runs.ts'

export type TaskLoop<Shop> = Performer<Shop> & {
  kinds: readonly TaskKind<Shop>[]
  /** At most this many runs are under way in this process at the same time; undefined: 4. */
  parallel?: number
  pollMs?: number
  /** A run without a heartbeat for this time counts as lost. */
  leaseMs?: number
}

type Loop<Shop> = TaskLoop<Shop> & {
  claimant: Claimant
  parallel: number
  live: Map<string, Live>
  beatAt: number
}

/** Claims and runs tasks until stopped. Several processes may do so on one database. */
export function startTasks<Shop>(options: TaskLoop<Shop>): Running {
  const leaseMs = options.leaseMs ?? defaultLeaseMs
  const loop: Loop<Shop> = {
    ...options,
    parallel: options.parallel ?? 4,
    claimant: { worker: workerName(), leaseMs },
    live: new Map(),
    beatAt: performance.now(),
  }
  const stopping = new AbortController()
  const claiming = repeat(
    loop.log,
    { name: 'tasks', signal: stopping.signal, everyMs: options.pollMs ?? 500 },
    () => claim(loop),
  )
  const ending = new AbortController()
  const beating = repeat(loop.log, { name: 'tasks', signal: ending.signal, everyMs: leaseMs / 4 }, () =>
    beat(loop),
  )
  return {
    async stop() {
      stopping.abort()
      await claiming
      for (const run of loop.live.values()) run.interrupt('shutdown')
      await Promise.all([...loop.live.values()].map((run) => run.ended))
      ending.abort()
      await beating
    },
  }
}

async function claim<Shop>(loop: Loop<Shop>): Promise<void> {
  await stopInterruptedRuns(loop)
  const { worker } = loop.claimant
  const lost = await endLostRuns(loop.db, { worker, runs: [...loop.live.keys()] })
  if (lost.length > 0) loop.log.warn({ runs: lost }, 'runs were lost: their workers gave no sign of life')
  const free = loop.parallel - loop.live.size
  if (free <= 0) return
  const byName = new Map(loop.kinds.map((kind) => [kind.kind, kind]))
  const claims = await loop.db
    .transaction()
    .execute((tx) => claimRuns(tx, loop.claimant, [...byName.values()], free))
  for (const claimed of claims) {
    const kind = byName.get(claimed.kind)
    if (!kind) continue
    const run = perform(loop, kind, claimed)
    loop.live.set(run.runId, run)
    void run.ended.finally(() => loop.live.delete(run.runId))
  }
}

async function stopInterruptedRuns<Shop>(loop: Loop<Shop>): Promise<void> {
  if (loop.live.size === 0) return
  for (const { runId, running } of await interruptedRuns(loop.db, [...loop.live.keys()])) {
    loop.live.get(runId)?.interrupt(running ? 'stopped' : 'lost')
  }
}

/**
 * Sends the heartbeats of the runs. A worker that cannot reach the database for the length of its lease ends its runs as lost, because the
 * other workers count them as lost by then.
 */
async function beat<Shop>(loop: Loop<Shop>): Promise<void> {
  const runs = [...loop.live.values()]
  const now = performance.now()
  if (runs.length === 0) {
    loop.beatAt = now
    return
  }
  try {
    const held = new Set(await heartbeat(loop.db, loop.claimant, runs))
    loop.beatAt = now
    for (const run of runs) if (loop.live.has(run.runId) && !held.has(run.runId)) run.interrupt('lost')
  } catch (error) {
    if (now - loop.beatAt > loop.claimant.leaseMs) for (const run of runs) run.interrupt('lost')
    throw error
  }
}
