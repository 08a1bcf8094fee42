import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { StockMove } from './posting.ts'

/** Kinds of documents by which goods come to a warehouse that then have to be put to a bin. */
const arriving: readonly StockMove['kind'][] = ['return', 'parcel', 'transfer', 'adjustment']

/** Notes the pieces that came in as goods to be put away, in warehouses that have bins. The caller has locked the balances. */
export async function noteArrivals(tx: Tx, moves: readonly StockMove[]): Promise<void> {
  const arrived = moves.filter(({ kind, onHand }) => onHand > 0 && arriving.includes(kind))
  if (arrived.length === 0) return
  await sql`
    insert into put_away_due as due (warehouse_id, sku_id, quantity)
    select d.warehouse_id, d.sku_id, sum(d.quantity) from ${unnestRows('d', arrived, [
      ['warehouse_id', 'int8', (move) => move.warehouseId],
      ['sku_id', 'int8', (move) => move.skuId],
      ['quantity', 'int4', (move) => move.onHand],
    ])}
    where exists (select from bin b where b.warehouse_id = d.warehouse_id and b.active)
    group by d.warehouse_id, d.sku_id order by d.warehouse_id, d.sku_id
    on conflict (warehouse_id, sku_id) do update set quantity = due.quantity + excluded.quantity, since = now()`.execute(
    tx,
  )
}
