import { sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import { type Database, startOfToday, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Places } from './put-away-rules.ts'

/** Returns the bin of this code, and keeps others from retiring it meanwhile. */
export async function binOfCode(
  tx: Tx,
  warehouseId: string,
  code: string,
): Promise<Row<'bin', 'id' | 'code' | 'active'> | undefined> {
  const found = await sql<Row<'bin', 'id' | 'code' | 'active'>>`
    select id, code, active from bin where warehouse_id = ${warehouseId}::bigint and code = ${code.toUpperCase()} for share`.execute(
    tx,
  )
  return found.rows[0]
}

export type NamedPlaces = Places & Record<'main' | 'spare', string | null>

/** Locks where the SKU lies, and returns it with the codes of the bins. */
export async function lockPlaces(tx: Tx, warehouseId: string, skuId: string): Promise<NamedPlaces> {
  const found = await sql<
    Row<'sku_bin', 'mainBinId' | 'spareBinId'> & Record<'main' | 'spare', string | null>
  >`
    select s.main_bin_id as "mainBinId", s.spare_bin_id as "spareBinId", m.code as main, p.code as spare
    from sku_bin s left join bin m on m.id = s.main_bin_id left join bin p on p.id = s.spare_bin_id
    where s.warehouse_id = ${warehouseId}::bigint and s.sku_id = ${skuId}::bigint for update of s`.execute(tx)
  return found.rows[0] ?? { mainBinId: null, spareBinId: null, main: null, spare: null }
}

export type Put = { warehouseId: string; skuId: string; binId: string; spare: boolean; pieces: number }

/** Stores the pieces that were put away. Returns how many pieces are still to be put away, and for how many pieces orders wait. */
export async function insertPut(
  tx: Tx,
  { warehouseId, skuId, binId, spare, pieces }: Put,
  actor: Actor,
): Promise<{ due: number; short: number }> {
  await sql`
    insert into put_away (warehouse_id, sku_id, bin_id, spare, quantity, put_by, put_by_id)
    values (${warehouseId}, ${skuId}, ${binId}, ${spare}, ${pieces}, ${actor.name}, ${actor.id})`.execute(tx)
  const found = await sql<Record<'due' | 'short', number>>`
    with left_over as (
      update put_away_due set quantity = greatest(0, quantity - ${pieces})
      where warehouse_id = ${warehouseId}::bigint and sku_id = ${skuId}::bigint returning quantity
    )
    select coalesce((select quantity from left_over), 0) as due,
      coalesce((select short from stock where warehouse_id = ${warehouseId}::bigint and sku_id = ${skuId}::bigint), 0) as short`.execute(
    tx,
  )
  return found.rows[0] ?? { due: 0, short: 0 }
}

const dueMax = 500
const putMax = 30

export type DueRow = Row<'put_away_due', 'skuId'> &
  Record<'pieces', number> &
  Record<'main' | 'spare', string>

/** Returns the goods that are to be put away, those that came last first. */
export async function dueGoods(db: Database, warehouseId: string): Promise<DueRow[]> {
  const found = await sql<DueRow>`
    select d.sku_id as "skuId", d.quantity as pieces, coalesce(m.code, '') as main, coalesce(p.code, '') as spare
    from put_away_due d left join sku_bin s on s.warehouse_id = d.warehouse_id and s.sku_id = d.sku_id
    left join bin m on m.id = s.main_bin_id left join bin p on p.id = s.spare_bin_id
    where d.warehouse_id = ${warehouseId}::bigint and d.quantity > 0
    order by d.since desc, d.sku_id limit ${dueMax}`.execute(db)
  return found.rows
}

export type PutRow = Row<'put_away', 'id' | 'skuId' | 'spare' | 'putAt' | 'putBy'> &
  Record<'pieces', number> & { bin: string }

export async function lastPuts(db: Database, warehouseId: string): Promise<PutRow[]> {
  const found = await sql<PutRow>`
    select p.id, p.sku_id as "skuId", b.code as bin, p.spare, p.quantity as pieces, p.put_at as "putAt", p.put_by as "putBy"
    from put_away p join bin b on b.id = p.bin_id
    where p.warehouse_id = ${warehouseId}::bigint and p.put_at >= ${startOfToday}
    order by p.put_at desc, p.id desc limit ${putMax}`.execute(db)
  return found.rows
}
