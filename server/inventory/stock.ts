import { type RawBuilder, sql } from 'kysely'
import { type Database, preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { sendEvent } from '../events.ts'
import { unnestRows } from '../lib/unnest.ts'

/** One SKU in one warehouse. Its `stock` row is locked for every decision about its stock. */
export type Pair = Row<'stock', 'warehouseId' | 'skuId'>
export type Balance = Row<'stock', keyof Pair | 'onHand' | 'reserved' | 'locked' | 'short'>

export const pairRows = (pairs: readonly Pair[]) =>
  unnestRows('pair', pairs, [
    ['warehouse_id', 'int8', (pair) => pair.warehouseId],
    ['sku_id', 'int8', (pair) => pair.skuId],
  ])

export const balanceRows = (balances: readonly Balance[]) =>
  unnestRows('pair', balances, [
    ['warehouse_id', 'int8', (row) => row.warehouseId],
    ['sku_id', 'int8', (row) => row.skuId],
    ['available', 'int4', (row) => row.onHand - row.reserved - row.locked],
    ['short', 'int4', (row) => row.short],
  ])

/**
 * Makes rows (id, rank), so that each id gets at least this outcome. Every other outcome has a smaller rank, and the smallest rank of an id
 * counts.
 */
export const lastChoice = (ids: readonly string[], rank: number) =>
  sql`select id, ${sql.lit(rank)} as rank from unnest(${ids}::bigint[]) as given (id)`

/**
 * Inserts missing balances, ordered by warehouse and SKU id, so that they can be locked. Returns the pairs of the relation (warehouse_id,
 * sku_id) whose warehouse is active, or with `retired` all. Call it before the transaction's first lock on stock.
 */
export async function ensureStock(tx: Tx, relation: RawBuilder<unknown>, retired = false): Promise<Pair[]> {
  const found = await sql<Pair>`${preparedStatement}
    with pair as materialized (
      select distinct d.warehouse_id, d.sku_id from (${relation}) d
      join warehouse w on w.id = d.warehouse_id and (w.active or ${retired})
    ), made as (
      insert into stock (warehouse_id, sku_id)
      select warehouse_id, sku_id from pair
      where not exists (select from stock s where s.warehouse_id = pair.warehouse_id and s.sku_id = pair.sku_id)
      order by warehouse_id, sku_id
      on conflict do nothing
    )
    select warehouse_id as "warehouseId", sku_id as "skuId" from pair order by warehouse_id, sku_id`.execute(
    tx,
  )
  return found.rows
}

export const ensurePairs = (tx: Tx, pairs: readonly Pair[]) =>
  ensureStock(tx, sql`select warehouse_id, sku_id from ${pairRows(pairs)}`, true)

/**
 * Locks balances in the order of warehouse and SKU id. Every change of a reservation needs the lock of its balance, so no transaction waits
 * for a reservation row, and the next statement sees all earlier changes.
 */
export async function lockStock(tx: Tx, pairs: readonly Pair[]): Promise<Balance[]> {
  if (pairs.length === 0) return []
  const found = await sql<Balance>`${preparedStatement}
    select s.warehouse_id as "warehouseId", s.sku_id as "skuId", s.on_hand as "onHand", s.reserved, s.locked, s.short
    from stock s join ${pairRows(pairs)} on pair.warehouse_id = s.warehouse_id and pair.sku_id = s.sku_id
    order by s.warehouse_id, s.sku_id for update of s`.execute(tx)
  return found.rows
}

export async function pairsOf(tx: Tx, orderIds: readonly string[], shipped: boolean): Promise<Pair[]> {
  const found = await sql<Pair>`${preparedStatement}
    select distinct warehouse_id as "warehouseId", sku_id as "skuId" from reservation
    where order_id = any(${orderIds}::bigint[]) and shipped = ${shipped}`.execute(tx)
  return found.rows
}

/** Raises the change counters of the SKUs in `changed (sku_id)`. Must be the end of the statement that changes their availability. */
export const bumpChanges = (changed: RawBuilder<unknown>) => sql`
  insert into stock_change as c (sku_id, version, changed_at)
  select sku_id, 1, now() from (${changed}) moved group by sku_id order by sku_id
  on conflict (sku_id) do update set version = c.version + 1, changed_at = now()`

/** Raises the change counters of SKUs that the transaction changed without a function of this slice. Must be its last call on stock. */
export async function markChanged(tx: Tx, skuIds: readonly string[]): Promise<void> {
  if (skuIds.length > 0) await bumpChanges(movedRows(skuIds)).execute(tx)
}

export const movedRows = (skuIds: readonly string[]) =>
  sql`select sku_id from unnest(${[...skuIds]}::bigint[]) given (sku_id)`

/** Enqueues, in this transaction, the job that fills backorders of balances with available pieces. */
export async function wakeWaiting(tx: Tx, pairs: readonly Pair[]): Promise<void> {
  if (pairs.length === 0) return
  const found = await sql<Row<'stock', 'warehouseId'> & { skuIds: string[] }>`${preparedStatement}
    select s.warehouse_id as "warehouseId", array_agg(s.sku_id::text order by s.sku_id) as "skuIds"
    from stock s join ${pairRows(pairs)} on pair.warehouse_id = s.warehouse_id and pair.sku_id = s.sku_id
    where s.short > 0 and s.on_hand - s.reserved - s.locked > 0
    group by s.warehouse_id`.execute(tx)
  await sendEvent(tx, 'inventory.fill', found.rows)
}

export type Available = Balance & { available: number }

/** Returns the balances of these SKUs in every active warehouse that sells goods. */
export async function availableOf(db: Database, skuIds: readonly string[]): Promise<Available[]> {
  const found = await sql<Available>`
    select s.warehouse_id as "warehouseId", s.sku_id as "skuId", s.on_hand as "onHand", s.reserved, s.locked, s.short,
      s.on_hand - s.reserved - s.locked as available
    from stock s join warehouse w on w.id = s.warehouse_id and w.active and w.kind <> 'defective'
    where s.sku_id = any(${[...skuIds]}::bigint[])
    order by s.sku_id, w.priority, w.id`.execute(db)
  return found.rows
}
