import { sql } from 'kysely'
import type { Actor, Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import { type Database, num, type Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { conditions, type ListQuery, type ListTable } from '../core/lists/list-table.ts'
import type { SettlementView } from './contract.ts'
import {
  type SettlementEvent,
  type SettlementFacts,
  type SettlementKind,
  settlementEvents,
  settlementKindNames,
  settlementKinds,
} from './lifecycle.ts'

const columns = sql`
  s.id, s.no, s.shop_id as "shopId", s.order_id as "orderId", s.order_no as "orderNo", s.tid, s.kind, s.source, s.version,
  s.amount_fen as "amountFen", s.status, s.withdrawn, s.void_reason as "voidReason", s.created_at as "createdAt",
  s.created_by as "createdBy", s.approved_at as "approvedAt", s.approved_by as "approvedBy", s.posted_at as "postedAt",
  s.posted_by as "postedBy", s.settled_at as "settledAt", s.settled_by as "settledBy", s.voided_at as "voidedAt",
  s.voided_by as "voidedBy"`

type Raw = Row<'settlement', keyof SettlementView>
const toView = (row: Raw): SettlementView => ({ ...row, amountFen: num(row.amountFen) })

export async function settlementRows(db: Database, ids: readonly string[]): Promise<SettlementView[]> {
  const found = await sql<Raw>`
    select ${columns} from unnest(${[...ids]}::bigint[]) with ordinality i (id, n) join settlement s on s.id = i.id
    order by i.n`.execute(db)
  return found.rows.map(toView)
}

export async function settlementsOfOrder(db: Database | Tx, orderId: string): Promise<SettlementView[]> {
  const found = await sql<Raw>`
    select ${columns} from settlement s where s.order_id = ${orderId}::bigint order by s.id limit 100`.execute(
    db,
  )
  return found.rows.map(toView)
}

export type LockedSettlement = Row<
  'settlement',
  'id' | 'no' | 'shopId' | 'approvedBy' | 'voidedBy' | keyof SettlementFacts
>

export async function lockSettlements(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<LockedSettlement[]> {
  const found = await sql<LockedSettlement>`
    select s.id, s.no, s.shop_id as "shopId", s.status, s.withdrawn, s.order_id as "orderId", s.approved_by as "approvedBy", s.voided_by as "voidedBy" from settlement s
    where s.id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('s.shop_id'))}
    order by s.id for update`.execute(tx)
  return found.rows
}

/** Returns those of these locked settlements for which a later version exists that is not voided. */
export async function correctedSettlements(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const found = await sql<Row<'settlement', 'id'>>`
    select s.id from settlement s
    where s.id = any(${[...ids]}::bigint[]) and exists (
      select from settlement later
      where later.source = s.source and later.kind = s.kind and later.shop_id = s.shop_id and later.version > s.version
        and later.status <> 'voided')`.execute(tx)
  return new Set(found.rows.map(({ id }) => id))
}

/** Returns the orders of these settlements. A settlement never changes its order once it has one. */
export async function ordersOfSettlements(tx: Tx, ids: readonly string[], scope: Scope): Promise<string[]> {
  const found = await sql<Row<'settlement', 'id'>>`
    select distinct s.order_id as id from settlement s
    where s.id = any(${[...ids]}::bigint[]) and s.order_id is not null and ${scopeSql(scope, sql.ref('s.shop_id'))}`.execute(
    tx,
  )
  return found.rows.map(({ id }) => id)
}

/** Columns that each step writes: when and by whom. `unapprove` and `revive` clear those of the step that they take back. */
const stamps: Record<SettlementEvent, (by: string, reason: string) => ReturnType<typeof sql>> = {
  approve: (by) => sql`approved_at = now(), approved_by = ${by}`,
  unapprove: () => sql`approved_at = null, approved_by = null`,
  post: (by) => sql`posted_at = now(), posted_by = ${by}`,
  settle: (by) => sql`settled_at = now(), settled_by = ${by}`,
  revive: () => sql`voided_at = null, voided_by = null, void_reason = ''`,
  void: (by, reason) => sql`voided_at = now(), voided_by = ${by}, void_reason = ${reason}`,
}

export async function writeSettlementStatus(
  tx: Tx,
  ids: readonly string[],
  move: { event: SettlementEvent; reason: string },
  actor: Actor,
): Promise<void> {
  await sql`
    update settlement set status = ${settlementEvents[move.event].to}, ${stamps[move.event](actor.name, move.reason)}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

/** At most this many settlements are summed. If more match, no totals are returned, and the user is asked to choose a shorter period. */
export const sumCap = 500_000

export type SettlementSum = { kind: SettlementKind; count: number; amountFen: number }

/** Returns the totals of the matching settlements by kind, without voided ones. Reads one index only, unless the filter has numbers. */
export async function settlementSums(
  db: Database,
  table: ListTable<string>,
  query: ListQuery<string>,
): Promise<{ rows: SettlementSum[]; capped: boolean }> {
  const standing = query.groups.filter((group) => group !== 'voided')
  // The facets are left out, because the conditions repeat them and testing facets would need the rows themselves.
  const where = conditions(table, { ...query, groups: standing, facets: [] })
  const found = await sql<KindSum>`
    select kind_no as "kindNo", count(*)::int as count, sum(amount_fen)::bigint as fen
    from (select t.kind_no, t.amount_fen from settlement t where ${where} limit ${sumCap + 1}) t
    group by kind_no order by kind_no`.execute(db)
  const capped = found.rows.reduce((sum, { count }) => sum + count, 0) > sumCap
  return { rows: capped ? [] : found.rows.flatMap(toSum), capped }
}

type KindSum = Row<'settlement', 'kindNo'> & { count: number; fen: string }

function toSum({ kindNo, count, fen }: KindSum): SettlementSum[] {
  const kind = settlementKindNames.find((name) => settlementKinds[name].no === kindNo)
  return kind ? [{ kind, count, amountFen: num(fen) }] : []
}

/**
 * Returns the settlements of one refund on these orders, oldest first, without withdrawn and voided ones. The source is the refund number;
 * for a child order its order number is appended.
 */
export async function settlementsOfRefund(
  db: Database,
  orderIds: readonly string[],
  refundNo: string,
): Promise<{ id: string; no: string; amountFen: number; status: string }[]> {
  const found = await sql<Row<'settlement', 'id' | 'no' | 'status'> & { fen: string }>`
    select s.id, s.no, s.amount_fen as fen, s.status from settlement s
    where s.order_id = any(${[...orderIds]}::bigint[]) and (s.source = ${refundNo} or starts_with(s.source, ${`${refundNo}/`}))
      and s.status <> 'voided'
    order by s.id limit 20`.execute(db)
  return found.rows.map(({ fen, ...row }) => ({ ...row, amountFen: num(fen) }))
}
