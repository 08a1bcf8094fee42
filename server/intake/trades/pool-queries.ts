import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { tradeReasonFacet, tradeStateFacet, tradeStatusFacet } from '../staged/trade-columns.ts'

export type StagedRow = Row<'staged_trade', 'id' | 'tid' | 'state'> & {
  shop_id: Rows['staged_trade']['shopId']
  state_by: Rows['staged_trade']['stateBy']
  order_no: Rows['staged_trade']['orderNo']
}

export async function lockStagedTrades(tx: Tx, ids: readonly string[], scope: Scope): Promise<StagedRow[]> {
  const found = await sql<StagedRow>`
    select id, shop_id, tid, state, state_by, order_no from staged_trade
    where id = any(${ids}::bigint[]) and ${scopeSql(scope, sql.ref('shop_id'))}
    order by id for update`.execute(tx)
  return found.rows
}

const relation = (rows: readonly StagedRow[]) =>
  unnestRows('d', rows, [
    ['id', 'int8', (row: StagedRow) => row.id],
    ['tid', 'text', (row) => row.tid],
    ['shop_id', 'int8', (row) => row.shop_id],
  ])

/**
 * Deletes the rows of these trades from the download queue. Every transaction locks queue rows by trade number, so that two cannot
 * deadlock.
 */
async function deleteQueued(tx: Tx, rows: readonly StagedRow[]): Promise<void> {
  await sql`
    delete from download_queue
    where id in (
      select q.id from download_queue q join ${relation(rows)} on q.tid = d.tid and q.shop_id = d.shop_id
      order by q.tid for update of q)`.execute(tx)
}

/** Deletes the trades with their detail requests and queue rows, and records the removal. */
export async function deleteTrades(tx: Tx, rows: readonly StagedRow[], by: string): Promise<void> {
  await deleteQueued(tx, rows)
  await sql`
    insert into removed_mark (kind, shop_id, tid, removed_by)
    select 'trade', shop_id, tid, ${by} from ${relation(rows)} order by tid
    on conflict (kind, tid, shop_id) do update set removed_at = now(), removed_by = excluded.removed_by`.execute(
    tx,
  )
  await sql`
    with gone as (delete from staged_trade t using ${relation(rows)} where t.id = d.id returning t.id)
    delete from staged_trade_lines g using gone where g.trade_id = gone.id`.execute(tx)
}

export async function setProcessed(tx: Tx, rows: readonly StagedRow[], by: string): Promise<void> {
  const ids = rows.map((row) => row.id)
  await sql`
    update staged_trade
    set state = 'processed', state_at = now(), state_by = ${by}, note = '',
        facets[4] = ${tradeStateFacet('processed')}
    where id = any(${ids}::bigint[])`.execute(tx)
  await deleteQueued(tx, rows)
  await sql`
    delete from trade_fetch
    where trade_id in (
      select trade_id from trade_fetch where trade_id = any(${ids}::bigint[]) order by trade_id for update)`.execute(
    tx,
  )
}

/** Sets trades to `fetching` and clears their version, so that any answer of the platform is accepted. */
export async function requestRefetch(tx: Tx, rows: readonly StagedRow[], by: string): Promise<void> {
  const ids = rows.map((row) => row.id)
  await sql`
    update staged_trade
    set state = 'fetching', state_at = now(), state_by = ${by}, note = '', detail_at = null, fetched_at = null, reason = 'fetching',
        facets[2] = ${tradeStatusFacet('unknown')}, facets[3] = ${tradeReasonFacet('fetching')}, facets[4] = ${tradeStateFacet('fetching')}
    where id = any(${ids}::bigint[])`.execute(tx)
  await sql`
    insert into trade_fetch (trade_id, shop_id, tid, wanted_at, urgent)
    select id, shop_id, tid, modified_at, true from staged_trade where id = any(${ids}::bigint[]) order by id
    on conflict (trade_id) do update set urgent = true, next_at = now(), claim = trade_fetch.claim + 1, lease_until = null`.execute(
    tx,
  )
}

/**
 * Requests the details of these trades soon, because we have just changed them on the platform. An answer that was requested before does
 * not contain the change.
 */
export async function requestDetails(
  tx: Tx,
  trades: readonly { shopId: string; tid: string }[],
): Promise<void> {
  await sql`
    with trade as materialized (
      select t.id, t.shop_id, t.tid, t.modified_at
      from ${unnestRows('d', trades, [
        ['shop_id', 'int8', ({ shopId }) => shopId],
        ['tid', 'text', ({ tid }) => tid],
      ])}
      join staged_trade t on t.tid = d.tid and t.shop_id = d.shop_id order by t.id for update of t
    )
    insert into trade_fetch (trade_id, shop_id, tid, wanted_at, urgent, asked_after)
    select distinct id, shop_id, tid, modified_at, true, date_trunc('milliseconds', clock_timestamp()) from trade
    on conflict (trade_id) do update set urgent = true, asked_after = excluded.asked_after, next_at = now(), claim = trade_fetch.claim + 1, lease_until = null`.execute(
    tx,
  )
}
