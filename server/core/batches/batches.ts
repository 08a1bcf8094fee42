import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import type { By } from '../access/actor.ts'
import { sealedColumn } from '../access/reseal.ts'
import type { Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import type { BatchAction } from './batch.ts'
import { insertFilterBatch, insertListBatch, insertRetryBatch, markStopped } from './queries.ts'

export type BatchTarget = { ids: readonly string[] } | { filter: Record<string, unknown> }

/** A batch over selected or pasted rows may have at most this many ids. A batch over a filter has no limit. */
export const mostIds = 100_000

/** The requests of batches are sealed, because filters contain the names and phone numbers that users search for. */
const sealedAs = 'batch'

export const batchSealed = sealedColumn({
  table: 'batch',
  column: 'request',
  key: [['id', 'int8']],
  boundTo: sql.lit(sealedAs),
})

type Request = { filter: unknown; input: unknown }

/**
 * Creates a bulk action, which a worker then runs. Counts its rows and validates input and filter. The caller must check the permission;
 * the worker checks it again.
 */
export async function createBatch(
  tx: Tx,
  ring: KeyRing,
  { action, ...order }: { action: BatchAction; target: BatchTarget; input: unknown },
  { actor, scope }: By,
): Promise<{ id: string; no: string }> {
  const input = action.parseInput(order.input)
  const base = { action: action.action, actor, scope, retryOf: null }
  if ('ids' in order.target) {
    const { ids } = order.target
    if (ids.length === 0) throw new AppError('invalid_input', { detail: 'target.ids' }, 'target.ids')
    if (ids.length > mostIds) throw new AppError('too_many_ids', { max: mostIds }, 'target.ids')
    return insertListBatch(tx, { ...base, request: sealRequest(ring, { filter: null, input }) }, ids)
  }
  const filter = action.parseFilter(order.target.filter)
  // Counting all rows of a filter may be slow on a large table, and the user's request waits for it, so the statement gets more time.
  await sql`set local statement_timeout = '120s'`.execute(tx)
  const extent = await action.count(tx, filter, scope)
  return insertFilterBatch(tx, { ...base, request: sealRequest(ring, { filter, input }) }, extent)
}

/**
 * Stops a batch after its current chunk, and at once if no worker has it or its worker's lease has ended. Finished rows stay as they are. A
 * worker that was only slow finds that the batch is no longer its own, and rolls its chunk back.
 */
export async function stopBatch(tx: Tx, batchId: string): Promise<void> {
  if (!(await markStopped(tx, batchId))) throw new AppError('batch_finished')
}

/**
 * Creates a batch over the rows that an ended batch refused, with the same input. The new batch runs in the name of the user who retries
 * it.
 */
export async function retryBatch(
  tx: Tx,
  batchId: string,
  { actor, scope }: By,
): Promise<{ id: string; no: string }> {
  const found = await sql<Row<'batch', 'action' | 'request' | 'state' | 'refused'>>`
    select action, request, state, refused from batch where id = ${batchId}::bigint`.execute(tx)
  const old = found.rows[0]
  if (!old) throw new AppError('not_found', { what: { zh: '批量操作', en: 'Batch' } })
  if (old.state !== 'done' && old.state !== 'stopped') throw new AppError('batch_running')
  if (old.refused === 0) throw new AppError('nothing_refused')
  const { action, request, refused } = old
  return insertRetryBatch(tx, { action, request, actor, scope, retryOf: batchId }, refused)
}

function sealRequest(ring: KeyRing, request: Request): Buffer {
  return seal(ring, sealedAs, JSON.stringify(request))
}

export function openRequest(ring: KeyRing, sealed: Uint8Array): Request {
  const opened: unknown = JSON.parse(unseal(ring, sealedAs, sealed).toString('utf8'))
  if (typeof opened !== 'object' || opened === null) throw new Error('A batch holds no request.')
  return { filter: 'filter' in opened ? opened.filter : null, input: 'input' in opened ? opened.input : null }
}
