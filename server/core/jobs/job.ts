import { sql } from 'kysely'
import type pg from 'pg'
import type { Job as FetchedJob, JobResult } from 'pg-boss'
import type { Logger } from 'pino'
import type { Static, TSchema } from 'typebox'
import Value from 'typebox/value'
import { quietly } from '../../lib/quiet.ts'
import { errorLabel, safeError } from '../../lib/safe-error.ts'
import { type Database, preparedStatement, type Tx } from '../db/db.ts'
import type { Running } from './engine.ts'
import { inJobTurn } from './pace.ts'

export type JobContext = { db: Database; log: Logger }

/** Follow-up work of a change, run a moment later by any worker, at least once. */
export type Job = {
  name: string
  batchSize: number
  queue: QueueSettings
  accepts(payload: unknown): boolean
  run(context: JobContext, payloads: readonly unknown[]): Promise<void>
}

type QueueSettings = {
  policy: 'standard' | 'short'
  retryLimit: number
  retryDelay: number
  retryBackoff: boolean
  retryDelayMax: number
  expireInSeconds: number
  heartbeatSeconds: number
  deleteAfterSeconds: number
  deadLetter?: string
}

/** The queue of jobs that failed in every attempt. */
export const deadLetters = 'dead_letters'

/** The shortest time that pg-boss allows: jobs of a killed worker run again after about this time. */
const heartbeatSeconds = 10

export function defineJob<Schema extends TSchema>(declaration: {
  name: string
  /** Schema of the payload, which contains ids and codes and no personal data. Checked when the job runs. */
  payload: Schema
  /** Number of attempts after the first; undefined: 8 (about half an hour). */
  retries?: number
  /** One run of the job gets at most this many payloads; undefined: 200. */
  batchSize?: number
  /** True if only one of the waiting jobs with the same `key` is kept. */
  unique?: boolean
  /** Calls a verb with the whole list. If it throws, each payload runs alone, so that a failing payload does not stop the others. */
  run(context: JobContext, payloads: readonly Static<Schema>[]): Promise<void>
}): Job {
  const { payload: schema } = declaration
  return {
    name: declaration.name,
    batchSize: declaration.batchSize ?? 200,
    queue: {
      policy: declaration.unique ? 'short' : 'standard',
      retryLimit: declaration.retries ?? 8,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 600,
      expireInSeconds: 900,
      heartbeatSeconds,
      deleteAfterSeconds: 86_400,
      deadLetter: deadLetters,
    },
    accepts: (payload) => Value.Check(schema, payload),
    run: (context, payloads) =>
      declaration.run(
        context,
        payloads.filter((payload): payload is Static<Schema> => Value.Check(schema, payload)),
      ),
  }
}

export type EnqueueOptions = { key?: string; after?: Date }

/**
 * Enqueues jobs in the transaction that makes them necessary, so that they exist only if it commits. Writes pg-boss's table directly, which
 * its documentation allows: its own `insert` needs a started instance.
 */
export async function enqueue(
  tx: Tx,
  name: string,
  payloads: readonly object[],
  options: EnqueueOptions = {},
): Promise<void> {
  if (payloads.length === 0) return
  const written = await sql<{ queues: number }>`${preparedStatement}
    with chosen as (select * from queue where name = ${name}),
    written as (
      insert into job (name, data, singleton_key, start_after, keep_until, expire_seconds, deletion_seconds,
        retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter, heartbeat_seconds)
      select chosen.name, payload.data, ${options.key ?? null}::text, due.at,
        due.at + chosen.retention_seconds * interval '1 second', chosen.expire_seconds, chosen.deletion_seconds,
        chosen.retry_limit, chosen.retry_delay, chosen.retry_backoff, chosen.retry_delay_max, chosen.policy,
        chosen.dead_letter, chosen.heartbeat_seconds
      from chosen, unnest(${payloads.map((payload) => JSON.stringify(payload))}::jsonb[]) payload (data),
        (select coalesce(${options.after ?? null}::timestamptz, now()) as at) due
      on conflict do nothing
    )
    select count(*)::int as queues from chosen`.execute(tx)
  if (written.rows[0]?.queues !== 1) throw new Error(`No job is called ${name}.`)
}

/** Creates the queues of all jobs that do not exist yet. Every process that enqueues calls it at its start. */
export async function createQueues(db: Database, jobs: readonly Job[]): Promise<void> {
  const dead = { policy: 'standard', retryLimit: 0, deleteAfterSeconds: 30 * 86_400 }
  const all = [{ name: deadLetters, queue: dead }, ...jobs]
  await sql`
    select create_queue(name, options)
    from unnest(${all.map(({ name }) => name)}::text[], ${all.map(({ queue }) => JSON.stringify(queue))}::jsonb[]) queue (name, options)`.execute(
    db,
  )
}

export async function startJobs(
  options: JobContext & { pool: pg.Pool; jobs: readonly Job[] },
): Promise<Running> {
  const { db, pool, log, jobs } = options
  await createQueues(db, jobs)
  const found = await sql<{ schema: string }>`select quote_ident(current_schema()) as schema`.execute(db)
  // pg-boss takes 200 ms to load, and only workers need it.
  const { PgBoss } = await import('pg-boss')
  const boss = new PgBoss({
    // pg-boss sends several statements at once and reads the rows of each. Kysely returns only the rows of the last one.
    db: { executeSql: (text, values) => inJobTurn(async () => rowsOf(await pool.query(text, values))) },
    schema: found.rows[0]?.schema ?? 'public',
    migrate: false,
    createSchema: false,
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  })
  // Without a listener a restart of the database would end the process.
  const warn = quietly(log)
  boss.on('error', (error) => warn(error, 'jobs: the database did not answer'))
  await boss.start()
  for (const job of jobs) {
    const { policy: _policy, ...settings } = job.queue
    await boss.updateQueue(job.name, settings)
    const work = { batchSize: job.batchSize, pollingIntervalSeconds: 0.5, perJobResults: true } as const
    await boss.work<unknown, unknown, typeof work>(job.name, work, (fetched) =>
      perform(options, job, fetched),
    )
  }
  return { stop: () => boss.stop({ graceful: true, close: false, timeout: 20_000 }) }
}

function rowsOf(answer: pg.QueryResult | pg.QueryResult[]): { rows: unknown[] } {
  return { rows: [answer].flat().flatMap((one) => one.rows) }
}

async function perform(context: JobContext, job: Job, fetched: FetchedJob<unknown>[]): Promise<JobResult[]> {
  const log = context.log.child({ job: job.name })
  const sound = fetched.filter(({ data }) => job.accepts(data))
  const unsound = fetched.filter(({ data }) => !job.accepts(data))
  if (unsound.length > 0)
    log.error({ ids: unsound.map(({ id }) => id) }, 'jobs hold what their schema does not allow')
  const results: JobResult[] = unsound.map(({ id }) => ({
    id,
    status: 'deadletter',
    output: { error: 'payload' },
  }))
  if (sound.length === 0) return results
  try {
    await job.run(
      { ...context, log },
      sound.map(({ data }) => data),
    )
    return [...results, ...sound.map(({ id }): JobResult => ({ id, status: 'completed' }))]
  } catch (error) {
    if (sound.length === 1) return [...results, failed(sound[0]?.id ?? '', error, log)]
  }
  for (const { id, data } of sound) results.push(await performOne(context, job, { id, payload: data }, log))
  return results
}

async function performOne(
  context: JobContext,
  job: Job,
  { id, payload }: { id: string; payload: unknown },
  log: Logger,
): Promise<JobResult> {
  try {
    await job.run({ ...context, log }, [payload])
    return { id, status: 'completed' }
  } catch (error) {
    return failed(id, error, log)
  }
}

function failed(id: string, error: unknown, log: Logger): JobResult {
  log.error({ id, err: safeError(error) }, 'a job failed; it is tried again')
  return { id, status: 'failed', output: { error: errorLabel(error) } }
}
