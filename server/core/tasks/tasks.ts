import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { Actor, By, Scope } from '../access/actor.ts'
import { inScope, scopeSql } from '../access/scope.ts'
import { type Database, preparedStatement, type Tx } from '../db/db.ts'
import type { NotNull, Row, Rows } from '../db/rows.ts'
import type { ShopTraits, TaskKind } from './kinds.ts'
import { scheduleOf } from './queries.ts'
import { nextRunAt, type Schedule, whyNotSchedule } from './schedules.ts'

/** A task has at most this many queued runs that users requested. */
const mostQueued = 10

/**
 * Creates the missing tasks of every kind that applies to the shop, with default schedule and parameters. A new version of the program
 * calls it for all shops.
 */
export async function createShopTasks<Shop>(
  tx: Tx,
  kinds: readonly TaskKind<Shop>[],
  shop: ShopTraits & { id: string },
  options: { disabled?: readonly string[] } = {},
): Promise<void> {
  for (const kind of kinds) {
    if (!kind.applies?.(shop)) continue
    const enabled = kind.enabled && !options.disabled?.includes(kind.kind)
    await createTask(tx, { ...kind, defaultSchedule: scheduleFor(kind, shop) }, shop.id, enabled)
  }
}

export async function createInstallationTasks<Shop>(tx: Tx, kinds: readonly TaskKind<Shop>[]): Promise<void> {
  for (const kind of kinds) if (!kind.applies) await createTask(tx, kind, null, kind.enabled)
}

function scheduleFor<Shop>({ kind, defaultSchedule: usual }: TaskKind<Shop>, shop: ShopTraits): Schedule {
  const everySeconds = shop.leastSeconds?.[kind] ?? 0
  return 'everySeconds' in usual && usual.everySeconds < everySeconds ? { everySeconds } : usual
}

async function createTask<Shop>(
  tx: Tx,
  kind: TaskKind<Shop>,
  shopId: string | null,
  enabled: boolean,
): Promise<void> {
  const schedule = kind.defaultSchedule
  // A new task with an interval is due at once; a task with a cron expression waits for its time.
  const firstAt = 'everySeconds' in schedule ? sharedNow() : nextRunAt(schedule, sharedNow())
  const { everySeconds, cron, timeZone } = columnsOf(schedule)
  await sql`
    insert into task (kind, shop_id, enabled, interval_seconds, cron, time_zone, params, next_run_at)
    values (${kind.kind}, ${shopId}::bigint, ${enabled}, ${everySeconds}, ${cron},
      coalesce(${timeZone}, 'Asia/Shanghai'), ${JSON.stringify(kind.parseParams({}))}::jsonb, ${firstAt})
    on conflict (kind, shop_id, name) do nothing`.execute(tx)
}

function columnsOf(schedule: Schedule) {
  return 'everySeconds' in schedule
    ? { everySeconds: schedule.everySeconds, cron: null, timeZone: null }
    : { everySeconds: null, cron: schedule.cron, timeZone: schedule.timeZone }
}

export async function shopsWithTask(db: Database | Tx, kind: string): Promise<string[]> {
  const found = await sql<NotNull<Row<'task', 'shopId'>>>`
    select shop_id as "shopId" from task where kind = ${kind} and enabled and shop_id is not null`.execute(db)
  return found.rows.map(({ shopId }) => shopId)
}

export type NewTask = {
  kind: string
  shopId: string
  name: string
  schedule?: Schedule
  params?: Record<string, unknown>
}

/**
 * Adds a further task of a kind to a shop. The task is disabled until a user enables it. Throws `not_found` (shop, kind), `duplicate`
 * (name), `invalid_input`.
 */
export async function addTask<Shop>(
  tx: Tx,
  kinds: readonly TaskKind<Shop>[],
  input: NewTask,
  scope: Scope,
): Promise<string> {
  const name = input.name.trim()
  const kind = kinds.find((one) => one.kind === input.kind && one.several)
  if (!kind) throw new AppError('not_found', { what: { zh: '任务', en: 'Task' } }, 'kind')
  await taskOfShop(tx, input.kind, input.shopId, scope)
  const schedule = input.schedule ?? kind.defaultSchedule
  const wrong = whyNotSchedule(schedule)
  if (wrong) throw new AppError('invalid_input', { detail: wrong }, 'schedule')
  const { everySeconds, cron, timeZone } = columnsOf(schedule)
  const made = await sql<Row<'task', 'id'>>`
    insert into task (kind, shop_id, name, enabled, interval_seconds, cron, time_zone, params, next_run_at)
    values (${kind.kind}, ${input.shopId}::bigint, ${name}, false, ${everySeconds}, ${cron},
      coalesce(${timeZone}, 'Asia/Shanghai'), ${JSON.stringify(kind.parseParams(input.params ?? {}))}::jsonb, now())
    on conflict (kind, shop_id, name) do nothing returning id`.execute(tx)
  const id = made.rows[0]?.id
  if (!id) throw new AppError('duplicate', { what: { zh: `任务「${name}」`, en: `Task "${name}"` } }, 'name')
  return id
}

/**
 * Deletes a task that a user added, with its runs, and returns its kind and shop. Throws `task_stays` for a task that every shop has, and
 * while a run is under way.
 */
export async function dropTask(tx: Tx, taskId: string, scope: Scope): Promise<TaskOf> {
  const task = await lockTask(tx, taskId, scope)
  const gone = await sql<Row<'task', 'id'>>`
    delete from task where id = ${taskId}::bigint and name <> '' and run_id is null returning id`.execute(tx)
  if (gone.rows.length === 0) throw new AppError('task_stays')
  return task
}

export type TaskOf = Row<'task', 'kind' | 'shopId'>

export type TaskChange = { enabled?: boolean; schedule?: Schedule; params?: Record<string, unknown> }

type TaskRow = Row<'task', 'id' | 'kind' | 'shopId' | 'enabled' | 'intervalSeconds' | 'cron' | 'timeZone'> & {
  params: Record<string, unknown>
  now: Date
  lastStartedAt: Rows['task_run']['startedAt']
}

/**
 * Changes a task, and returns its kind and shop. Workers read the change within half a second; a run under way keeps its parameters.
 */
export async function changeTask<Shop>(
  tx: Tx,
  kinds: readonly TaskKind<Shop>[],
  { taskId, change }: { taskId: string; change: TaskChange },
  scope: Scope,
): Promise<TaskOf> {
  const task = await lockTask(tx, taskId, scope)
  const kind = kinds.find((one) => one.kind === task.kind)
  if (!kind) throw new AppError('not_found', { what: { zh: '任务', en: 'Task' } })
  const schedule = change.schedule ?? scheduleOf(task)
  const wrong = whyNotSchedule(schedule)
  if (wrong) throw new AppError('invalid_input', { detail: wrong }, 'schedule')
  const params = change.params ? kind.parseParams({ ...task.params, ...change.params }) : task.params
  const { everySeconds, cron, timeZone } = columnsOf(schedule)
  // A run that is due stays due if only the parameters change, or if the form sends the same schedule.
  const isPlanned =
    (change.enabled === true && !task.enabled) ||
    JSON.stringify(columnsOf(schedule)) !== JSON.stringify(columnsOf(scheduleOf(task)))
  const planned = isPlanned
    ? sql`, next_run_at = ${nextAfterChange(schedule, task)}, failures = 0, losses = 0`
    : sql``
  await sql`
    update task set enabled = ${change.enabled ?? task.enabled}, interval_seconds = ${everySeconds}, cron = ${cron},
      time_zone = coalesce(${timeZone}, time_zone), params = ${JSON.stringify(params)}::jsonb, updated_at = now() ${planned}
    where id = ${taskId}::bigint`.execute(tx)
  return task
}

/**
 * Returns the time of the next run after a change of the schedule. An interval counts from the last start, so a shorter interval takes
 * effect at once.
 */
function nextAfterChange(schedule: Schedule, task: TaskRow): Date {
  if ('cron' in schedule) return nextRunAt(schedule, task.now)
  if (!task.lastStartedAt) return task.now
  const next = nextRunAt(schedule, task.lastStartedAt)
  return new Date(Math.max(next.getTime(), task.now.getTime()))
}

async function lockTask(tx: Tx, taskId: string, scope: Scope): Promise<TaskRow> {
  const found = await sql<TaskRow>`
    select id, kind, shop_id as "shopId", enabled, interval_seconds as "intervalSeconds", cron,
      time_zone as "timeZone", params, now() as now,
      (select started_at from task_run where task_run.id = task.last_run_id) as "lastStartedAt"
    from task where id = ${taskId}::bigint and ${inShops(scope)} for update`.execute(tx)
  const task = found.rows[0]
  if (!task) throw new AppError('not_found', { what: { zh: '任务', en: 'Task' } })
  return task
}

/** A task or run of the installation has no shop, so it needs a scope of all shops. */
const inShops = (scope: Scope) => scopeSql(scope, sql.ref('shop_id'))

export type RunRequest = { from?: Date; to?: Date; params?: Record<string, unknown> }

/**
 * Requests a run at once, even if the task is disabled. `from` and `to` set the window; `params` replace those of the task. If the task is
 * running, the new run waits for that run, whose id is `behind`. `mayChange`: the user may change tasks. Without it a task of the
 * installation runs with its own parameters only, because they say where backups go and how long records are kept.
 */
export async function requestRun<Shop>(
  tx: Tx,
  kinds: readonly TaskKind<Shop>[],
  { taskId, ...request }: { taskId: string } & RunRequest,
  { actor, scope, mayChange = false }: By & { mayChange?: boolean },
): Promise<{ runId: string; behind: string | null; task: TaskOf }> {
  const task = await lockTask(tx, taskId, scope)
  const kind = kinds.find((one) => one.kind === task.kind)
  if (!kind) throw new AppError('not_found', { what: { zh: '任务', en: 'Task' } })
  if (request.from && request.to && request.from >= request.to) {
    throw new AppError('invalid_input', { detail: 'from must be before to' }, 'to')
  }
  kind.parseParams({ ...task.params, ...request.params })
  if (task.shopId === null && request.params && !mayChange)
    throw new AppError('forbidden', { permission: 'tasks.write' })
  const made = await sql<{ runId: Rows['task_run']['id']; behind: Rows['task']['runId'] }>`
    insert into task_run (task_id, kind, shop_id, trigger, state, requested_by, asked_from, asked_to, params)
    select id, kind, shop_id, 'person', 'queued', ${JSON.stringify(actor)}::jsonb, ${request.from ?? null},
      ${request.to ?? null}, ${JSON.stringify(request.params ?? {})}::jsonb
    from task where id = ${taskId}::bigint
      and (select count(*) from task_run where task_id = task.id and state = 'queued') < ${mostQueued}
    returning id as "runId", (select run_id from task where task.id = task_id) as behind`.execute(tx)
  const row = made.rows[0]
  if (!row) throw new AppError('run_queue_full', { max: mostQueued })
  return { ...row, task }
}

type RunAnswer = { runId: string } | { code: 'not_found' | 'run_queue_full' }

/**
 * Requests a run of the task of this kind for each shop. If the same request is queued already, its run is returned. Returns for each shop
 * the run, or the code of the refusal. The caller must have checked the scope.
 */
export async function requestRunsOnce(
  tx: Tx,
  { kind, shopIds, params }: { kind: string; shopIds: readonly string[]; params: Record<string, unknown> },
  actor: Actor,
): Promise<Map<string, RunAnswer>> {
  if (shopIds.length === 0) return new Map()
  // The lock has a statement of its own, so that the next statement sees the requests of a transaction that had the lock before.
  const tasks = await sql<Row<'task', 'id'>>`
    select id from task where kind = ${kind} and shop_id = any(${[...shopIds]}::bigint[]) and name = '' order by id for update`.execute(
    tx,
  )
  const found = await sql<NotNull<Row<'task', 'shopId'>> & { runId: Rows['task_run']['id'] | null }>`
    with own as (
      select t.id, t.shop_id, q.runs, q.same from task t cross join lateral (
        select count(*) as runs, min(id) filter (where asked_from is null and asked_to is null and params = ${JSON.stringify(params)}::jsonb) as same
        from task_run where task_id = t.id and state = 'queued') q
      where t.id = any(${tasks.rows.map(({ id }) => id)}::bigint[])
    ), made as (
      insert into task_run (task_id, kind, shop_id, trigger, state, requested_by, params)
      select id, ${kind}, shop_id, 'person', 'queued', ${JSON.stringify(actor)}::jsonb, ${JSON.stringify(params)}::jsonb
      from own where same is null and runs < ${mostQueued} order by id
      returning id, shop_id
    )
    select own.shop_id as "shopId", coalesce(own.same, made.id) as "runId" from own left join made using (shop_id)`.execute(
    tx,
  )
  const runOf = new Map(found.rows.map(({ shopId, runId }) => [shopId, runId]))
  const answerOf = (runId: string | null | undefined): RunAnswer =>
    runId ? { runId } : { code: runId === null ? 'run_queue_full' : 'not_found' }
  return new Map(shopIds.map((shopId) => [shopId, answerOf(runOf.get(shopId))]))
}

/**
 * Stops a queued run at once, and a running one at its next safe point, and returns its kind and shop. Its worker checks every half second.
 */
export async function stopRun(tx: Tx, runId: string, scope: Scope): Promise<TaskOf> {
  const stopped = await sql<TaskOf>`
    update task_run set stop_requested = true,
      ended_at = case when state = 'queued' then now() end,
      error_code = case when state = 'queued' then 'stopped' else error_code end,
      state = case when state = 'queued' then 'stopped' else state end
    where id = ${runId}::bigint and state in ('queued', 'running')
      and ${inShops(scope)}
    returning kind, shop_id as "shopId"`.execute(tx)
  if (stopped.rows[0]) return stopped.rows[0]
  const known = await sql<Row<'task_run', 'id'>>`
    select id from task_run where id = ${runId}::bigint
      and ${inShops(scope)}`.execute(tx)
  throw known.rows.length > 0
    ? new AppError('run_ended')
    : new AppError('not_found', { what: { zh: '运行记录', en: 'Run' } })
}

/**
 * Makes the enabled task of a kind in each of these shops due at once, because this transaction has written work for it. Call it as the
 * last statement of the transaction: it locks the task's row, and the lock delays the heartbeat of a running run.
 */
export async function wakeTask(
  tx: Tx | Database,
  kind: string,
  ...shopIds: readonly string[]
): Promise<void> {
  await sql`${preparedStatement}
    update task set next_run_at = now()
    where kind = ${kind} and shop_id = any(${[...shopIds]}::bigint[]) and name = '' and next_run_at > now() and enabled`.execute(
    tx,
  )
}

/** Makes an enabled task due at once, because its run could not finish all work. It may be a task that a user added. */
export async function wakeTaskAgain(db: Database, taskId: string): Promise<void> {
  await sql`
    update task set next_run_at = now() where id = ${taskId}::bigint and next_run_at > now() and enabled`.execute(
    db,
  )
}

/** Makes an enabled task due within `seconds`, unless it is due earlier. */
export async function hastenTask(
  tx: Tx | Database,
  kind: string,
  shopId: string,
  seconds: number,
): Promise<void> {
  await sql`
    update task set next_run_at = now() + make_interval(secs => ${seconds})
    where kind = ${kind} and shop_id = ${shopId}::bigint and name = '' and enabled
      and next_run_at > now() + make_interval(secs => ${seconds})`.execute(tx)
}

/**
 * Lets the task of a kind that every shop has wait at least `seconds` from now, because something else brings most of its work. A task that
 * became due meanwhile, and one with a longer interval or a cron expression, stays as it is.
 */
export async function restTask(db: Database, kind: string, shopId: string, seconds: number): Promise<void> {
  await sql`
    update task set next_run_at = greatest(next_run_at, now() + make_interval(secs => ${seconds}))
    where kind = ${kind} and shop_id = ${shopId}::bigint and name = '' and enabled and interval_seconds < ${seconds}
      and next_run_at > now()`.execute(db)
}

/** Runs of a task within which `toldLately` looks: those of ten minutes at the usual intervals. */
const latelyRuns = 60

/** True if a report of the task that every shop has contains `key`, among its runs that were requested within the last `seconds`. */
export async function toldLately(
  db: Database,
  key: string,
  { kind, shopId, seconds }: { kind: string; shopId: string; seconds: number },
): Promise<boolean> {
  const found = await sql`
    select from task t cross join lateral (
      select requested_at, report from task_run where task_id = t.id order by id desc limit ${latelyRuns}) r
    where t.kind = ${kind} and t.shop_id = ${shopId}::bigint and t.name = ''
      and r.requested_at > now() - make_interval(secs => ${seconds}) and r.report ? ${key}
    limit 1`.execute(db)
  return found.rows.length > 0
}

/** Returns the id of the task of this kind that every shop has. Throws `not_found` if the shop has none or is outside the scope. */
export async function taskOfShop(
  tx: Tx | Database,
  kind: string,
  shopId: string,
  scope: Scope,
): Promise<string> {
  const found = await sql<
    Row<'task', 'id'>
  >`select id from task where kind = ${kind} and shop_id = ${shopId}::bigint and name = ''`.execute(tx)
  const id = found.rows[0]?.id
  if (!id || !inScope(scope, shopId)) throw new AppError('not_found', { what: { zh: '任务', en: 'Task' } })
  return id
}
