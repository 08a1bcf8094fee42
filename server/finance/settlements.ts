import { sql } from 'kysely'
import { preparedStatement, type Tx } from '../core/db/db.ts'
import { unnestRows } from '../lib/unnest.ts'
import type { SettlementKind } from './lifecycle.ts'

/** The signed amount that a source owes now; 0: nothing any more. `source`: the order, refund or extra refund number. */
export type Owed = {
  shopId: string
  orderId: string | null
  orderNo: string
  tid: string
  kind: SettlementKind
  source: string
  amountFen: number
}

/**
 * Makes the settlements of each (shop, kind, source) sum to the amount that is owed. A draft is changed or withdrawn; approved settlements
 * stay, and the difference becomes a further settlement. A settlement that a person voided is not created again for the same amount, unless a
 * later one was approved since. Repeated calls change nothing. `owed` may contain each key once; the caller has locked the orders.
 */
export async function oweSettlements(tx: Tx, owed: readonly Owed[], by: string): Promise<void> {
  if (owed.length === 0) return
  await lockSettlementsOf(tx, owed)
  await writeOwed(tx, owed, by)
}

const relation = (owed: readonly Owed[]) =>
  unnestRows('d', owed, [
    ['shop_id', 'int8', (row) => row.shopId],
    ['order_id', 'int8', (row) => row.orderId],
    ['order_no', 'text', (row) => row.orderNo],
    ['tid', 'text', (row) => row.tid],
    ['kind', 'text', (row) => row.kind],
    ['source', 'text', (row) => row.source],
    ['amount_fen', 'int8', (row) => row.amountFen],
  ])

/** Locks the settlements, so that none is approved between reading the sums and writing. */
async function lockSettlementsOf(tx: Tx, owed: readonly Owed[]): Promise<void> {
  await sql`${preparedStatement}
    select s.id from ${relation(owed)}
    join settlement s on s.source = d.source and s.kind = d.kind and s.shop_id = d.shop_id
    order by s.id for update of s`.execute(tx)
}

async function writeOwed(tx: Tx, owed: readonly Owed[], by: string): Promise<void> {
  await sql`${preparedStatement}
    with known as materialized (
      select d.*, k.versions, k.orphaned, k.draft_id, k.approved_version, d.amount_fen - k.fixed_fen as lacking_fen
      from ${relation(owed)}
      cross join lateral (
        select count(*)::int as versions, coalesce(bool_or(order_id is null), false) as orphaned,
          (array_agg(id order by version desc) filter (where status = 'draft'))[1] as draft_id,
          coalesce(max(version) filter (where status not in ('draft', 'voided')), 0) as approved_version,
          -- All settlements that are not voided, without the newest draft.
          coalesce(sum(amount_fen) filter (where status <> 'voided'), 0)
            - coalesce((array_agg(amount_fen order by version desc) filter (where status = 'draft'))[1], 0) as fixed_fen
        from settlement s where s.source = d.source and s.kind = d.kind and s.shop_id = d.shop_id
      ) k
      where d.amount_fen <> 0 or k.versions > 0
    ), owed as materialized (
      select k.*, case when exists (
          select from settlement v
          where v.source = k.source and v.kind = k.kind and v.shop_id = k.shop_id and v.status = 'voided' and not v.withdrawn
            -- The same difference from a sum that was approved later is another one.
            and v.version > k.approved_version and v.amount_fen = k.lacking_fen
        ) then 0 else k.lacking_fen end as draft_fen
      from known k
    ), withdrawn as (
      update settlement s
      set status = 'voided', withdrawn = true, voided_at = now(), voided_by = ${by}
      from owed o where s.id = o.draft_id and o.draft_fen = 0
    ), followed as (
      update settlement s
      set amount_fen = o.draft_fen, order_id = o.order_id, order_no = o.order_no
      from owed o
      where s.id = o.draft_id and o.draft_fen <> 0
        and (s.amount_fen, s.order_id) is distinct from (o.draft_fen, o.order_id)
    ), adopted as (
      -- The trade of a refund became an order after all.
      update settlement s
      set order_id = o.order_id, order_no = o.order_no
      from owed o
      where o.orphaned and o.order_id is not null and s.source = o.source and s.kind = o.kind and s.shop_id = o.shop_id
        and s.id is distinct from o.draft_id
    )
    insert into settlement (no, shop_id, order_id, order_no, tid, kind, source, version, amount_fen, status, created_by)
    select 'ST' || to_char(now(), 'YYMMDD') || to_char(nextval('settlement_no'), 'FM9999999999000000'), shop_id, order_id, order_no, tid,
      kind, source, versions + 1, draft_fen, 'draft', ${by}
    from owed where draft_id is null and draft_fen <> 0
    on conflict (source, kind, shop_id, version) do nothing`.execute(tx)
}
