import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { num, type Tx } from '../../core/db/db.ts'
import type { Row, Rows, WithNumbers } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { refundStateFacet } from '../staged/refund-columns.ts'

type Found = Row<
  'staged_refund',
  | 'id'
  | 'shopId'
  | 'refundNo'
  | 'tid'
  | 'oid'
  | 'state'
  | 'stateAt'
  | 'status'
  | 'kind'
  | 'phase'
  | 'version'
  | 'amountFen'
  | 'quantity'
  | 'deadline'
> &
  Row<'shop', 'platform' | 'variant'> & { constraint: Rows['staged_refund']['constraintWord'] }

export type RefundForAction = WithNumbers<Found, 'amountFen'>

export async function lockRefundsForAction(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<RefundForAction[]> {
  const found = await sql<Found>`
    select r.id, r.shop_id as "shopId", s.platform, s.variant, r.refund_no as "refundNo", r.tid, r.oid, r.state, r.state_at as "stateAt",
      r.status, r.kind, r.phase, r.version, r.amount_fen as "amountFen", r.quantity, r.deadline,
      r.constraint_word as "constraint"
    from staged_refund r join shop s on s.id = r.shop_id
    where r.id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('r.shop_id'))}
    order by r.id for update of r`.execute(tx)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}

/** The facts on which the decision was made. A later version is compared with them. */
const decidedNow = sql`
  jsonb_build_object('status', r.status, 'amountFen', r.amount_fen, 'kind', r.kind, 'quantity', r.quantity, 'oid', r.oid)`

export async function setRefundsRefusing(tx: Tx, ids: readonly string[], by: string): Promise<void> {
  await sql`
    update staged_refund r set state = 'refusing', state_at = now(), state_by = ${by}, error = '', decided_on = ${decidedNow},
      facets = array[${refundStateFacet('refusing')}::int] || facets[2:]
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export type RefusalResult = { id: string; done: boolean; by: string; error: string }

/** Writes the platform's answers: the refund is refused, or staged again with the error. */
export async function setRefusalsEnded(tx: Tx, rows: readonly RefusalResult[]): Promise<void> {
  await sql`
    update staged_refund r set state_at = now(), state_by = d.by, error = d.error,
      state = case when d.done then 'refused' else 'staged' end, decided_on = case when d.done then ${decidedNow} end,
      facets = array[case when d.done then ${refundStateFacet('refused')}::int else ${refundStateFacet('staged')}::int end] || facets[2:]
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['done', 'bool', (row) => row.done],
      ['by', 'text', (row) => row.by],
      ['error', 'text', (row) => row.error],
    ])}
    where r.id = d.id`.execute(tx)
}

export async function setRefundErrors(tx: Tx, rows: readonly { id: string; error: string }[]): Promise<void> {
  await sql`
    update staged_refund r set error = d.error
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['error', 'text', (row) => row.error],
    ])}
    where r.id = d.id and r.error <> d.error`.execute(tx)
}

export type RefundDecision = Row<'staged_refund', 'id' | 'tid' | 'state'> & {
  shop_id: Rows['staged_refund']['shopId']
  refund_no: Rows['staged_refund']['refundNo']
  state_by: Rows['staged_refund']['stateBy']
  order_no: Rows['staged_refund']['orderNo']
}

/** Locks the refunds of the scope for a decision by a user, such as 已处理. */
export async function lockForDecision(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<RefundDecision[]> {
  const found = await sql<RefundDecision>`
    select id, shop_id, refund_no, tid, state, state_by, order_no from staged_refund r
    where id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('r.shop_id'))} order by id for update`.execute(
    tx,
  )
  return found.rows
}

export async function setRefundsProcessed(tx: Tx, ids: readonly string[], by: string): Promise<void> {
  await sql`
    update staged_refund r
    set state = 'processed', state_at = now(), state_by = ${by}, error = '', decided_on = ${decidedNow},
        facets = array[${refundStateFacet('processed')}::int] || facets[2:]
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export async function setRefundsStaged(tx: Tx, ids: readonly string[], by: string): Promise<void> {
  await sql`
    update staged_refund
    set state = 'staged', state_at = now(), state_by = ${by}, decided_on = null, facets = array[${refundStateFacet('staged')}::int] || facets[2:]
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}
