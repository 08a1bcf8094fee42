import { sql } from 'kysely'
import type { Tx } from '../db.ts'
import { unnestRows } from '../lib/unnest.ts'

/**
 * Whoever reports to a platform that what these refunds are about was stopped says so in the same transaction; or that the report was taken
 * back before it left. Nobody lets such an order through.
 */
export async function noteToldStopped(
  tx: Tx,
  refunds: readonly { shopId: string; refundNo: string }[],
  told: boolean,
): Promise<void> {
  await sql`
    update refund_notice n set told_stopped = ${told}
    from ${unnestRows('d', refunds, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['refund_no', 'text', (row) => row.refundNo],
    ])}
    where n.shop_id = d.shop_id and n.refund_no = d.refund_no and n.told_stopped <> ${told}`.execute(tx)
}
