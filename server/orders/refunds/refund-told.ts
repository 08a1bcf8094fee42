import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'

/**
 * Records whether we have reported to the platform that the orders of these refunds are stopped. `told` false: the report was withdrawn
 * before it was sent. The caller does it in the transaction of the report. While it is recorded, no person can let the order ship over its
 * refund.
 */
export async function markReportedStopped(
  tx: Tx,
  refunds: readonly { shopId: string; refundNo: string }[],
  told: boolean,
): Promise<void> {
  if (refunds.length === 0) return
  await sql`
    update refund_notice n set told_stopped = ${told}
    from ${unnestRows('d', refunds, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['refund_no', 'text', (row) => row.refundNo],
    ])}
    where n.shop_id = d.shop_id and n.refund_no = d.refund_no and n.told_stopped <> ${told}`.execute(tx)
}

/**
 * Returns a test: true for a refund whose orders no report has declared as stopped, or whose report was withdrawn; false for one without a
 * notice.
 */
export async function notReportedStopped(
  db: Database,
  refunds: readonly { shopId: string; refundNo: string }[],
): Promise<(refund: { shopId: string; refundNo: string }) => boolean> {
  if (refunds.length === 0) return () => false
  const found = await sql<Row<'refund_notice', 'shopId' | 'refundNo'>>`
    select n.shop_id as "shopId", n.refund_no as "refundNo"
    from ${unnestRows('d', refunds, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['refund_no', 'text', (row) => row.refundNo],
    ])}
    join refund_notice n on n.shop_id = d.shop_id and n.refund_no = d.refund_no and not n.told_stopped`.execute(
    db,
  )
  const untold = new Set(found.rows.map(({ shopId, refundNo }) => `${shopId}/${refundNo}`))
  return ({ shopId, refundNo }) => untold.has(`${shopId}/${refundNo}`)
}
