import { sql } from 'kysely'
import type { Database, Tx } from '../../server/core/db/db.ts'
import { isChain } from './chain-trades.ts'

export type Account = Record<string, number>

/** Checks with SQL alone that every order is where it should be. Throws a list of the errors. */
export async function accountFor(db: Database): Promise<Account> {
  const facts = await db.transaction().execute(async (tx) => {
    // The planner has no statistics of the new orders yet; with a nested loop this query would take longer than the run.
    await sql`set local enable_nestloop = off`.execute(tx)
    return { ...(await orderFacts(tx)), ...(await stockFacts(tx)) }
  })
  const wrong = Object.entries(facts).filter(([name, value]) => name.startsWith('wrong') && value !== 0)
  if (wrong.length > 0) throw new Error(`the chain left ${JSON.stringify(Object.fromEntries(wrong))}`)
  return facts
}

async function orderFacts(db: Tx): Promise<Account> {
  const found = await sql<Account>`
    with o as materialized (
      select id, tid, shop_id, status, quantity, payment_fen, open_problems, warehouse_id, courier, facets[5] & 2 = 2 as is_short,
        status = 'confirmed' as is_confirmed
      from sales_order where ${isChain('tid')}),
    line as (select l.* from order_line l join o on o.id = l.order_id),
    kept as (
      select o.id, count(r.*) as rows, coalesce(sum(r.reserved), 0) as reserved, coalesce(sum(r.wanted), 0) as wanted
      from o left join reservation r on r.order_id = o.id group by o.id)
    select (select count(*)::int from o) as orders,
      (select count(*)::int from o where status = 'confirmed') as confirmed,
      (select count(*)::int from o where status = 'unconfirmed') as stopped,
      (select count(*)::int from o where is_short) as short,
      (select count(*)::int from line) as lines,
      (select count(*)::int from o where status not in ('confirmed', 'unconfirmed')) as "wrongStatus",
      (select count(*)::int from o where (status = 'unconfirmed') <> (open_problems > 0)) as "wrongProblems",
      (select count(*)::int from o where warehouse_id is null or courier = '') as "wrongChoice",
      (select count(*)::int from o join kept using (id) where o.quantity <> kept.wanted) as "wrongWanted",
      (select count(*)::int from o join kept using (id) where (kept.reserved < kept.wanted) <> is_short) as "wrongShort",
      (select count(*)::int from o left join settlement s on s.order_id = o.id and s.kind = 'order_receipt'
        where (is_confirmed, o.payment_fen) is distinct from (s.id is not null, coalesce(s.amount_fen, o.payment_fen))) as "wrongSettlements",
      (select count(*)::int from (select tid, shop_id, order_id, state from staged_trade t where ${isChain('t.tid')}) t
        full join o using (tid, shop_id)
        where (t.state = 'converted') is distinct from (o.id is not null) or t.order_id is distinct from o.id) as "wrongTrades"`.execute(
    db,
  )
  return found.rows[0] ?? {}
}

async function stockFacts(db: Tx): Promise<Account> {
  const found = await sql<Account>`
    with kept as (
      select warehouse_id, sku_id, sum(reserved) as reserved, sum(wanted - reserved) as short from reservation
      where not shipped group by warehouse_id, sku_id)
    select sum(greatest(0, s.reserved + s.locked - s.on_hand))::int as "wrongOversold",
      count(*) filter (where s.reserved <> coalesce(k.reserved, 0) or s.short <> coalesce(k.short, 0))::int as "wrongBalances",
      count(*) filter (where s.short > 0)::int as "balancesSoldOut"
    from stock s left join kept k using (warehouse_id, sku_id)`.execute(db)
  return found.rows[0] ?? {}
}
