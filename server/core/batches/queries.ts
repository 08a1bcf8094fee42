import { sql } from 'kysely'
import { unnestRows } from '../../lib/unnest.ts'
import type { Actor, Scope } from '../access/actor.ts'
import { type Database, preparedStatement, type Tx } from '../db/db.ts'
import type { Row, Rows } from '../db/rows.ts'
import type { Outcome } from '../decide.ts'
import type { Claimant } from '../jobs/engine.ts'
import { chunkSize, type Extent } from './batch.ts'

export type NewBatch = {
  action: string
  actor: Actor
  scope: Scope
  request: Buffer
  retryOf: string | null
}

async function insertBatch(
  tx: Tx,
  batch: NewBatch,
  target: { byFilter: boolean; total: number; upTo: string | null },
): Promise<{ id: string; no: string }> {
  const made = await sql<Row<'batch', 'id' | 'no'>>`
    insert into batch (no, action, state, actor, scope, request, by_filter, walk_up_to, walked, retry_of, total)
    values (
      'B' || to_char(now() at time zone 'Asia/Shanghai', 'YYMMDD') || '-' || to_char(nextval('batch_no'), 'FM99999999990000'),
      ${batch.action}, 'running', ${JSON.stringify(batch.actor)}::jsonb, ${JSON.stringify(batch.scope)}::jsonb,
      ${batch.request}, ${target.byFilter}, ${target.upTo}, ${!target.byFilter}, ${batch.retryOf}::bigint,
      ${target.total})
    returning id, no`.execute(tx)
  const row = made.rows[0]
  if (!row) throw new Error('A batch was not inserted.')
  return row
}

/** Creates a batch over a filter. A worker creates the chunks while the batch runs. */
export async function insertFilterBatch(
  tx: Tx,
  batch: NewBatch,
  extent: Extent,
): Promise<{ id: string; no: string }> {
  return insertBatch(tx, batch, { byFilter: true, total: extent.total, upTo: extent.upTo })
}

/** Creates a batch over these ids, without repetitions and in ascending order. */
export async function insertListBatch(
  tx: Tx,
  batch: NewBatch,
  ids: readonly string[],
): Promise<{ id: string; no: string }> {
  const made = await insertBatch(tx, batch, { byFilter: false, total: new Set(ids).size, upTo: null })
  await sql`
    insert into batch_chunk (batch_id, no, ids)
    select ${made.id}::bigint, no, array_agg(id order by id)
    from (select id, (row_number() over (order by id) - 1) / ${chunkSize}::int as no
      from (select distinct unnest(${[...ids]}::bigint[]) as id) ids) placed
    group by no`.execute(tx)
  return made
}

/** Creates a batch over the rows that another batch refused. The ids are copied inside the database. */
export async function insertRetryBatch(
  tx: Tx,
  batch: NewBatch & { retryOf: string },
  total: number,
): Promise<{ id: string; no: string }> {
  const made = await insertBatch(tx, batch, { byFilter: false, total, upTo: null })
  await sql`
    insert into batch_chunk (batch_id, no, ids)
    select ${made.id}::bigint, no, array_agg(id order by id)
    from (select id, (row_number() over (order by id) - 1) / ${chunkSize}::int as no
      from batch_refusal where batch_id = ${batch.retryOf}::bigint) placed
    group by no`.execute(tx)
  return made
}

export type ClaimedBatch = Row<'batch', 'id' | 'no' | 'action' | 'request' | 'byFilter'> & {
  state: 'running' | 'stopping'
  actor: Actor
  scope: Scope
  upTo: Rows['batch']['walkUpTo']
}

/** Claims up to `limit` batches, oldest first: new ones, those that a worker unclaimed, and those whose lease expired. */
export async function claimBatches(
  db: Database,
  claimant: Claimant,
  actions: readonly string[],
  limit: number,
): Promise<ClaimedBatch[]> {
  const claimed = await sql<ClaimedBatch>`
    update batch set worker = ${claimant.worker}, started_at = coalesce(started_at, clock_timestamp()),
      lease_until = now() + ${claimant.leaseMs}::int * interval '1 millisecond'
    where id in (
      select id from batch
      where state in ('running', 'stopping') and (lease_until is null or lease_until < now())
        and action = any(${[...actions]}::text[])
      order by id limit ${limit} for update skip locked)
    returning id, no, action, state, actor, scope, request, by_filter as "byFilter", walk_up_to as "upTo"`.execute(
    db,
  )
  return claimed.rows
}

/** Extends the leases and returns the ids of the batches that this worker still owns. */
export async function extendBatches(
  db: Database,
  claimant: Claimant,
  ids: readonly string[],
): Promise<string[]> {
  const held = await sql<Row<'batch', 'id'>>`
    update batch set lease_until = now() + ${claimant.leaseMs}::int * interval '1 millisecond'
    where id = any(${[...ids]}::bigint[]) and worker = ${claimant.worker} and state in ('running', 'stopping')
    returning id`.execute(db)
  return held.rows.map((row) => row.id)
}

export type Chunk = Row<'batch_chunk', 'no' | 'ids'>

/** Returns the next open chunk and locks its row until the transaction ends, so that no other connection runs the same chunk. */
export async function takeChunk(tx: Tx, batchId: string): Promise<Chunk | undefined> {
  const taken = await sql<Chunk>`${preparedStatement}
    select no, ids from batch_chunk where batch_id = ${batchId}::bigint and ended_at is null
    order by no limit 1 for update skip locked`.execute(tx)
  return taken.rows[0]
}

/** Returns the ids of the next two open chunks without locking them. The second may not exist yet. */
export async function nextChunkIds(db: Database, batchId: string): Promise<string[]> {
  const next = await sql<Row<'batch_chunk', 'ids'>>`
    select ids from batch_chunk where batch_id = ${batchId}::bigint and ended_at is null order by no limit 2`.execute(
    db,
  )
  return next.rows.flatMap(({ ids }) => ids)
}

export async function writeChunk(
  tx: Tx,
  batchId: string,
  no: number,
  outcomes: readonly Outcome[],
): Promise<void> {
  const done = outcomes.filter((outcome) => outcome.done)
  await sql`${preparedStatement}
    update batch_chunk set ended_at = clock_timestamp(), done_ids = ${done.map(({ id }) => id)}::bigint[],
      done_refs = ${done.map(({ ref }) => ref ?? '')}::text[]
    where batch_id = ${batchId}::bigint and no = ${no}`.execute(tx)
  const refused = outcomes.filter((outcome) => !outcome.done)
  if (refused.length === 0) return
  const rows = unnestRows('refused', refused, [
    ['id', 'int8', (outcome) => outcome.id],
    ['code', 'text', (outcome) => outcome.code],
    ['reason', 'text', ({ reason }) => reason ?? ''],
    ['message', 'jsonb', ({ message }) => (message ? JSON.stringify(message) : null)],
    ['ref', 'text', ({ ref }) => ref ?? ''],
  ])
  await sql`${preparedStatement}
    insert into batch_refusal (batch_id, id, code, reason, message, ref)
    select ${batchId}::bigint, id, code, reason, message, ref from ${rows}`.execute(tx)
}

export type Progress = Row<'batch', 'worker' | 'state' | 'walked' | 'walkAfter'> & {
  reasons: Record<string, number>
}

/**
 * Locks the batch's row until the transaction ends. Call it at the end of a chunk, so that a user who stops the batch waits only briefly
 * for the lock.
 */
export async function lockProgress(tx: Tx, batchId: string): Promise<Progress> {
  const found = await sql<Progress>`${preparedStatement}
    select worker, state, walked, walk_after as "walkAfter", reasons
    from batch where id = ${batchId}::bigint for update`.execute(tx)
  const row = found.rows[0]
  if (!row) throw new Error(`Batch ${batchId} is gone.`)
  return row
}

export async function writeProgress(
  tx: Tx,
  batchId: string,
  add: { succeeded: number; refused: number; reasons: Record<string, number> },
): Promise<void> {
  await sql`${preparedStatement}
    update batch set done = done + ${add.succeeded}::int + ${add.refused}::int,
      succeeded = succeeded + ${add.succeeded}::int, refused = refused + ${add.refused}::int,
      reasons = ${JSON.stringify(add.reasons)}::jsonb
    where id = ${batchId}::bigint`.execute(tx)
}

/** Adds the next chunk of a batch over a filter and stores the position from which to continue. `after` null: no rows are left. */
export async function writeWalk(
  tx: Tx,
  batchId: string,
  ids: readonly string[],
  after: string | null,
): Promise<void> {
  if (ids.length > 0) {
    await sql`
      insert into batch_chunk (batch_id, no, ids)
      select ${batchId}::bigint, coalesce(max(no) + 1, 0), ${[...ids]}::bigint[]
      from batch_chunk where batch_id = ${batchId}::bigint`.execute(tx)
  }
  await sql`
    update batch set walk_after = coalesce(${after}, walk_after), walked = ${after === null}
    where id = ${batchId}::bigint`.execute(tx)
}

export async function hasOpenChunk(tx: Tx, batchId: string): Promise<boolean> {
  const found = await sql<{ open: boolean }>`
    select exists (select from batch_chunk where batch_id = ${batchId}::bigint and ended_at is null) as open`.execute(
    tx,
  )
  return found.rows[0]?.open === true
}

/** Returns false if the batch has ended. */
export async function markStopped(tx: Tx, batchId: string): Promise<boolean> {
  const isIdle = sql`(worker is null or lease_until is null or lease_until < now())`
  const stopped = await sql<Row<'batch', 'id'>>`
    update batch set state = case when ${isIdle} then 'stopped' else 'stopping' end,
      ended_at = case when ${isIdle} then clock_timestamp() end,
      worker = case when ${isIdle} then null else worker end,
      lease_until = case when ${isIdle} then null else lease_until end
    where id = ${batchId}::bigint and state in ('running', 'stopping')
    returning id`.execute(tx)
  return stopped.rows.length === 1
}

/** True if a person has stopped the batch. It waits for no lock. */
export async function isStopping(db: Database | Tx, batchId: string): Promise<boolean> {
  const found = await sql<Row<'batch', 'state'>>`${preparedStatement}
    select state from batch where id = ${batchId}::bigint`.execute(db)
  return found.rows[0]?.state === 'stopping'
}

/** Ends the batch. Returns false if another worker has claimed it, or if it is to end as `done` and rows are left to process. */
export async function endBatch(
  db: Database,
  claimant: Claimant,
  batchId: string,
  end: { state: 'done' | 'stopped'; errorCode: string },
): Promise<boolean> {
  const ended = await sql<Row<'batch', 'id'>>`
    update batch set state = ${end.state}, error_code = ${end.errorCode}, ended_at = clock_timestamp(),
      worker = null, lease_until = null
    where id = ${batchId}::bigint and worker = ${claimant.worker}
      and (${end.state} = 'stopped' or (walked and not exists (
        select from batch_chunk where batch_id = batch.id and ended_at is null)))
    returning id`.execute(db)
  return ended.rows.length === 1
}

/** Releases the claim on the batch; another worker may claim it at once, or after `pauseMs`. */
export async function unclaimBatch(
  db: Database,
  claimant: Claimant,
  batchId: string,
  pauseMs: number,
): Promise<void> {
  await sql`
    update batch set worker = null,
      lease_until = case when ${pauseMs}::int > 0 then now() + ${pauseMs}::int * interval '1 millisecond' end
    where id = ${batchId}::bigint and worker = ${claimant.worker}`.execute(db)
}
