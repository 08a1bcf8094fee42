import { sql } from 'kysely'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { flagFacets } from '../order/facets.ts'
import { facetWhen } from '../order/queries.ts'
import type { Detail } from './check.ts'

export type Problem = Row<'order_problem', 'orderId' | 'reason'> & { detail: Detail }

const asRows = (problems: readonly Problem[]) =>
  unnestRows('d', problems, [
    ['order_id', 'int8', (row: Problem) => row.orderId],
    ['reason', 'text', (row) => row.reason],
    ['detail', 'text', (row) => JSON.stringify(row.detail)],
  ])

/** Returns the waived ones of these problems, as `orderId/reason`. A waiver applies only while the detail is exactly the same. */
export async function waived(db: Database | Tx, problems: readonly Problem[]): Promise<Set<string>> {
  if (problems.length === 0) return new Set()
  const found = await sql<Record<'key', string>>`${preparedStatement}
    select d.order_id || '/' || d.reason as key from ${asRows(problems)}
    join order_problem p on p.order_id = d.order_id and p.reason = d.reason
    where p.waived_at is not null and p.detail = d.detail::jsonb`.execute(db)
  return new Set(found.rows.map(({ key }) => key))
}

/**
 * Replaces the stored problems of these locked orders by the given ones. A problem with the same detail keeps its waiver. Returns the
 * problems that were written, which are new or have another detail.
 */
export async function writeProblems(
  tx: Tx,
  orderIds: readonly string[],
  problems: readonly Problem[],
): Promise<{ orderId: string; reason: string }[]> {
  if (orderIds.length === 0) return []
  const changed = await sql<
    Row<'order_problem', 'orderId' | 'reason'> & Record<'isNew', boolean>
  >`${preparedStatement}
    with found as materialized (select d.order_id, d.reason, d.detail::jsonb as detail from ${asRows(problems)}),
    gone as (
      delete from order_problem p
      where p.order_id = any(${orderIds}::bigint[])
        and not exists (select from found f where f.order_id = p.order_id and f.reason = p.reason)
      returning p.order_id, p.reason
    ), written as (
      insert into order_problem as p (order_id, reason, detail)
      select order_id, reason, detail from found f
      where not exists (select from order_problem same
                        where same.order_id = f.order_id and same.reason = f.reason and same.detail = f.detail)
      order by order_id, reason
      on conflict (order_id, reason) do update
      set detail = excluded.detail, found_at = now(), waived_by = null, waived_at = null
      returning p.order_id, p.reason
    )
    select order_id as "orderId", reason, true as "isNew" from written
    union all select order_id, reason, false from gone order by 1, 2`.execute(tx)
  await countProblems(tx, [...new Set(changed.rows.map(({ orderId }) => orderId))])
  return changed.rows.flatMap(({ orderId, reason, isNew }) => (isNew ? [{ orderId, reason }] : []))
}

/** Waives the open problems of these orders, all or those with the given reasons; returns the waived ones. */
export async function waiveProblems(
  tx: Tx,
  orderIds: readonly string[],
  reasons: readonly string[] | undefined,
  by: string,
): Promise<{ orderId: string; reason: string }[]> {
  const written = await sql<Row<'order_problem', 'orderId' | 'reason'>>`
    update order_problem set waived_by = ${by}, waived_at = now()
    where order_id = any(${orderIds}::bigint[]) and waived_at is null
      and (${reasons === undefined} or reason = any(${[...(reasons ?? [])]}::text[]))
    returning order_id as "orderId", reason`.execute(tx)
  await countProblems(tx, orderIds)
  return written.rows.toSorted((a, b) => a.reason.localeCompare(b.reason))
}

/** Updates the order's count of open problems and its facet. The order's version stays, since problems are no change of the order. */
async function countProblems(tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return
  await sql`${preparedStatement}
    update sales_order o
    set open_problems = n.count, facets = ${facetWhen(sql.ref('o.facets'), flagFacets.problem, sql`n.count > 0`)}
    from (
      -- Counted one by one: for a join the planner would read every problem that there is.
      select d.id, (select count(*)::int from order_problem p where p.order_id = d.id and p.waived_at is null) as count
      from unnest(${orderIds}::bigint[]) d (id)
    ) n
    where o.id = n.id and o.open_problems <> n.count`.execute(tx)
}

export async function withProblems(
  tx: Tx,
  orderIds: readonly string[],
): Promise<{ id: string; shopId: string }[]> {
  const found = await sql<Row<'sales_order', 'id' | 'shopId'>>`
    select id, shop_id as "shopId" from sales_order
    where id = any(${orderIds}::bigint[]) and status = 'unconfirmed' and open_problems > 0 order by id`.execute(
    tx,
  )
  return found.rows
}
