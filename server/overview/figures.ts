import { sql } from 'kysely'
import { Gauge, Registry } from 'prom-client'
import { alarmsNow } from '../alarms/alarms.ts'
import { readQueueCounts } from '../alarms/queue-counts.ts'
import { wholeScope } from '../core/access/actor.ts'
import type { Database, OpenDatabase } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { processHeartbeats } from '../core/embedded/house-process.ts'
import { deadLetters } from '../core/jobs/job.ts'
import { countCap } from '../core/lists/list-table.ts'
import { sharedNow } from '../lib/clock.ts'

/**
 * Task runs that were requested within this number of minutes are in the metrics (a scheduled run is requested when it begins), so a scrape
 * every minute misses no run unless it waits longer in the queue.
 */
const recentMinutes = 5
const recentRunsMax = 20_000

type Counted = Record<'name', string> & { count: number }
type Ran = Row<'task_run', 'kind' | 'state' | 'seen' | 'created' | 'updated' | 'failed'> & { runs: number }

/**
 * Returns the installation's metrics for Prometheus. They come from the database, so any web process reports for all workers. Counts stop
 * at the cap of the lists, so a scrape costs the same with any number of rows.
 */
export async function installationFigures(
  { db, pool }: Pick<OpenDatabase, 'db' | 'pool'>,
  now = sharedNow(),
): Promise<string> {
  const registry = new Registry()
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] })
  const queues = gauge('sanyi_queue_rows', `What waits; ${countCap + 1} is that many or more`, ['queue'])
  for (const { name, count } of await queueRows(db)) queues.set({ queue: name }, count)

  const lately = `that began within the last ${recentMinutes} minutes`
  const runs = gauge('sanyi_task_runs_recent', `Task runs ${lately}`, ['kind', 'state'])
  const rows = gauge('sanyi_task_rows_recent', `What task runs ${lately} did to trades and refunds`, [
    'kind',
    'what',
  ])
  for (const ran of await recentRuns(db)) {
    runs.set({ kind: ran.kind, state: ran.state }, ran.runs)
    for (const what of ['seen', 'created', 'updated', 'failed'] as const)
      rows.inc({ kind: ran.kind, what }, ran[what])
  }

  const help = 'For how long the task that has waited longest has been due: grows when no worker lives'
  gauge('sanyi_task_overdue_seconds', help, []).set(await overdueSeconds(db))

  const of = ['process', 'kind'] as const
  const free = gauge('sanyi_disk_free_bytes', 'Room on the disk of the data folder of each process', of)
  const size = gauge('sanyi_disk_size_bytes', 'Size of that disk', of)
  const ahead = gauge('sanyi_clock_ahead_seconds', 'Clock of each process less that of the database', of)
  const silent = gauge(
    'sanyi_process_silent_seconds',
    'Since the last sign of each process of the last two minutes',
    of,
  )
  for (const { name, kind, ...said } of await processHeartbeats(db)) {
    silent.set({ process: name, kind }, (now.getTime() - said.seenAt.getTime()) / 1000)
    free.set({ process: name, kind }, said.freeBytes)
    size.set({ process: name, kind }, said.sizeBytes)
    ahead.set({ process: name, kind }, said.aheadMs / 1000)
  }

  const streams = ['shop', 'platform', 'stream'] as const
  const behind = gauge(
    'sanyi_stream_behind_seconds',
    'How far a shop’s downloads are behind, by id of the shop',
    streams,
  )
  for (const { seconds, ...labels } of await streamsBehind(db)) behind.set(labels, seconds)
  const { oldest, bytes } = await ages(db)
  gauge(
    'sanyi_action_oldest_seconds',
    'Age of the oldest platform action that waits or is being sent',
    [],
  ).set(oldest)
  gauge('sanyi_database_bytes', 'Size of the database', []).set(bytes)
  const connections = gauge('sanyi_connections', 'Connections of this web process', ['state'])
  connections.set({ state: 'in_use' }, pool.totalCount - pool.idleCount)
  connections.set({ state: 'idle' }, pool.idleCount)
  connections.set({ state: 'waited_for' }, pool.waitingCount)
  const alarms = gauge('sanyi_alarms', 'Alarms of the overview', ['kind', 'tone'])
  const asked = { db, now, scope: wholeScope }
  for (const { kind, tone } of await alarmsNow(asked, await readQueueCounts(asked)))
    alarms.inc({ kind, tone })
  return registry.metrics()
}

async function streamsBehind(db: Database) {
  const found = await sql<
    Row<'stream_cursor', 'stream'> & { shop: string; platform: string; seconds: number }
  >`
    select shop.id::text as shop, shop.platform, c.stream, extract(epoch from now() - c.complete_to)::float8 as seconds
    from stream_cursor c join shop on shop.id = c.shop_id
    where shop.enabled and c.stream in ('trades', 'refunds') order by shop.id, c.stream`.execute(db)
  return found.rows
}

async function ages(db: Database): Promise<{ oldest: number; bytes: number }> {
  const found = await sql<{ oldest: number; bytes: number }>`
    select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest,
      pg_database_size(current_database())::float8 as bytes
    from platform_action where state in ('pending', 'sending')`.execute(db)
  return found.rows[0] ?? { oldest: 0, bytes: 0 }
}

async function queueRows(db: Database): Promise<Counted[]> {
  const upTo = sql`limit ${countCap + 1}`
  const found = await sql<Counted>`
    select q.name, q.count::int as count from (values
      ('download', (select count(*) from (select from download_queue ${upTo}) x)),
      ('trades_fetching', (select count(*) from (select from staged_trade where state = 'fetching' ${upTo}) x)),
      ('trades_staged', (select count(*) from (select from staged_trade where state = 'staged' ${upTo}) x)),
      ('refunds_staged', (select count(*) from (select from staged_refund where state = 'staged' ${upTo}) x)),
      ('actions_pending', (select count(*) from (
        select from platform_action where state in ('pending', 'sending') ${upTo}) x)),
      ('actions_unknown', (select count(*) from (select from platform_action where state = 'unknown' ${upTo}) x)),
      ('actions_failed', (select count(*) from (select from platform_action where state = 'failed' ${upTo}) x)),
      ('batches', (select count(*) from (
        select from batch where state in ('running', 'stopping') ${upTo}) x)),
      ('task_runs', (select count(*) from (select from task_run where state = 'queued' ${upTo}) x)),
      ('jobs', (select count(*) from (
        select from job where name <> ${deadLetters} and state < 'active' ${upTo}) x)),
      ('jobs_dead', (select count(*) from (
        select from job where name = ${deadLetters} and state < 'active' ${upTo}) x))
    ) q (name, count)`.execute(db)
  return found.rows
}

async function recentRuns(db: Database): Promise<Ran[]> {
  const found = await sql<Ran>`
    select kind, state, count(*)::int as runs, sum(seen)::float8 as seen, sum(created)::float8 as created,
      sum(updated)::float8 as updated, sum(failed)::float8 as failed
    from (
      select kind, state, seen, created, updated, failed from task_run
      where requested_at > now() - make_interval(mins => ${recentMinutes}) limit ${recentRunsMax}
    ) recent
    group by kind, state order by kind, state`.execute(db)
  return found.rows
}

async function overdueSeconds(db: Database): Promise<number> {
  const found = await sql<{ seconds: number }>`
    select coalesce(extract(epoch from now() - min(task.next_run_at)), 0)::float8 as seconds
    from task left join shop_gate gate on gate.shop_id = task.shop_id
    where task.enabled and task.run_id is null and task.next_run_at <= now()
      and coalesce(gate.paused, '{}') = '{}' and gate.restored_at is null and (gate.ban_until is null or gate.ban_until <= now())`.execute(
    db,
  )
  return found.rows[0]?.seconds ?? 0
}
