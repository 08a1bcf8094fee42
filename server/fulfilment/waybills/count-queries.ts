import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'

/**
 * `ours`: our numbers of the branch that were not given back. `open`: requests and numbers on their way, of which the source may know more
 * than we.
 */
export type OurCount = Row<'waybill_account', 'courier' | 'branchCode' | 'branchName'> &
  Row<'waybill_count', 'ours'> &
  Record<'open', number>

/** Counts our numbers of each branch of a shop's source, each package of several. */
export async function ourCounts(db: Database, shopId: string, source: string): Promise<OurCount[]> {
  const found = await sql<OurCount>`
    select a.courier, a.branch_code as "branchCode", max(a.branch_name) as "branchName",
      coalesce(sum(w.package_count) filter (where w.waybill_no <> '' and w.state <> 'returned'), 0)::int as ours,
      count(*) filter (where w.state in ('asked', 'returning'))::int as open
    from waybill_account a left join waybill w on w.account_id = a.id
    where a.shop_id = ${shopId}::bigint and a.source = ${source} group by a.courier, a.branch_code order by 1, 2`.execute(
    db,
  )
  return found.rows
}

export type NewCount = Omit<OurCount, 'open'> & { given: number }

/**
 * Writes a count of each branch. Its surplus is what the source gave since the count before and we do not have; the first count of a branch
 * only begins. A surplus names the deliveries whose numbers were asked for more than once meanwhile.
 */
export async function insertCounts(
  db: Database,
  { shopId, source }: { shopId: string; source: string },
  counts: readonly NewCount[],
): Promise<Row<'waybill_count', 'courier' | 'surplus'>[]> {
  const made = await sql<Row<'waybill_count', 'courier' | 'surplus'>>`
    insert into waybill_count (shop_id, source, courier, branch_code, branch_name, given, ours, surplus, delivery_ids)
    select ${shopId}::bigint, ${source}, d.courier, d.branch_code, d.branch_name, d.given, d.ours, s.surplus,
      case when s.surplus > 0 then array(
        select distinct w.delivery_id from waybill w join waybill_account a on a.id = w.account_id
        where a.shop_id = ${shopId}::bigint and a.source = ${source} and a.courier = d.courier and a.branch_code = d.branch_code
          and w.sends > 1 and w.asked_at > before.counted_at - interval '2 days' and coalesce(w.ended_at, now()) > before.counted_at
        order by 1
      ) else '{}' end
    from ${unnestRows('d', counts, [
      ['courier', 'text', (row) => row.courier],
      ['branch_code', 'text', (row) => row.branchCode],
      ['branch_name', 'text', (row) => row.branchName],
      ['given', 'int4', (row) => row.given],
      ['ours', 'int4', (row) => row.ours],
    ])}
    left join lateral (
      select c.given, c.ours, c.counted_at from waybill_count c
      where c.shop_id = ${shopId}::bigint and c.source = ${source} and c.courier = d.courier and c.branch_code = d.branch_code
      order by c.id desc limit 1
    ) before on true
    cross join lateral (select coalesce((d.given - before.given) - (d.ours - before.ours), 0) as surplus) s
    returning courier, surplus`.execute(db)
  return made.rows
}

export type OfferedTemplate = { id: string; was: string; url: string; isGone: boolean }

/** Writes the labels of accounts as the source offers them now. One that a user has changed since it `was` read stays. */
export async function writeTemplates(db: Database, rows: readonly OfferedTemplate[]): Promise<void> {
  await sql`
    update waybill_account a set template_url = d.url, template_gone_at = case when d.is_gone then coalesce(a.template_gone_at, now()) end
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['was', 'text', (row) => row.was],
      ['url', 'text', (row) => row.url],
      ['is_gone', 'bool', (row) => row.isGone],
    ])}
    where a.id = d.id and a.template_url = d.was and (a.template_url <> d.url or (a.template_gone_at is not null) <> d.is_gone)`.execute(
    db,
  )
}
