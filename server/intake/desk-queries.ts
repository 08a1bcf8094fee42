import { sql } from 'kysely'
import type { Scope } from '../actor.ts'
import type { Tx } from '../db.ts'
import { tradeOrders } from '../orders/relations.ts'
import { scopeSql } from '../scope.ts'
import type { Duty } from './desk-rules.ts'

/** What the trades of these refunds became, before anything is locked. */
export async function peekOrders(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<{ id: string; refundNo: string; orderId: string | null }[]> {
  const found = await sql<{ id: string; refundNo: string; orderId: string | null }>`
    select r.id, r.refund_no as "refundNo", o.id as "orderId" from staged_refund r
    left join lateral (
      select id from ${tradeOrders} as original where original.tid = r.tid and original.shop_id = r.shop_id
      order by original.id limit 1
    ) o on true
    where r.id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('r.shop_id'))}`.execute(tx)
  return found.rows
}

/** The refunds are locked. */
export async function writeDuty(
  tx: Tx,
  ids: readonly string[],
  { duty, note, by }: { duty: Duty; note: string; by: string },
): Promise<void> {
  await sql`
    update staged_refund set duty = ${duty}, duty_note = ${note}, duty_by = ${by}, duty_at = now()
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}
