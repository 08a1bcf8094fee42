import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'
import type { BillKind, ReconciliationState } from './recon-lifecycle.ts'

export type NewLine = {
  serialNo: string
  tid: string
  at: Date
  kind: BillKind
  type: string
  amountFen: number
  note: string
}
export type BillTrade = Row<'bill_trade', 'shopId' | 'tid'>

/** Inserts bill rows; the unique key decides which are new. `different`: serial numbers that exist with other values. */
export async function insertLines(
  tx: Tx,
  shopId: string,
  lines: readonly NewLine[],
  by: string,
): Promise<{ added: { tid: string }[]; different: Set<string> }> {
  const given = unnestRows('d', lines, [
    ['serial_no', 'text', (row) => row.serialNo],
    ['tid', 'text', (row) => row.tid],
    ['happened_at', 'timestamptz', (row) => row.at],
    ['kind', 'text', (row) => row.kind],
    ['type', 'text', (row) => row.type],
    ['amount_fen', 'int8', (row) => row.amountFen],
    ['note', 'text', (row) => row.note],
  ])
  const added = await sql<Row<'bill_line', 'tid'>>`
    insert into bill_line (shop_id, serial_no, tid, happened_at, kind, type, amount_fen, note, imported_by)
    select ${shopId}::bigint, serial_no, tid, happened_at, kind, type, amount_fen, note, ${by} from ${given} order by serial_no
    on conflict (shop_id, serial_no) do nothing
    returning tid`.execute(tx)
  const different = await sql<Row<'bill_line', 'serialNo'>>`
    select l.serial_no as "serialNo" from ${given} join bill_line l on l.shop_id = ${shopId}::bigint and l.serial_no = d.serial_no
    where (l.tid, l.happened_at, l.amount_fen) is distinct from (d.tid, d.happened_at, d.amount_fen)`.execute(
    tx,
  )
  return { added: added.rows, different: new Set(different.rows.map(({ serialNo }) => serialNo)) }
}

/**
 * Begins to watch the shop's settlements for changes, from the day of `from` on. Settlements that exist already are read later
 * (`takeScan`).
 */
export async function watchShop(tx: Tx, shopId: string, from: Date): Promise<void> {
  await sql`
    insert into bill_shop as b (shop_id, since, scan_from, scan_to)
    select ${shopId}::bigint, day, day, now() from (select date_trunc('day', ${from}::timestamptz) as day) d
    on conflict (shop_id) do update set since = excluded.since, scan_from = excluded.since,
      scan_to = coalesce(b.scan_to, b.since), asked_at = now()
    where excluded.since < b.since`.execute(tx)
}

/**
 * Seconds to wait after `watchShop` before the shop's existing settlements are read. By then every transaction has ended that was writing a
 * settlement during that call; otherwise its settlement would be missed.
 */
const scanLagSeconds = 120

/**
 * Marks the trades of existing settlements as due for reconciliation, for one shop whose settlements `watchShop` began to watch. Returns
 * false if no shop is ready.
 */
export async function takeScan(tx: Tx): Promise<boolean> {
  const taken = await sql`
    with shop as (
      select shop_id, scan_from, scan_to, asked_at from bill_shop
      where scan_from is not null and asked_at < now() - make_interval(secs => ${scanLagSeconds})
      order by shop_id limit 1 for update skip locked
    ), due as (
      insert into bill_due (shop_id, tid)
      select distinct s.shop_id, s.tid from shop
      join settlement s on s.shop_id = shop.shop_id and s.created_at >= shop.scan_from
        and s.created_at < greatest(shop.scan_to, shop.asked_at) + interval '1 minute'
      where s.tid <> ''
    )
    update bill_shop b set scan_from = null, scan_to = null from shop where b.shop_id = shop.shop_id returning 1`.execute(
    tx,
  )
  return taken.rows.length > 0
}

/** Takes at most `limit` trades that are due for reconciliation from the queue; concurrent transactions take different ones. */
export async function takeDue(tx: Tx, limit: number): Promise<BillTrade[]> {
  const taken = await sql<BillTrade>`
    with taken as (
      delete from bill_due where id in (select id from bill_due order by id limit ${limit} for update skip locked)
      returning shop_id, tid
    )
    select distinct shop_id as "shopId", tid from taken`.execute(tx)
  return taken.rows
}

const tradeRows = (trades: readonly BillTrade[]) =>
  unnestRows('d', trades, [
    ['shop_id', 'int8', (row) => row.shopId],
    ['tid', 'text', (row) => row.tid],
  ])

export async function lockBillTrades(tx: Tx, trades: readonly BillTrade[]): Promise<void> {
  await sql`
    insert into bill_trade (shop_id, tid) select distinct shop_id, tid from ${tradeRows(trades)} order by 1, 2
    on conflict do nothing`.execute(tx)
  await sql`
    select t.id from ${tradeRows(trades)} join bill_trade t on t.shop_id = d.shop_id and t.tid = d.tid
    order by t.shop_id, t.tid for update of t`.execute(tx)
}

/** SQL: the settlement is of a kind of money that we receive: `order_receipt` or `cod_receipt`. */
export const receipts = sql`kind_no in (1, 2)`

/**
 * Computes the sums of the bill and of our settlements again for each of these trades, which the caller has locked. The explanation that a
 * user gave for a difference is kept if none of the trade's sums but the fees changes.
 */
export async function writeBillTrades(tx: Tx, trades: readonly BillTrade[]): Promise<void> {
  await sql`
    with side as (
      select d.shop_id, d.tid, b.bill_in, b.bill_out, b.fee, s.own_in, s.own_out, b.bill_at, s.own_at, b.bill_day, s.own_day
      from ${tradeRows(trades)}
      cross join lateral (
        select coalesce(sum(amount_fen) filter (where kind = 'receipt'), 0)::bigint as bill_in,
          coalesce(sum(amount_fen) filter (where kind = 'refund'), 0)::bigint as bill_out,
          coalesce(sum(amount_fen) filter (where kind = 'fee'), 0)::bigint as fee,
          min(happened_at) as bill_at, max(day) filter (where kind in ('receipt', 'refund')) as bill_day
        from bill_line l where l.shop_id = d.shop_id and l.tid = d.tid and l.tid <> ''
      ) b
      cross join lateral (
        select coalesce(sum(amount_fen) filter (where ${receipts}), 0)::bigint as own_in,
          coalesce(sum(amount_fen) filter (where not ${receipts}), 0)::bigint as own_out,
          min(created_at) as own_at, max((created_at at time zone 'Asia/Shanghai')::date) as own_day
        from settlement s where s.tid = d.tid and s.shop_id = d.shop_id and s.status <> 'voided'
      ) s
    ), told as (
      select *, case when (bill_in, bill_out) = (own_in, own_out) then case when bill_day <> own_day then 'later_day' else '' end
        when own_day is null then 'not_ours' when bill_day is null then 'not_theirs' else 'amount' end as cause
      from side
    )
    update bill_trade t
    set at = coalesce(least(n.bill_at, n.own_at), t.at), bill_in_fen = bill_in, bill_out_fen = bill_out, fee_fen = fee, own_in_fen = own_in,
      own_out_fen = own_out, bill_day = n.bill_day, own_day = n.own_day, cause = n.cause,
      explained_why = case when same.figures then t.explained_why else '' end,
      explained_by = case when same.figures then t.explained_by else '' end,
      explained_at = case when same.figures then t.explained_at end
    from told n
    join bill_trade o on o.shop_id = n.shop_id and o.tid = n.tid
    cross join lateral (select
      (o.bill_in_fen, o.bill_out_fen, o.own_in_fen, o.own_out_fen) = (n.bill_in, n.bill_out, n.own_in, n.own_out) as figures) same
    where t.id = o.id`.execute(tx)
}

export type LockedBillTrade = Row<'bill_trade', 'id' | 'tid' | 'shopId'> & { standing: ReconciliationState }

export async function lockBillTradesInScope(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<LockedBillTrade[]> {
  const found = await sql<LockedBillTrade>`
    select t.id, t.tid, t.shop_id as "shopId", t.standing from bill_trade t
    where t.id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('t.shop_id'))}
    order by t.shop_id, t.tid for update`.execute(tx)
  return found.rows
}

export async function writeExplained(
  tx: Tx,
  ids: readonly string[],
  explained: { why: string; by: string } | null,
): Promise<void> {
  await sql`
    update bill_trade set explained_why = ${explained?.why ?? ''}, explained_by = ${explained?.by ?? ''},
      explained_at = ${explained ? sql`now()` : null}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}
