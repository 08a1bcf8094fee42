import { type RawBuilder, sql } from 'kysely'
import type { Static } from 'typebox'
import type { Actor, Scope } from '../access/actor.ts'
import { scopeSql } from '../access/scope.ts'
import type { Database } from '../db/db.ts'
import type { Row, Rows } from '../db/rows.ts'
import type { FilterOf } from '../lists/declare-contract.ts'
import { defineOwnList } from '../lists/define.ts'
import { hasOneOf, idList } from '../lists/define-query.ts'
import { pageById } from '../lists/list.ts'
import { type dayAnswer, type RunAnswer, run, type TaskAnswer, type tasksQuery } from './contract.ts'
import type { TaskKind } from './kinds.ts'
import { runList } from './lists-contract.ts'
import { scheduleOf } from './queries.ts'

type RunRow = Omit<Rows['task_run'], 'attempt' | 'worker' | 'fence'> & {
  taskName: Rows['task']['name']
  requestedBy: Actor | null
  params: RunAnswer['params']
  skipped: RunAnswer['skipped']
  report: RunAnswer['report']
  now: Date
}

type TaskRow = Row<
  'task',
  | 'id'
  | 'kind'
  | 'name'
  | 'shopId'
  | 'enabled'
  | 'intervalSeconds'
  | 'cron'
  | 'timeZone'
  | 'nextRunAt'
  | 'failures'
  | 'lastRunId'
> & {
  params: Record<string, unknown>
  running: boolean
  pausedReasons: string[]
  bannedUntil: Date | null
  queued: number
}

const runColumns = sql`
  r.id, r.task_id as "taskId", (select name from task where task.id = r.task_id) as "taskName", r.kind, r.shop_id as "shopId", r.state, r.trigger, r.requested_by as "requestedBy",
  r.requested_at as "requestedAt", r.started_at as "startedAt", r.ended_at as "endedAt", r.asked_from as "askedFrom",
  r.asked_to as "askedTo", r.window_from as "windowFrom", r.window_to as "windowTo", r.params, r.pages, r.seen,
  r.created, r.updated, r.skipped, r.failed, r.requests, r.report, r.error_code as "errorCode", r.error,
  r.stop_requested as "stopRequested", now() as now`

/** Returns all tasks within the scope. There are some hundreds at most: shops times kinds. */
export async function listTasks<Shop>(
  db: Database,
  kinds: readonly TaskKind<Shop>[],
  filter: Static<typeof tasksQuery>,
  scope: Scope,
): Promise<TaskAnswer[]> {
  const found = await sql<TaskRow>`
    select t.id, t.kind, t.name, t.shop_id as "shopId", t.enabled, t.interval_seconds as "intervalSeconds", t.cron,
      t.time_zone as "timeZone", t.params, t.run_id is not null as running,
      coalesce(gate.paused, '{}') as "pausedReasons",
      case when gate.ban_until > now() then gate.ban_until end as "bannedUntil", t.next_run_at as "nextRunAt",
      (select count(*)::int from task_run where task_id = t.id and state = 'queued') as queued, t.failures,
      t.last_run_id as "lastRunId"
    from task t left join shop_gate gate on gate.shop_id = t.shop_id
    where ${scopeSql(scope, sql.ref('t.shop_id'))} and ${hasOneOf(sql.ref('t.kind'), filter.kind)}
      and ${idIn(sql.ref('t.shop_id'), filter.shopId)}
      and (${filter.enabled ?? null}::boolean is null or t.enabled = ${filter.enabled ?? null}::boolean)
    order by t.shop_id nulls last, t.kind, t.name limit 5000`.execute(db)
  const runs = await runsById(
    db,
    kinds,
    found.rows.flatMap(({ lastRunId }) => lastRunId ?? []),
  )
  return found.rows.flatMap((row) => {
    const kind = kinds.find((one) => one.kind === row.kind)
    return kind ? [presentTask(kind, row, runs.get(row.lastRunId ?? '') ?? null)] : []
  })
}

function presentTask<Shop>(kind: TaskKind<Shop>, row: TaskRow, lastRun: RunAnswer | null): TaskAnswer {
  const { intervalSeconds: _interval, cron: _cron, timeZone: _zone, running, lastRunId: _last, ...rest } = row
  const paused = row.pausedReasons.length > 0 || row.bannedUntil !== null
  const idle = row.enabled ? (paused ? 'paused' : 'waiting') : 'disabled'
  return {
    ...rest,
    kindName: kind.name,
    schedule: scheduleOf(row),
    paramsSchema: kind.params,
    several: kind.several,
    state: running ? 'running' : idle,
    nextRunAt: row.enabled ? row.nextRunAt : null,
    lastRun,
  }
}

async function runsById<Shop>(db: Database, kinds: readonly TaskKind<Shop>[], ids: readonly string[]) {
  const found = await sql<RunRow>`
    select ${runColumns} from task_run r where r.id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(found.rows.map((row) => [row.id, presentRun(kinds, row)]))
}

type RunFilter = FilterOf<typeof runList>

/** The runs, newest first. Their counts are sums of a day, and have a route of their own. */
export const taskRuns = <Shop>(kinds: readonly TaskKind<Shop>[]) =>
  defineOwnList(runList, {
    tag: 'task-runs',
    row: run,
    page: ({ db, scope }, filter, page) =>
      pageById(page, async ({ limit, after = null }) => {
        const found = await sql<RunRow>`
          select ${runColumns} from task_run r
          where ${runConditions(filter, scope)} and (${after}::bigint is null or r.id < ${after}::bigint)
          order by r.id desc limit ${limit}`.execute(db)
        return found.rows.map((row) => presentRun(kinds, row))
      }),
  })

function presentRun<Shop>(kinds: readonly TaskKind<Shop>[], row: RunRow): RunAnswer {
  const { now, ...rest } = row
  const kind = kinds.find((one) => one.kind === row.kind)
  return {
    ...rest,
    kindName: kind?.name ?? { zh: row.kind, en: row.kind },
    requestedBy: row.requestedBy?.name ?? null,
    durationMs: row.startedAt ? (row.endedAt ?? now).getTime() - row.startedAt.getTime() : null,
  }
}

export async function sumOfDay(
  db: Database,
  filter: RunFilter,
  scope: Scope,
): Promise<Static<typeof dayAnswer>> {
  const found = await sql<Static<typeof dayAnswer>>`
    with chosen as (
      select coalesce(${filter.day ?? null}::date, (now() at time zone 'Asia/Shanghai')::date) as day
    ), of_day as (
      select state, count(*)::int as runs, sum(seen)::int as seen, sum(created)::int as created,
        sum(updated)::int as updated, sum(failed)::int as failed, sum(requests)::int as requests
      from task_run r, chosen
      where ${runConditions({ ...filter, day: '' }, scope)}
        and r.requested_at >= chosen.day::timestamp at time zone 'Asia/Shanghai'
        and r.requested_at < (chosen.day + 1)::timestamp at time zone 'Asia/Shanghai'
      group by state
    )
    select to_char((select day from chosen), 'YYYY-MM-DD') as day,
      coalesce(jsonb_object_agg(state, runs) filter (where state is not null), '{}') as states,
      coalesce(sum(seen), 0)::int as seen, coalesce(sum(created), 0)::int as created,
      coalesce(sum(updated), 0)::int as updated, coalesce(sum(failed), 0)::int as failed,
      coalesce(sum(requests), 0)::int as requests
    from of_day`.execute(db)
  const [row] = found.rows
  if (!row) throw new Error('A sum gave no row.')
  return row
}

function runConditions(filter: RunFilter, scope: Scope): RawBuilder<unknown> {
  const conditions = [
    scopeSql(scope, sql.ref('r.shop_id')),
    filter.taskId ? sql`r.task_id = any(${idList(filter.taskId, 'taskId')}::bigint[])` : sql`true`,
    hasOneOf(sql.ref('r.kind'), filter.kind),
    idIn(sql.ref('r.shop_id'), filter.shopId),
    hasOneOf(sql.ref('r.state'), filter.state),
  ]
  if (filter.day) {
    conditions.push(sql`r.requested_at >= ${filter.day}::date::timestamp at time zone 'Asia/Shanghai'
      and r.requested_at < (${filter.day}::date + 1)::timestamp at time zone 'Asia/Shanghai'`)
  }
  return sql.join(conditions, sql` and `)
}

function idIn(column: RawBuilder<unknown>, list: string | undefined): RawBuilder<unknown> {
  return list === undefined ? sql`true` : sql`${column} = any(${list.split(',')}::bigint[])`
}
