import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import { type LineLeft, reduceReservations, unreserve } from './release.ts'
import { type Reserved, reserve } from './reserve.ts'
import { bumpChanges, ensureStock, lockStock, pairRows, pairsOf } from './stock.ts'

/**
 * Orders go to another warehouse: what they hold is given back and asked for anew, in one step. `demands` is the relation that
 * `reserve` takes. All rows that either half touches are locked first, so that two who go opposite ways cannot block each other.
 * The caller holds the orders, of which nothing is shipped.
 */
export async function reassign(
  tx: Tx,
  orderIds: readonly string[],
  demands: RawBuilder<unknown>,
): Promise<Reserved[]> {
  const next = await ensureStock(tx, demands)
  const pairs = [...(await pairsOf(tx, orderIds, false)), ...next]
  if (pairs.length === 0) return []
  await lockStock(tx, pairs)
  // Whoever watches is told once for both halves; their own telling then finds its rows locked already.
  await sql`${bumpChanges(sql`select distinct sku_id from ${pairRows(pairs)}`)}`.execute(tx)
  await unreserve(tx, orderIds)
  return reserve(tx, demands)
}

/** Lines shrink and others are asked for, in one step; what orders hold otherwise stays. `demands` and locks as above. */
export async function changeLines(
  tx: Tx,
  lines: readonly LineLeft[],
  demands: RawBuilder<unknown>,
): Promise<Reserved[]> {
  const next = await ensureStock(tx, demands)
  const held = await pairsOf(
    tx,
    lines.map(({ orderId }) => orderId),
    false,
  )
  const pairs = [...held, ...next]
  if (pairs.length === 0) return []
  await lockStock(tx, pairs)
  await sql`${bumpChanges(sql`select distinct sku_id from ${pairRows(pairs)}`)}`.execute(tx)
  if (lines.length > 0) await reduceReservations(tx, lines)
  return reserve(tx, demands)
}
