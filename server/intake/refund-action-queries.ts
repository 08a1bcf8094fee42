import { sql } from 'kysely'
import type { Scope } from '../actor.ts'
import type { RefundKind, RefundPhase, RefundStatus } from '../connectors/connector.ts'
import { num, type Tx } from '../db.ts'
import { scopeSql } from '../scope.ts'
import type { RefundState } from './lifecycle.ts'
import { type DecidedOn, refundStateFacet } from './refund-columns.ts'

export type RefundForAction = {
  id: string
  shopId: string
  platform: string
  variant: string
  refundNo: string
  tid: string
  oid: string
  state: RefundState
  stateAt: Date
  status: RefundStatus
  kind: RefundKind
  phase: RefundPhase
  version: string
  amountFen: number
  quantity: number
  deadline: Date | null
  constraint: string
}

export async function lockRefundForAction(
  tx: Tx,
  id: string,
  scope: Scope,
): Promise<RefundForAction | undefined> {
  const found = await sql<Omit<RefundForAction, 'amountFen'> & { amountFen: string }>`
    select r.id, r.shop_id as "shopId", s.platform, s.variant, r.refund_no as "refundNo", r.tid, r.oid, r.state, r.state_at as "stateAt",
      r.status, r.kind, r.phase, r.version, r.amount_fen as "amountFen", r.quantity, r.deadline,
      r.constraint_word as "constraint"
    from staged_refund r join shop s on s.id = r.shop_id
    where r.id = ${id}::bigint and ${scopeSql(scope, sql.ref('r.shop_id'))}
    for update of r`.execute(tx)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))[0]
}

export async function setRefundState(
  tx: Tx,
  id: string,
  to: { state: RefundState; by: string; error: string; decidedOn: DecidedOn | null },
): Promise<void> {
  await sql`
    update staged_refund
    set state = ${to.state}, state_at = now(), state_by = ${to.by}, error = ${to.error},
        decided_on = ${to.decidedOn === null ? null : JSON.stringify(to.decidedOn)}::jsonb,
        facets = array[${refundStateFacet(to.state)}::int] || facets[2:]
    where id = ${id}::bigint`.execute(tx)
}

export async function setRefundError(tx: Tx, id: string, error: string): Promise<void> {
  await sql`update staged_refund set error = ${error} where id = ${id}::bigint`.execute(tx)
}

export type RefundDecision = {
  id: string
  shop_id: string
  refund_no: string
  state: RefundState
  state_by: string
  order_no: string
}

/** 已处理 stands against later versions by the facts it was made on. */
export async function lockForDecision(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<RefundDecision[]> {
  const found = await sql<RefundDecision>`
    select id, shop_id, refund_no, state, state_by, order_no from staged_refund r
    where id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('r.shop_id'))} order by id for update`.execute(
    tx,
  )
  return found.rows
}

export async function setRefundsProcessed(tx: Tx, ids: readonly string[], by: string): Promise<void> {
  await sql`
    update staged_refund
    set state = 'processed', state_at = now(), state_by = ${by}, error = '',
        decided_on = jsonb_build_object('status', status, 'amountFen', amount_fen, 'kind', kind, 'quantity', quantity, 'oid', oid),
        facets = array[${refundStateFacet('processed')}::int] || facets[2:]
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export async function setRefundsStaged(tx: Tx, ids: readonly string[], by: string): Promise<void> {
  await sql`
    update staged_refund
    set state = 'staged', state_at = now(), state_by = ${by}, decided_on = null, facets = array[${refundStateFacet('staged')}::int] || facets[2:]
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}
