import { type RawBuilder, sql } from 'kysely'
import type { Static } from 'typebox'
import { tradeStatuses, tradeTypes } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import type { By, Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, num, type Tx } from '../../core/db/db.ts'
import type { Row, RowFor, Rows } from '../../core/db/rows.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import type { FilterOf } from '../../core/lists/declare-contract.ts'
import { idList, pasted, split, wrong } from '../../core/lists/define-query.ts'
import { capped, countCap } from '../../core/lists/list-table.ts'
import { requestRunsOnce } from '../../core/tasks/tasks.ts'
import { AppError } from '../../errors.ts'
import { type KeyRing, searchHashes } from '../../lib/seal.ts'
import type { queueRow } from '../contract.ts'
import { addTradeEvents } from '../event-queries.ts'
import { withPlatformWords } from '../platform-status.ts'
import type { queueList } from './lists-contract.ts'

type QueueRow = Static<typeof queueRow>
type QueueFilter = FilterOf<typeof queueList>

/** The platforms' words for status and type, with ours. Only platforms with a download queue have rows here. */
const statusOf = new Map(connectors.flatMap(({ trades }) => Object.entries(trades.words?.statuses ?? {})))
const typeOf = new Map(connectors.flatMap(({ trades }) => Object.entries(trades.words?.types ?? {})))

/**
 * Returns a page, oldest first, in which rows are processed unless they are urgent; with the sort `-id` newest first. The queue is short, so it is sorted
 * without an index.
 */
export async function queuePage(
  db: Database,
  ring: KeyRing,
  { sort, ...filter }: QueueFilter & { sort?: string },
  { scope, page }: { scope: Scope; page: { limit: number; after: string | undefined } },
): Promise<{ rows: QueueRow[]; next: string | null }> {
  if (page.after !== undefined && !/^\d{1,18}$/.test(page.after))
    throw new AppError('invalid_cursor', {}, 'after')
  const backwards = sort === '-id'
  const found = await sql<RowFor<'download_queue', Omit<QueueRow, 'status' | 'platformWords'>>>`
    select t.id, t.shop_id as "shopId", t.tid, t.modified_at as "modifiedAt", t.platform_status as "platformStatus",
      t.trade_type as type, t.payment_fen as "paymentFen", t.buyer_masked as "buyerMasked", t.receiver_masked as "receiverMasked",
      t.is_new as "isNew", t.waiting_since as "waitingSince", t.urgent, coalesce(f.tries, 0) as tries, coalesce(f.error, '') as error
    from download_queue t ${withFetches}
    where ${conditions(ring, filter, scope)} and ${beyond(page.after, backwards)}
    order by t.id ${backwards ? sql`desc` : sql`asc`} limit ${page.limit + 1}`.execute(db)
  const rows = (await withPlatformWords(db, found.rows.slice(0, page.limit))).map((row) => ({
    ...row,
    status: statusOf.get(row.platformStatus) ?? ('unknown' as const),
    type: typeOf.get(row.type) ?? row.type,
    paymentFen: row.paymentFen === null ? null : num(row.paymentFen),
  }))
  return { rows, next: found.rows.length > page.limit ? (rows.at(-1)?.id ?? null) : null }
}

const beyond = (id: string | undefined, backwards: boolean) =>
  id === undefined ? sql`true` : backwards ? sql`t.id < ${id}::bigint` : sql`t.id > ${id}::bigint`

/** Joins the tries of the detail request, for trades that we have already. */
const withFetches = sql`
  left join staged_trade s on s.tid = t.tid and s.shop_id = t.shop_id
  left join trade_fetch f on f.trade_id = s.id`

export async function queueCount(db: Database, ring: KeyRing, filter: QueueFilter, scope: Scope) {
  const found = await sql<{ count: number; oldest: string | null }>`
    select count(*)::int as count, min(waiting_since) as oldest from (
      select t.waiting_since from download_queue t ${filter.failed ? withFetches : sql``}
      where ${conditions(ring, filter, scope)} limit ${countCap + 1}
    ) t`.execute(db)
  const { count, oldest } = found.rows[0] ?? { count: 0, oldest: null }
  return { tabs: { waiting: capped(count) }, oldest }
}

function conditions(ring: KeyRing, filter: QueueFilter, scope: Scope): RawBuilder<unknown> {
  const all = [scopeSql(scope, sql.ref('t.shop_id'))]
  if (filter.shop) all.push(sql`t.shop_id = any(${split(filter.shop)}::bigint[])`)
  if (filter.q) all.push(sql`t.tid = ${filter.q.trim()}`)
  if (filter.tids) all.push(sql`t.tid = any(${pasted(filter.tids, 'tids')}::text[])`)
  if (filter.ids) all.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  if (filter.isNew) all.push(sql`t.is_new = ${filter.isNew === 'true'}`)
  if (filter.buyer) all.push(named(ring, 'buyer', 'nick', filter.buyer))
  if (filter.receiver) all.push(named(ring, 'receiver', 'name', filter.receiver))
  if (filter.status) all.push(ofStatuses(filter.status))
  if (filter.type) all.push(sql`t.trade_type = any(${platformTypes(filter.type)}::text[])`)
  if (filter.modifiedFrom) all.push(sql`t.modified_at >= ${filter.modifiedFrom}::timestamptz`)
  if (filter.modifiedTo) all.push(sql`t.modified_at < ${filter.modifiedTo}::timestamptz`)
  if (filter.waitingTo) all.push(sql`t.waiting_since < ${filter.waitingTo}::timestamptz`)
  if (filter.failed) all.push(sql`(coalesce(f.tries, 0) > 0) = ${filter.failed === 'true'}`)
  return sql.join(all, sql` and `)
}

/** Returns the condition for a complete nick or name: its keyed hash, or the masked text that the user sees. */
function named(ring: KeyRing, who: 'buyer' | 'receiver', kind: 'nick' | 'name', typed: string) {
  const text = typed.trim()
  return sql<boolean>`(t.${sql.ref(`${who}_hash`)} = any(${searchHashes(ring, kind, text)}::bigint[]) or t.${sql.ref(`${who}_masked`)} = ${text})`
}

/** Returns the condition for our statuses, by the platforms' words. `unknown` also matches every word that we do not know. */
function ofStatuses(statuses: string): RawBuilder<boolean> {
  const asked = split(statuses).map(
    (status) => tradeStatuses.find((one) => one === status) ?? wrong('status'),
  )
  const words = [...statusOf].flatMap(([word, status]) => (asked.includes(status) ? [word] : []))
  const named = sql<boolean>`t.platform_status = any(${words}::text[])`
  return asked.includes('unknown')
    ? sql<boolean>`(${named} or t.platform_status <> all(${[...statusOf.keys()]}::text[]))`
    : named
}

/** Returns the platforms' words for our types. Our own word is included, because a platform may use it. */
function platformTypes(types: string): string[] {
  const asked = split(types).map((type) => tradeTypes.find((one) => one === type) ?? wrong('type'))
  return [...asked, ...[...typeOf].flatMap(([word, type]) => (asked.includes(type) ? [word] : []))]
}

/**
 * 下载: starts a run of the shop's detail task for the chosen rows, even if the task is disabled. Returns the run of each row; rows of one
 * shop share a run.
 */
export async function fetchQueued(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<(Outcome & { runId?: string })[]> {
  const found = await sql<Row<'download_queue', 'id'> & { shop_id: Rows['download_queue']['shopId'] }>`
    select id, shop_id from download_queue t
    where id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('t.shop_id'))} order by tid for update`.execute(
    tx,
  )
  const shopIds = [...new Set(found.rows.map((row) => row.shop_id))]
  const runs = await requestRunsOnce(
    tx,
    { kind: 'trade_detail', shopIds, params: { onlyUrgent: true } },
    actor,
  )
  const shopOf = new Map(found.rows.map((row) => [row.id, row.shop_id]))
  const outcomes = answers(ids, found.rows).map((outcome) => {
    const run = outcome.done ? runs.get(shopOf.get(outcome.id) ?? '') : undefined
    if (!run) return outcome
    return 'code' in run ? { id: outcome.id, done: false as const, ...run } : { ...outcome, ...run }
  })
  const fetched = outcomes.filter(({ done }) => done).map(({ id }) => id)
  await sql`update download_queue set urgent = true where id = any(${fetched}::bigint[])`.execute(tx)
  return outcomes
}

/** 移除: deletes rows from the queue. Their removal makes the next list run add them again. */
export async function removeQueued(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  const found = await sql<
    Row<'download_queue', 'id' | 'tid'> & { shop_id: Rows['download_queue']['shopId'] }
  >`
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
  return ids.map((id) =>
    done.has(id) ? { id, done: true } : { id, done: false, ...notFound({ zh: '交易', en: 'Trade' }) },
  )
}
