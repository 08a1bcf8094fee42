import { sql } from 'kysely'
import { unnestRows } from '../../lib/unnest.ts'
import type { Actor } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { NotNull, Row, Rows } from '../db/rows.ts'
import type { Claimant } from '../jobs/engine.ts'
import type { RunCounts } from './kinds.ts'
import { defaultTimeZone, nextRunAt, type Schedule } from './schedules.ts'

export type ClaimedRun = Row<'task_run', 'taskId' | 'kind' | 'shopId'> &
  /** The task's parameters with the changes that a user made for this run. */
  Row<'task_run', 'params'> &
  NotNull<Row<'task_run', 'fence'>> & {
    runId: Rows['task_run']['id']
    taskName: Rows['task']['name']
    from: Rows['task_run']['askedFrom']
    to: Rows['task_run']['askedTo']
    requestedBy: Actor | null
  }

type DueTask = Row<'task', 'id' | 'kind' | 'shopId' | 'intervalSeconds' | 'cron' | 'timeZone'> & {
  queuedRunId: Rows['task_run']['id'] | null
  scheduled: boolean
  now: Date
}

/** At most this many seconds pass until the next claim of a task whose worker was lost again and again; the pause grows with each loss. */
const longestLossPauseSeconds = 600

/**
 * A user's request is queued again after its worker died, up to this number of attempts, because the request itself may have ended the
 * worker.
 */
const longestAttempt = 3

/** After more than this many failures in a row, a task is not run early any more and waits for its schedule. */
const mostRetries = 5

/**
 * Ends the runs whose workers sent no heartbeat for the length of their lease, and frees their tasks. A scheduled task becomes due as of
 * the start of the lost run, so it comes before tasks that became due later; after repeated losses it is delayed. A user's request is
 * queued again. Returns the ids of the ended runs. `own`: a worker that asks, and its runs under way. They are not lost however late a heartbeat
 * is: on a machine that is too busy each would be ended by its own worker, again and again.
 */
export async function endLostRuns(
  db: Database,
  own: { worker: string; runs: readonly string[] } = { worker: '', runs: [] },
): Promise<string[]> {
  const lost = await sql<{ runId: Rows['task_run']['id'] }>`
    with dead as (
      select id, run_id, losses from task where run_id is not null and lease_until < now()
        and not (worker = ${own.worker} and run_id = any(${[...own.runs]}::bigint[]))
      order by id for update skip locked
    ), ended as (
      update task_run set state = 'lost', ended_at = now(), error_code = 'lost'
      from dead where task_run.id = dead.run_id and task_run.state = 'running'
      returning task_run.*
    ), again as (
      insert into task_run (task_id, kind, shop_id, trigger, state, requested_by, asked_from, asked_to, params, attempt)
      select task_id, kind, shop_id, 'again', 'queued', requested_by, asked_from, asked_to, params, attempt + 1
      from ended where requested_by is not null and attempt < ${longestAttempt} and not stop_requested
    )
    update task set run_id = null, worker = null, lease_until = null, losses = task.losses + 1,
      next_run_at = case when (select requested_by is null from ended where ended.task_id = task.id)
        then case when task.losses = 0 then (select started_at from ended where ended.task_id = task.id)
          else now() + least(${longestLossPauseSeconds}::int, 5 * power(2, least(task.losses, 10))) * interval '1 second' end
        else next_run_at end
    from dead where task.id = dead.id
    returning dead.run_id as "runId"`.execute(db)
  return lost.rows.map((row) => row.runId)
}

/**
 * Claims up to `limit` tasks of these kinds: first those that a user requested, then those that are due, enabled and not paused. Two
 * workers never get the same task.
 */
export async function claimRuns(
  tx: Tx,
  claimant: Claimant,
  kinds: readonly { kind: string; reads: boolean }[],
  limit: number,
): Promise<ClaimedRun[]> {
  const reading = kinds.filter(({ reads }) => reads).map(({ kind }) => kind)
  const due = await sql<DueTask>`
    select task.id, task.kind, task.shop_id as "shopId", task.interval_seconds as "intervalSeconds", task.cron,
      task.time_zone as "timeZone", queued.id as "queuedRunId", now() as now,
      task.enabled and task.next_run_at <= now() and gate.shop_id is null as scheduled
    from task
    left join lateral (
      select id from task_run where task_id = task.id and state = 'queued' order by id limit 1
    ) queued on true
    left join shop_gate gate on gate.shop_id = task.shop_id and (gate.paused <> '{}' or gate.ban_until > now()
      or (gate.restored_at is not null and not task.kind = any(${reading}::text[])))
    where task.run_id is null and task.kind = any(${kinds.map(({ kind }) => kind)}::text[])
      and (queued.id is not null or (task.enabled and task.next_run_at <= now() and gate.shop_id is null))
    order by queued.id is null, task.next_run_at, task.id
    limit ${limit}
    for update of task skip locked`.execute(tx)
  if (due.rows.length === 0) return []
  const asked = due.rows.flatMap(({ queuedRunId }) => queuedRunId ?? [])
  const scheduled = due.rows.filter((task) => task.queuedRunId === null && task.scheduled)
  const runs = [
    ...(asked.length > 0 ? await beginAsked(tx, claimant, asked) : []),
    ...(scheduled.length > 0 ? await beginScheduled(tx, claimant, scheduled) : []),
  ]
  await leaseTasks(tx, claimant, runs, scheduled)
  return runs
}

const claimedColumns = sql`
  id as "runId", task_id as "taskId", (select name from task where task.id = task_id) as "taskName", kind, shop_id as "shopId", params, asked_from as "from", asked_to as "to",
  fence, requested_by as "requestedBy"`

/** Begins the requested runs. The state is checked again, because another worker may have begun the run after our snapshot. */
async function beginAsked(tx: Tx, claimant: Claimant, runIds: string[]): Promise<ClaimedRun[]> {
  const begun = await sql<ClaimedRun>`
    update task_run set state = 'running', worker = ${claimant.worker}, fence = nextval('run_fence'),
      started_at = clock_timestamp(),
      params = (select task.params from task where task.id = task_run.task_id) || params
    where id = any(${runIds}::bigint[]) and state = 'queued'
    returning ${claimedColumns}`.execute(tx)
  return begun.rows
}

async function beginScheduled(tx: Tx, claimant: Claimant, due: DueTask[]): Promise<ClaimedRun[]> {
  const begun = await sql<ClaimedRun>`
    insert into task_run (task_id, kind, shop_id, trigger, state, params, worker, fence, started_at)
    select id, kind, shop_id, 'schedule', 'running', params, ${claimant.worker}, nextval('run_fence'), clock_timestamp()
    from task where id = any(${due.map(({ id }) => id)}::bigint[])
    returning ${claimedColumns}`.execute(tx)
  return begun.rows
}

async function leaseTasks(
  tx: Tx,
  claimant: Claimant,
  runs: ClaimedRun[],
  scheduled: DueTask[],
): Promise<void> {
  const nextAt = new Map(scheduled.map((task) => [task.id, nextRunAt(scheduleOf(task), task.now)]))
  const rows = unnestRows('claimed', runs, [
    ['task_id', 'int8', (run) => run.taskId],
    ['run_id', 'int8', (run) => run.runId],
    ['next_at', 'timestamptz', (run) => nextAt.get(run.taskId) ?? null],
  ])
  await sql`
    update task set run_id = claimed.run_id, last_run_id = claimed.run_id, worker = ${claimant.worker},
      lease_until = now() + ${claimant.leaseMs}::int * interval '1 millisecond',
      next_run_at = coalesce(claimed.next_at, task.next_run_at)
    from ${rows} where task.id = claimed.task_id`.execute(tx)
}

export function scheduleOf(task: {
  intervalSeconds: number | null
  cron: string | null
  timeZone: string | null
}): Schedule {
  if (task.intervalSeconds !== null) return { everySeconds: task.intervalSeconds }
  return { cron: task.cron ?? '', timeZone: task.timeZone ?? defaultTimeZone }
}

export type LiveRun = { runId: string; counts: RunCounts }

/** Extends the leases of this worker's runs and stores their counts. Returns the ids of the runs that it still owns. */
export async function heartbeat(
  db: Database,
  claimant: Claimant,
  runs: readonly LiveRun[],
): Promise<string[]> {
  const held = await sql<{ runId: Rows['task_run']['id'] }>`
    update task set lease_until = now() + ${claimant.leaseMs}::int * interval '1 millisecond'
    where run_id = any(${runs.map(({ runId }) => runId)}::bigint[]) and worker = ${claimant.worker}
    returning run_id as "runId"`.execute(db)
  await sql`
    update task_run set ${countAssignments}
    from ${countRows(runs)} where task_run.id = live.id and task_run.state = 'running'`.execute(db)
  return held.rows.map((row) => row.runId)
}

/** Returns those of the runs that a user wants stopped or that another process has ended. */
export async function interruptedRuns(
  db: Database,
  runIds: readonly string[],
): Promise<{ runId: string; stopRequested: boolean; running: boolean }[]> {
  const found = await sql<
    Row<'task_run', 'stopRequested'> & { runId: Rows['task_run']['id']; running: boolean }
  >`
    select id as "runId", stop_requested as "stopRequested", state = 'running' as running
    from task_run where id = any(${[...runIds]}::bigint[]) and (stop_requested or state <> 'running')`.execute(
    db,
  )
  return found.rows
}

export type RunEnd = {
  state: 'done' | 'failed' | 'stopped'
  errorCode: string
  error: string
  /** Milliseconds from now to the next run, if it is earlier than the schedule: after a failure that may pass, or after a shutdown. */
  againInMs?: number
  /** For this many milliseconds from now the task does not run, because the platform demands the pause. */
  notBeforeMs?: number
  /** True if a user's request is queued again, because a shutdown interrupted it. */
  requeue?: boolean
}

/** Writes the end of a run and frees its task. Returns false, and changes nothing, if the run has already been counted as lost. */
export async function endRun(tx: Tx, run: LiveRun, end: RunEnd): Promise<boolean> {
  const ended = await sql<Row<'task_run', 'taskId'> & { byPerson: boolean }>`
    update task_run set ${countAssignments}, state = ${end.state}, ended_at = clock_timestamp(),
      error_code = ${end.errorCode}, error = ${end.error}
    from ${countRows([run])} where task_run.id = live.id and task_run.state = 'running'
    returning task_id as "taskId", requested_by is not null as "byPerson"`.execute(tx)
  const row = ended.rows[0]
  if (!row) return false
  const failed = end.state === 'failed' ? 1 : 0
  const againMs = row.byPerson ? null : (end.againInMs ?? null)
  await sql`
    update task set run_id = null, worker = null, lease_until = null, losses = 0,
      failures = case when ${end.state} = 'done' then 0 else failures + ${failed}::int end,
      next_run_at = greatest(
        least(next_run_at, case when failures < ${mostRetries}::int or ${end.state} = 'stopped'
          then now() + ${againMs}::float8 * interval '1 millisecond' end),
        now() + ${end.notBeforeMs ?? null}::float8 * interval '1 millisecond')
    where id = ${row.taskId}::bigint and run_id = ${run.runId}::bigint`.execute(tx)
  if (end.requeue && row.byPerson) await queueAgain(tx, run.runId)
  return true
}

async function queueAgain(tx: Tx, runId: string): Promise<void> {
  await sql`
    insert into task_run (task_id, kind, shop_id, trigger, state, requested_by, asked_from, asked_to, params, attempt)
    select task_id, kind, shop_id, 'again', 'queued', requested_by, asked_from, asked_to, params, attempt
    from task_run where id = ${runId}::bigint`.execute(tx)
}

const countAssignments = sql`
  window_from = live.window_from, window_to = live.window_to, pages = live.pages, seen = live.seen,
  created = live.created, updated = live.updated, skipped = live.skipped, failed = live.failed,
  requests = live.requests, report = live.report`

function countRows(runs: readonly LiveRun[]) {
  return unnestRows('live', runs, [
    ['id', 'int8', (run) => run.runId],
    ['window_from', 'timestamptz', ({ counts }) => counts.windowFrom],
    ['window_to', 'timestamptz', ({ counts }) => counts.windowTo],
    ['pages', 'int4', ({ counts }) => counts.pages],
    ['seen', 'int4', ({ counts }) => counts.seen],
    ['created', 'int4', ({ counts }) => counts.created],
    ['updated', 'int4', ({ counts }) => counts.updated],
    ['skipped', 'jsonb', ({ counts }) => JSON.stringify(counts.skipped)],
    ['failed', 'int4', ({ counts }) => counts.failed],
    ['requests', 'int4', ({ counts }) => counts.requests],
    ['report', 'jsonb', ({ counts }) => (counts.report ? JSON.stringify(counts.report) : null)],
  ])
}
