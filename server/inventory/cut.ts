import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import { unnestRows } from '../lib/unnest.ts'
import { ensureStock, lockStock, pairsOf, wakeWaiting } from './stock.ts'

/** Pieces of an order line that move to another order, keeping the line number. */
export type TransferredLine = { fromId: string; toId: string; lineNo: number; quantity: number }

/**
 * Moves reservations and backorders of lines to other orders, of a bundle each component. Nothing is unreserved in between, so no other
 * order can get the pieces; balances stay the same. `demands`: what the same transaction will reserve afterwards, so that all balances
 * are locked in one sequence. The caller has locked all orders. A repeated call moves nothing if whole lines were moved.
 */
export async function transferReservations(
  tx: Tx,
  cuts: readonly TransferredLine[],
  demands: RawBuilder<unknown>,
): Promise<void> {
  const next = await ensureStock(tx, demands)
  const ids = [...new Set(cuts.map(({ fromId }) => fromId))]
  const pairs = await pairsOf(tx, ids, false)
  await lockStock(tx, [...pairs, ...next])
  await sql`
    with cut as materialized (
      select d.to_id, d.quantity, r.* from ${unnestRows('d', cuts, [
        ['from_id', 'int8', (row) => row.fromId],
        ['to_id', 'int8', (row) => row.toId],
        ['line_no', 'int2', (row) => row.lineNo],
        ['quantity', 'int4', (row) => row.quantity],
      ])}
      join reservation r on r.order_id = d.from_id and r.line_no = d.line_no and not r.shipped
    ), rest as (
      select order_id, line_no, sku_id, wanted - sum(quantity * per_line)::int as wanted
      from cut group by order_id, line_no, sku_id, wanted
    ), gone as (
      delete from reservation r using rest
      where r.order_id = rest.order_id and r.line_no = rest.line_no and r.sku_id = rest.sku_id and rest.wanted <= 0
    ), smaller as (
      update reservation r set wanted = rest.wanted, reserved = case when r.reserved > 0 then rest.wanted else 0 end
      from rest
      where r.order_id = rest.order_id and r.line_no = rest.line_no and r.sku_id = rest.sku_id and rest.wanted > 0
    )
    insert into reservation (order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, paid_at)
    select to_id, line_no, sku_id, warehouse_id, per_line, quantity * per_line,
      case when reserved > 0 then quantity * per_line else 0 end, paid_at
    from cut order by to_id, line_no, sku_id`.execute(tx)
  await wakeWaiting(tx, pairs)
}
