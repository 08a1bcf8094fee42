import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import { type LineLeft, reduceReservations, unreserve } from './release.ts'
import { type Reserved, reserve } from './reserve.ts'
import { bumpChanges, ensureStock, lockStock, pairRows, pairsOf } from './stock.ts'

/**
 * Moves orders to another warehouse: unreserves their goods and requests them again, in one step. `demands`: the relation of `reserve`.
 * All balances of both steps are locked first, so that two moves in opposite directions cannot deadlock. The caller has locked the
 * orders, of which nothing is shipped.
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
  // Raises the change counters of the SKUs of both steps in one statement. This transaction then has the locks of all these rows before
  // `unreserve` and `reserve` update them, so that two moves cannot deadlock.
  await sql`${bumpChanges(sql`select distinct sku_id from ${pairRows(pairs)}`)}`.execute(tx)
  await unreserve(tx, orderIds)
  return reserve(tx, demands)
}

/**
 * Reduces the reservations of lines and makes new demands, in one step; other reservations of the orders stay. `demands` and locks as for
 * `reassign`.
 */
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
