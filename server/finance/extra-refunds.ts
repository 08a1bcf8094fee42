import { sql } from 'kysely'
import type { By, Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import { type Database, num, preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row, WithNumbers } from '../core/db/rows.ts'
import { answerEach, numbered, type Outcome, type Refusal } from '../core/decide.ts'
import {
  type ExtraRefundEvent,
  type ExtraRefundStatus,
  extraRefundEvents,
  whyNotExtraRefund,
} from './lifecycle.ts'

/**
 * Approves or voids drafts of extra refunds. No other function changes their status after they are created. The caller has locked the
 * orders and checks the amounts in `unless`, which returns a refusal, or undefined.
 */
export async function decideExtraRefunds(
  tx: Tx,
  ids: readonly string[],
  { step, unless }: { step: ExtraRefundEvent; unless: (row: ExtraRefundRow) => Refusal | undefined },
  { actor, scope }: By,
): Promise<{ outcomes: Outcome[]; done: ExtraRefundRow[] }> {
  const rows = new Map((await extraRefundsByIds(tx, ids, scope, true)).map((row) => [row.id, row]))
  const outcomes = answerEach(
    ids,
    rows,
    numbered({ zh: '额外退款', en: 'Extra refund' }),
    (row) => whyNotExtraRefund(row.status, step) ?? unless(row),
  )
  const done = outcomes.flatMap(({ id, done }) => (done ? (rows.get(id) ?? []) : []))
  const moving = done.map(({ id }) => id)
  if (moving.length > 0) await writeExtraRefundStatus(tx, moving, extraRefundEvents[step].to, actor.name)
  return { outcomes, done }
}

type RawExtra = Row<
  'extra_refund',
  | 'id'
  | 'no'
  | 'shopId'
  | 'orderId'
  | 'orderNo'
  | 'refundNo'
  | 'kind'
  | 'amountFen'
  | 'reason'
  | 'status'
  | 'createdBy'
  | 'createdAt'
  | 'decidedBy'
  | 'decidedAt'
>
export type ExtraRefundRow = WithNumbers<RawExtra, 'amountFen'>

const extraColumns = sql`
  e.id, e.no, e.shop_id as "shopId", e.order_id as "orderId", e.order_no as "orderNo", e.refund_no as "refundNo", e.kind,
  e.amount_fen as "amountFen", e.reason, e.status, e.created_by as "createdBy", e.created_at as "createdAt",
  e.decided_by as "decidedBy", e.decided_at as "decidedAt"`

const toExtra = (row: RawExtra): ExtraRefundRow => ({ ...row, amountFen: num(row.amountFen) })

export type NewExtraRefund = Pick<
  ExtraRefundRow,
  'shopId' | 'orderId' | 'orderNo' | 'refundNo' | 'kind' | 'amountFen' | 'reason'
>

export async function insertExtraRefund(tx: Tx, row: NewExtraRefund, by: string): Promise<ExtraRefundRow> {
  const made = await sql<RawExtra>`
    insert into extra_refund as e (no, shop_id, order_id, order_no, refund_no, kind, amount_fen, reason, status, created_by)
    values ('ER' || to_char(now(), 'YYMMDD') || to_char(nextval('extra_refund_no'), 'FM9999999999000000'), ${row.shopId}, ${row.orderId},
      ${row.orderNo}, ${row.refundNo}, ${row.kind}, ${row.amountFen}, ${row.reason}, 'draft', ${by})
    returning ${extraColumns}`.execute(tx)
  const [first] = made.rows.map(toExtra)
  if (!first) throw new Error('insert returned no row')
  return first
}

/** Returns for each order the sum of draft and approved extra refunds, and of approved ones alone. */
export async function extraRefundSums(
  tx: Tx,
  orderIds: readonly string[],
): Promise<Map<string, { pendingFen: number; approvedFen: number }>> {
  const found = await sql<
    Row<'extra_refund', 'orderId'> & { pending: string; approved: string }
  >`${preparedStatement}
    select order_id as "orderId", sum(amount_fen)::bigint as pending,
      coalesce(sum(amount_fen) filter (where status = 'approved'), 0)::bigint as approved
    from extra_refund where order_id = any(${orderIds}::bigint[]) and status in ('draft', 'approved')
    group by order_id`.execute(tx)
  return new Map(
    found.rows.map((row) => [row.orderId, { pendingFen: num(row.pending), approvedFen: num(row.approved) }]),
  )
}

export async function approvedExtraRefunds(
  tx: Tx,
  orderIds: readonly string[],
): Promise<{ orderId: string; kind: 'extra_refund'; source: string; amountFen: number }[]> {
  const found = await sql<Row<'extra_refund', 'orderId' | 'no'> & { fen: string }>`${preparedStatement}
    select order_id as "orderId", no, amount_fen as fen from extra_refund
    where order_id = any(${orderIds}::bigint[]) and status = 'approved'`.execute(tx)
  return found.rows.map(({ orderId, no, fen }) => ({
    orderId,
    kind: 'extra_refund',
    source: no,
    amountFen: num(fen),
  }))
}

export async function extraRefundsByIds(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
  lock: boolean,
): Promise<ExtraRefundRow[]> {
  const found = await sql<RawExtra>`
    select ${extraColumns} from extra_refund e
    where e.id = any(${ids}::bigint[]) and ${scopeSql(scope, sql.ref('e.shop_id'))}
    order by e.id ${lock ? sql`for update` : sql``}`.execute(tx)
  return found.rows.map(toExtra)
}

async function writeExtraRefundStatus(
  tx: Tx,
  ids: readonly string[],
  to: ExtraRefundStatus,
  by: string,
): Promise<void> {
  await sql`
    update extra_refund set status = ${to}, decided_by = ${by}, decided_at = now() where id = any(${ids}::bigint[])`.execute(
    tx,
  )
}

/** Returns the extra refunds with these ids, in the order of the ids. */
export async function extraRefundRows(db: Database, ids: readonly string[]): Promise<ExtraRefundRow[]> {
  const found = await sql<RawExtra>`
    select ${extraColumns} from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join extra_refund e on e.id = i.id order by i.n`.execute(db)
  return found.rows.map(toExtra)
}

/** Returns at most 100 extra refunds of the order, the newest first. */
export async function extraRefundsOfOrder(db: Database, orderId: string): Promise<ExtraRefundRow[]> {
  const found = await sql<RawExtra>`
    select ${extraColumns} from extra_refund e where e.order_id = ${orderId} order by e.id desc limit 100`.execute(
    db,
  )
  return found.rows.map(toExtra)
}
