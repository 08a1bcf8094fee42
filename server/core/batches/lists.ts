import { sql } from 'kysely'
import type { Static } from 'typebox'
import { AppError } from '../../errors.ts'
import type { Actor } from '../access/actor.ts'
import type { Database } from '../db/db.ts'
import type { Row, Rows } from '../db/rows.ts'
import type { Identity } from '../http/http.ts'
import { pageById } from '../lists/list.ts'
import type { BatchAction } from './batch.ts'
import type { BatchAnswer, batchesQuery, item, itemsQuery, RefusalGroup } from './contract.ts'

type Asker = Pick<Identity, 'actor' | 'scope' | 'permissions'>
type Item = Static<typeof item>
type BareItem = Row<'batch_refusal', 'id' | 'code' | 'reason' | 'ref'> &
  Record<'done', boolean> & { message: Item['message'] }
type RefusalRow = Row<'batch_refusal', 'code' | 'reason'> & {
  message: RefusalGroup['message']
  count: number
  ids: Rows['batch_refusal']['id'][]
}
type Texts = BatchAnswer['reasons'][number]['messages']
type Page<Row> = { rows: Row[]; next: string | null }

type BatchRow = Row<
  'batch',
  | 'id'
  | 'no'
  | 'action'
  | 'state'
  | 'total'
  | 'done'
  | 'succeeded'
  | 'refused'
  | 'errorCode'
  | 'retryOf'
  | 'createdAt'
  | 'startedAt'
  | 'endedAt'
> & {
  taken: number
  reasons: Record<string, number>
  messages: Record<string, Texts> | null
  createdBy: Actor
}

/**
 * What the refusals of each code say, with counts. A code with more than `messagesShown` texts gets none. A batch with more refusals than
 * `refusalsRead` gets none either, because the list shows fifty batches, and each may have a hundred thousand refusals.
 */
const refusalsRead = 1000
const messagesShown = 3
const messages = sql`case when refused between 1 and ${sql.lit(refusalsRead)} then (
  select jsonb_object_agg(code, texts) from (
    select code, jsonb_agg(jsonb_build_object('message', message, 'count', count) order by count desc, message::text) as texts from (
      select code, message, count(*)::int as count from batch_refusal where batch_id = batch.id group by code, message) said
    group by code having count(*) <= ${sql.lit(messagesShown)} and count(message) = count(*)) shown) end`

const columns = sql`
  id, no, action, state, greatest(total, done) as total, done, succeeded,
  case when state = 'done' then greatest(total - done, 0) else 0 end as taken, refused, reasons, error_code as "errorCode", retry_of as "retryOf",
  created_at as "createdAt", started_at as "startedAt", ended_at as "endedAt", actor as "createdBy", ${messages} as messages`

const ownedBy = ({ kind, id }: Actor) => sql`(actor ->> 'kind' = ${kind} and actor ->> 'id' = ${id})`

/**
 * Returns the SQL condition for the batches that the asker may see: the asker's own. An asker with all shops and all warehouses also sees
 * every batch whose action the asker may run.
 */
function visibleTo(actions: readonly BatchAction[], { actor, scope, permissions }: Asker) {
  if (scope.shops !== 'all' || scope.warehouses !== 'all') return ownedBy(actor)
  const permitted = actions.filter(({ permission }) => permissions.has(permission))
  return sql`(${ownedBy(actor)} or action = any(${permitted.map(({ action }) => action)}::text[]))`
}

export async function listBatches(
  db: Database,
  actions: readonly BatchAction[],
  filter: Static<typeof batchesQuery>,
  asker: Asker,
): Promise<Page<BatchAnswer>> {
  return pageById({ limit: 50, ...filter }, async ({ limit, after = null }) => {
    const found = await sql<BatchRow>`
      select ${columns} from batch
      where ${visibleTo(actions, asker)} and (${filter.mine ?? false} = false or ${ownedBy(asker.actor)})
        and ${ofState(filter.running)}
        and (${after}::bigint is null or id < ${after}::bigint)
      order by id desc limit ${limit}`.execute(db)
    return found.rows.map((row) => present(actions, row))
  })
}

function ofState(running: boolean | undefined) {
  if (running === undefined) return sql`true`
  return running ? sql`state in ('running', 'stopping')` : sql`state in ('done', 'stopped')`
}

/** Returns a batch. Throws `not_found`, also for a batch that the asker may not see. */
export async function batchById(
  db: Database,
  actions: readonly BatchAction[],
  id: string,
  asker: Asker,
): Promise<BatchAnswer> {
  const found = await sql<BatchRow>`
    select ${columns} from batch where id = ${id}::bigint and ${visibleTo(actions, asker)}`.execute(db)
  const [row] = found.rows
  if (!row) throw new AppError('not_found', { what: { zh: '批量操作', en: 'Batch' } })
  return present(actions, row)
}

export async function isOwn(db: Database, id: string, actor: Actor): Promise<boolean> {
  const found = await sql`
    select from batch where id = ${id}::bigint and ${ownedBy(actor)}`.execute(db)
  return found.rows.length > 0
}

function present(actions: readonly BatchAction[], { messages: said, ...row }: BatchRow): BatchAnswer {
  const action = actions.find((one) => one.action === row.action)
  const reasons = Object.entries(row.reasons).map(([code, count]) => {
    const messages = said?.[code] ?? []
    const [only, ...others] = messages
    return { code, count, message: others.length === 0 ? (only?.message ?? null) : null, messages }
  })
  return {
    ...row,
    actionName: action?.name ?? { zh: row.action, en: row.action },
    reasons: reasons.sort((a, b) => b.count - a.count),
    createdBy: row.createdBy.name,
  }
}

/** Returns the rows of a batch: refused rows in the order of their ids, done rows or all rows in the order of processing. */
export async function listItems(
  db: Database,
  actions: readonly BatchAction[],
  batch: Pick<BatchAnswer, 'id' | 'action'>,
  filter: Static<typeof itemsQuery>,
): Promise<Page<Item>> {
  const read = filter.result === 'refused' || filter.code !== undefined ? refusedItems : workedItems
  const { rows, next } = await read(db, batch.id, filter)
  const action = actions.find((one) => one.action === batch.action)
  const numbers = await action?.numbers(
    db,
    rows.filter(isInScope).map(({ id }) => id),
  )
  return { rows: rows.map((row) => ({ ...row, no: numbers?.get(row.id) ?? '' })), next }
}

/** What the asker may not see is refused as `not_found`, so its number must not be shown either. */
const isInScope = ({ code }: { code: string }) => code !== 'not_found'

async function refusedItems(
  db: Database,
  batchId: string,
  filter: Static<typeof itemsQuery>,
): Promise<Page<BareItem>> {
  return pageById({ limit: 50, ...filter }, async ({ limit, after = null }) => {
    const found = await sql<BareItem>`
      select id, false as done, code, reason, message, ref from batch_refusal
      where batch_id = ${batchId}::bigint and (${after}::bigint is null or id > ${after}::bigint)
        and (${filter.code ?? null}::text is null or code = ${filter.code ?? null}::text)
      order by id limit ${limit}`.execute(db)
    return found.rows
  })
}

/**
 * At most this many groups of refused rows are returned. A group is the rows that were refused with the same code, reason and message. The
 * rows of further groups are only in the list of rows.
 */
const groupsMax = 50

/** Returns the groups of refused rows with their counts, largest first, and the first 200 ids of each group. */
export async function refusalGroups(
  db: Database,
  actions: readonly BatchAction[],
  batch: Pick<BatchAnswer, 'id' | 'action'>,
): Promise<RefusalGroup[]> {
  const found = await sql<RefusalRow>`
    select code, reason, message, count(*)::int as count, (array_agg(id order by id))[1:200] as ids
    from batch_refusal where batch_id = ${batch.id}::bigint
    group by code, reason, message order by count desc, code limit ${groupsMax}`.execute(db)
  const action = actions.find((one) => one.action === batch.action)
  const numbers = await action?.numbers(
    db,
    found.rows.filter(isInScope).flatMap(({ ids }) => ids),
  )
  return found.rows.map((row) => ({ ...row, nos: row.ids.flatMap((id) => numbers?.get(id) ?? []) }))
}

/**
 * Returns a page of the batch's rows in the order in which they were processed. For `result: 'done'` it reads only the ids that are done,
 * without the refusals.
 */
async function workedItems(
  db: Database,
  batchId: string,
  filter: Static<typeof itemsQuery>,
): Promise<Page<BareItem>> {
  const limit = filter.limit ?? 50
  const [no, place] = placeCursor(filter.after)
  const source =
    filter.result === 'done'
      ? sql`batch_chunk chunk cross join lateral
          unnest(chunk.done_ids, chunk.done_refs) with ordinality row (id, ref, place)`
      : sql`batch_chunk chunk cross join lateral unnest(chunk.ids) with ordinality row (id, place)`
  const what =
    filter.result === 'done'
      ? sql`true as done, '' as code, '' as reason, null as message, row.ref`
      : sql`refusal.id is null as done, coalesce(refusal.code, '') as code, coalesce(refusal.reason, '') as reason, refusal.message,
          coalesce(refusal.ref, chunk.done_refs[array_position(chunk.done_ids, row.id)], '') as ref`
  const refusal =
    filter.result === 'done'
      ? sql``
      : sql`left join batch_refusal refusal on refusal.batch_id = chunk.batch_id and refusal.id = row.id`
  const found = await sql<BareItem & Row<'batch_chunk', 'no'> & { place: number }>`
    select chunk.no, row.place::int as place, row.id, ${what}
    from ${source} ${refusal}
    where chunk.batch_id = ${batchId}::bigint and chunk.no >= ${no} and chunk.ended_at is not null
      and (chunk.no > ${no} or row.place > ${place})
    order by chunk.no, row.place limit ${limit + 1}`.execute(db)
  const page = found.rows.slice(0, limit)
  const last = page.at(-1)
  return {
    rows: page.map(({ no: _no, place: _place, ...row }) => row),
    next: found.rows.length > limit && last ? `${last.no}.${last.place}` : null,
  }
}

function placeCursor(after: string | undefined): [number, number] {
  if (after === undefined) return [0, 0]
  const [, no, place] = /^(\d{1,7})\.(\d{1,4})$/.exec(after) ?? []
  if (no === undefined || place === undefined) throw new AppError('invalid_cursor', {}, 'after')
  return [Number(no), Number(place)]
}
