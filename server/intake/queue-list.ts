import { type RawBuilder, sql } from 'kysely'
import type { Actor, Scope } from '../actor.ts'
import type { Outcome } from '../batches/batch.ts'
import { type Database, num, type Tx } from '../db.ts'
import { AppError } from '../errors.ts'
import { capped, countCap } from '../list-table.ts'
import { scopeSql } from '../scope.ts'
import { wakeTask } from '../tasks/tasks.ts'
import type { QueueFilter } from './contract.ts'
import { addTradeEvents } from './event-queries.ts'
import { pasted, split } from './trade-list.ts'

type QueueRow = {
  id: string
  shopId: string
  tid: string
  modifiedAt: string
  platformStatus: string
  type: string
  paymentFen: number | null
  buyerMasked: string
  receiverMasked: string
  isNew: boolean
  waitingSince: string
  urgent: boolean
}

/** Oldest first: the order in which rows leave. The queue is short-lived, so its key is order enough. */
export async function queuePage(
  db: Database,
  filter: QueueFilter,
  scope: Scope,
  page: { limit: number; after: string | undefined },
) {
  if (page.after !== undefined && !/^\d{1,18}$/.test(page.after))
    throw new AppError('invalid_cursor', {}, 'after')
  const found = await sql<Omit<QueueRow, 'paymentFen'> & { paymentFen: string | null }>`
    select id, shop_id as "shopId", tid, modified_at as "modifiedAt", platform_status as "platformStatus", trade_type as type,
      payment_fen as "paymentFen", buyer_masked as "buyerMasked", receiver_masked as "receiverMasked", is_new as "isNew",
      waiting_since as "waitingSince", urgent
    from download_queue t
    where ${conditions(filter, scope)} and id > ${page.after ?? '0'}::bigint
    order by id limit ${page.limit + 1}`.execute(db)
  const rows = found.rows
    .slice(0, page.limit)
    .map((row) => ({ ...row, paymentFen: row.paymentFen === null ? null : num(row.paymentFen) }))
  return { rows, next: found.rows.length > page.limit ? (rows.at(-1)?.id ?? null) : null }
}

export async function queueCount(db: Database, filter: QueueFilter, scope: Scope) {
  const found = await sql<{ count: number; oldest: string | null }>`
    select count(*)::int as count, min(waiting_since) as oldest from (
      select waiting_since from download_queue t where ${conditions(filter, scope)} limit ${countCap + 1}
    ) t`.execute(db)
  const { count, oldest } = found.rows[0] ?? { count: 0, oldest: null }
  return { tabs: { waiting: capped(count) }, oldest }
}

function conditions(filter: QueueFilter, scope: Scope): RawBuilder<unknown> {
  const all = [scopeSql(scope, sql.ref('t.shop_id'))]
  if (filter.shop) all.push(sql`t.shop_id = any(${split(filter.shop)}::bigint[])`)
  if (filter.q) all.push(sql`t.tid = ${filter.q.trim()}`)
  if (filter.tids) all.push(sql`t.tid = any(${pasted(filter.tids, 'tids')}::text[])`)
  if (filter.isNew) all.push(sql`t.is_new = ${filter.isNew === 'true'}`)
  return sql.join(all, sql` and `)
}

/** 下载: fetched now, whatever the task's turn. */
export async function fetchQueued(
  tx: Tx,
  ids: readonly string[],
  _actor: Actor,
  scope: Scope,
): Promise<Outcome[]> {
  const found = await sql<{ id: string; shop_id: string }>`
    update download_queue t set urgent = true
    where id in (select id from download_queue where id = any(${[...ids]}::bigint[]) order by tid for update)
      and ${scopeSql(scope, sql.ref('t.shop_id'))}
    returning id, shop_id`.execute(tx)
  for (const shopId of new Set(found.rows.map((row) => row.shop_id)))
    await wakeTask(tx, 'trade_detail', shopId)
  return answers(ids, found.rows)
}

/** 移除: out of the queue; the next list run lists it again, by the mark. */
export async function removeQueued(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
  scope: Scope,
): Promise<Outcome[]> {
  const found = await sql<{ id: string; shop_id: string; tid: string }>`
    with gone as (
      delete from download_queue t
      where id in (select id from download_queue where id = any(${[...ids]}::bigint[]) order by tid for update)
        and ${scopeSql(scope, sql.ref('t.shop_id'))}
      returning id, shop_id, tid
    ), marked as (
      insert into removed_mark (kind, shop_id, tid, removed_by) select 'trade', shop_id, tid, ${actor.name} from gone order by tid
      on conflict (kind, tid, shop_id) do update set removed_at = now(), removed_by = excluded.removed_by
    )
    select id, shop_id, tid from gone`.execute(tx)
  for (const [shopId, rows] of Map.groupBy(found.rows, (row) => row.shop_id)) {
    await addTradeEvents(
      tx,
      shopId,
      rows.map(({ tid }) => ({ tid, event: 'removed_from_queue' })),
      actor,
    )
  }
  return answers(ids, found.rows)
}

function answers(ids: readonly string[], found: readonly { id: string }[]): Outcome[] {
  const done = new Set(found.map((row) => row.id))
  return ids.map((id) => (done.has(id) ? { id, done: true } : { id, done: false, code: 'not_found' }))
}
