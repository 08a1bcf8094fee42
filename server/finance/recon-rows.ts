import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import { type Database, num } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { settlementStatuses } from './lifecycle.ts'
import type { BillDayView, BillTradeDetail, BillTradeView } from './recon-contract.ts'
import type { GapCause } from './recon-lifecycle.ts'
import { type BillTrade, receipts } from './recon-queries.ts'

type Raw = Row<'bill_trade', Exclude<keyof BillTradeView, 'billDay' | 'ownDay' | 'standing'>> &
  Pick<BillTradeView, 'billDay' | 'ownDay' | 'standing'>

const columns = sql`
  t.id, t.shop_id as "shopId", t.tid, t.at, t.bill_in_fen as "billInFen", t.bill_out_fen as "billOutFen", t.fee_fen as "feeFen",
  t.own_in_fen as "ownInFen", t.own_out_fen as "ownOutFen", t.gap_fen as "gapFen", t.bill_day::text as "billDay", t.own_day::text as "ownDay",
  t.cause, t.standing, t.explained_why as "explainedWhy", t.explained_by as "explainedBy", t.explained_at as "explainedAt"`

const toView = (row: Raw): BillTradeView => ({
  ...row,
  billInFen: num(row.billInFen),
  billOutFen: num(row.billOutFen),
  feeFen: num(row.feeFen),
  ownInFen: num(row.ownInFen),
  ownOutFen: num(row.ownOutFen),
  gapFen: num(row.gapFen),
})

export async function billTradeRows(db: Database, ids: readonly string[]): Promise<BillTradeView[]> {
  const found = await sql<Raw>`
    select ${columns} from unnest(${[...ids]}::bigint[]) with ordinality i (id, n) join bill_trade t on t.id = i.id
    order by i.n`.execute(db)
  return found.rows.map(toView)
}

export async function oneBillTrade(
  db: Database,
  id: string,
  scope: Scope,
): Promise<(BillTradeView & { settlementIds: string[] }) | undefined> {
  const found = await sql<Raw & { settlementIds: string[] }>`
    select ${columns}, array(
      select s.id::text from settlement s where s.tid = t.tid and s.shop_id = t.shop_id order by s.id limit 100) as "settlementIds"
    from bill_trade t where t.id = ${id}::bigint and ${scopeSql(scope, sql.ref('t.shop_id'))}`.execute(db)
  const row = found.rows[0]
  return row && { ...toView(row), settlementIds: row.settlementIds }
}

type Line = BillTradeDetail['lines'][number]

export async function linesOfTrade(db: Database, { shopId, tid }: BillTrade): Promise<Line[]> {
  const found = await sql<Row<'bill_line', keyof Line>>`
    select id, serial_no as "serialNo", happened_at as "happenedAt", kind, type, amount_fen as "amountFen", note, imported_at as "importedAt",
      imported_by as "importedBy"
    from bill_line where shop_id = ${shopId}::bigint and tid = ${tid} and tid <> '' order by happened_at, id limit 200`.execute(
    db,
  )
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}

/** All statuses but `voided`. They are listed so that the query can use the index of settlements by time for these days. */
const standing = settlementStatuses.filter((status) => status !== 'voided')

type DayAsked = { shops: readonly string[] | null; from: string; to: string }
const startOf = (day: string) => sql`(${day}::date::timestamp at time zone 'Asia/Shanghai')`
const afterDay = (day: string) => sql`((${day}::date + 1)::timestamp at time zone 'Asia/Shanghai')`
const inShops = (column: RawBuilder<unknown>, shops: readonly string[] | null) =>
  sql`(${shops}::bigint[] is null or ${column} = any(${shops}::bigint[]))`

/** SQL: trade numbers of a shop with a payment or refund on this day, in the bill or in our settlements. */
export const tidsOfDay = (shopId: string, day: string) => sql`
  select tid from bill_line where shop_id = ${shopId}::bigint and day = ${day}::date and tid <> ''
  union
  select tid from settlement
  where shop_id = ${shopId}::bigint and created_at >= ${startOf(day)} and created_at < ${afterDay(day)} and status = any(${standing}::text[])`

export async function billDayRows(
  db: Database,
  { shops, from, to }: DayAsked,
  scope: Scope,
): Promise<BillDayView[]> {
  type RawDay = Record<Exclude<keyof BillDayView, 'shopId' | 'day'>, string> &
    Pick<BillDayView, 'shopId' | 'day'>
  const found = await sql<RawDay>`
    with shop as (
      select shop_id from bill_shop b where ${inShops(sql.ref('b.shop_id'), shops)} and ${scopeSql(scope, sql.ref('b.shop_id'))}
    ), moved as (
      select l.shop_id, l.day, l.kind, sum(l.amount_fen) as fen from shop
      join bill_line l on l.shop_id = shop.shop_id and l.day between ${from}::date and ${to}::date
      group by 1, 2, 3
      union all
      select s.shop_id, (s.created_at at time zone 'Asia/Shanghai')::date, case when ${receipts} then 'own_in' else 'own_out' end, sum(s.amount_fen)
      from shop
      join settlement s on s.shop_id = shop.shop_id and s.created_at >= ${startOf(from)} and s.created_at < ${afterDay(to)}
      where s.status = any(${standing}::text[])
      group by 1, 2, 3
    )
    select shop_id as "shopId", day::text as day, ${sumOf('billInFen', 'receipt')}, ${sumOf('billOutFen', 'refund')}, ${sumOf('feeFen', 'fee')},
      ${sumOf('restFen', 'transfer', 'other')}, ${sumOf('ownInFen', 'own_in')}, ${sumOf('ownOutFen', 'own_out')}
    from moved group by shop_id, day order by day desc, shop_id`.execute(db)
  return found.rows.map(({ shopId, day, ...fen }) => ({
    shopId,
    day,
    billInFen: num(fen.billInFen),
    billOutFen: num(fen.billOutFen),
    feeFen: num(fen.feeFen),
    restFen: num(fen.restFen),
    ownInFen: num(fen.ownInFen),
    ownOutFen: num(fen.ownOutFen),
  }))
}

const sumOf = (name: string, ...kinds: string[]) =>
  sql`coalesce(sum(fen) filter (where kind = any(${kinds}::text[])), 0)::bigint as ${sql.ref(name)}`

type CauseSum = { cause: '' | GapCause | 'no_trade'; trades: number; billFen: string; ownFen: string }

/** Returns the receipts and refunds of a day on both sides, summed by the cause of the trade's difference. */
export async function dayCauses(db: Database, shopId: string, day: string): Promise<CauseSum[]> {
  const found = await sql<CauseSum>`
    with moved as (
      select tid, sum(bill_fen) as bill_fen, sum(own_fen) as own_fen
      from (
        select tid, amount_fen as bill_fen, 0 as own_fen from bill_line
        where shop_id = ${shopId}::bigint and day = ${day}::date and kind in ('receipt', 'refund')
        union all
        select tid, 0, amount_fen from settlement
        where shop_id = ${shopId}::bigint and created_at >= ${startOf(day)} and created_at < ${afterDay(day)} and status = any(${standing}::text[])
      ) m group by tid
    )
    select case when m.tid = '' then 'no_trade' else coalesce(t.cause, 'not_theirs') end as cause, count(*)::int as trades,
      sum(bill_fen)::bigint as "billFen", sum(own_fen)::bigint as "ownFen"
    from moved m left join bill_trade t on t.shop_id = ${shopId}::bigint and t.tid = m.tid
    group by 1 order by abs(sum(bill_fen - own_fen)) desc, 1`.execute(db)
  return found.rows
}

type TypeSum = Row<'bill_line', 'kind' | 'type' | 'amountFen'> & Record<'lines', number>

export async function dayTypes(db: Database, shopId: string, day: string): Promise<TypeSum[]> {
  const found = await sql<TypeSum>`
    select kind, type, count(*)::int as lines, sum(amount_fen)::bigint as "amountFen" from bill_line
    where shop_id = ${shopId}::bigint and day = ${day}::date
    group by 1, 2 order by abs(sum(amount_fen)) desc limit 100`.execute(db)
  return found.rows
}
