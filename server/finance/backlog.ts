import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { oweSettlements } from './settlements.ts'

// Creates the settlements of orders and refunds that are older than the settlements of this installation, each once.

/**
 * Locks the backlog row, so that no other transaction works on the backlog meanwhile. Orders with ids above `doneTo`, up to `lastOrder`,
 * still need their settlements.
 */
export async function takeBacklog(tx: Tx): Promise<Row<'settlement_backlog', 'doneTo' | 'lastOrder'>> {
  const found = await sql<Row<'settlement_backlog', 'doneTo' | 'lastOrder'>>`
    select done_to as "doneTo", last_order as "lastOrder" from settlement_backlog for update`.execute(tx)
  return found.rows[0] ?? { doneTo: '0', lastOrder: '0' }
}

/** Records that all orders up to `doneTo` have settlements, and that the facts recorded for `orderIds` are posted. */
export async function advanceBacklog(tx: Tx, orderIds: readonly string[], doneTo: string): Promise<void> {
  await sql`
    with posted as (
      update settlement_fact set posted_at = now() where order_id = any(${[...orderIds]}::bigint[]) and posted_at is null
    )
    update settlement_backlog set done_to = ${doneTo}::bigint`.execute(tx)
}

/**
 * Posts facts of trades that are not our orders, at most `limit`. A refund that already has a settlement, from a newer version, is only
 * marked as posted.
 */
export async function postLooseFacts(tx: Tx, limit: number, by: string): Promise<number> {
  const found = await sql<
    Row<'settlement_fact', 'shopId' | 'tid' | 'kind' | 'source'> & { fen: string; known: boolean }
  >`
    with bite as (
      select id from settlement_fact where posted_at is null and order_id is null order by id limit ${limit}
      for update skip locked
    ), posted as (
      update settlement_fact f set posted_at = now() from bite where f.id = bite.id returning f.*
    )
    select shop_id as "shopId", tid, kind, source, amount_fen as fen,
      exists (select from settlement s where s.source = p.source and s.shop_id = p.shop_id) as known
    from posted p`.execute(tx)
  const owed = found.rows
    .filter(({ known }) => !known)
    .map(({ fen, known: _, ...row }) => ({
      ...row,
      orderId: null,
      orderNo: '',
      amountFen: 0 - Number(fen),
    }))
  await oweSettlements(tx, owed, by)
  return found.rows.length
}
