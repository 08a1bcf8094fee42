import { type RawBuilder, sql } from 'kysely'
import { skusContaining } from '../../catalog/relations.ts'
import type { Scope } from '../../core/access/actor.ts'
import { warehouseSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'

export type BinTab = 'all' | 'empty' | 'retired'

export type BinFilter = {
  scope: Scope
  warehouse?: readonly string[] | undefined
  /** The bin's code begins with it, or it is found in a SKU that lies there. */
  text?: string | undefined
}

type Bin = Row<'bin', 'id' | 'warehouseId' | 'code' | 'route' | 'active'> & { warehouseName: string }

const goodsIn = (bin: RawBuilder<unknown>) =>
  sql`exists (select from sku_bin s where s.main_bin_id = ${bin} or s.spare_bin_id = ${bin})`
const inTab: Record<BinTab, RawBuilder<boolean>> = {
  all: sql<boolean>`b.active`,
  empty: sql<boolean>`b.active and not ${goodsIn(sql.ref('b.id'))}`,
  retired: sql<boolean>`not b.active`,
}

function matching({ scope, warehouse, text }: BinFilter): RawBuilder<boolean> {
  const warehouses = warehouse ? [...warehouse] : null
  const begins = (code: string) => `${code.replace(/[\\%_]/g, '\\$&').toUpperCase()}%`
  const found = (code: string) => sql`(b.code like ${begins(code)}::text or b.id in (
    select unnest(array[s.main_bin_id, s.spare_bin_id]) from sku_bin s where s.sku_id in ${skusContaining(code)}))`
  return sql<boolean>`${warehouseSql(scope, sql.ref('b.warehouse_id'))}
    and (${warehouses}::bigint[] is null or b.warehouse_id = any(${warehouses}::bigint[]))
    and ${text === undefined ? sql`true` : found(text)}`
}

export type BinPlace = { warehouseId: string; route: number; id: string }

export async function binPage(
  db: Database,
  tab: BinTab,
  filter: BinFilter,
  { after, limit }: { after: BinPlace | undefined; limit: number },
): Promise<Bin[]> {
  const found = await sql<Bin>`
    select b.id, b.warehouse_id as "warehouseId", w.name as "warehouseName", b.code, b.route, b.active
    from bin b join warehouse w on w.id = b.warehouse_id
    where ${inTab[tab]} and ${matching(filter)} and (${after?.id ?? null}::bigint is null
      or (b.warehouse_id, b.route, b.id) > (${after?.warehouseId ?? null}::bigint, ${after?.route ?? null}::int, ${after?.id ?? null}::bigint))
    order by b.warehouse_id, b.route, b.id limit ${limit}`.execute(db)
  return found.rows
}

export async function binCounts(
  db: Database,
  filter: BinFilter,
  cap: number,
): Promise<Record<BinTab, number>> {
  const count = (tab: BinTab) => sql`(
    select count(*)::int from (select from bin b where ${inTab[tab]} and ${matching(filter)} limit ${cap + 1}) capped)`
  const found = await sql<Record<BinTab, number>>`
    select ${count('all')} as "all", ${count('empty')} as empty, ${count('retired')} as retired`.execute(db)
  return found.rows[0] ?? { all: 0, empty: 0, retired: 0 }
}

export type SkuPlace = Row<'sku_bin', 'skuId'> & Record<'binId', string> & Record<'spare', boolean>

/** Returns the SKUs that lie in these bins. */
export async function skusIn(db: Database | Tx, binIds: readonly string[]): Promise<SkuPlace[]> {
  const found = await sql<SkuPlace>`
    select bin_id as "binId", sku_id as "skuId", spare from (
      select main_bin_id as bin_id, sku_id, false as spare from sku_bin where main_bin_id = any(${[...binIds]}::bigint[])
      union all
      select spare_bin_id, sku_id, true from sku_bin where spare_bin_id = any(${[...binIds]}::bigint[])
    ) lying order by bin_id, spare, sku_id`.execute(db)
  return found.rows
}

/** Locks all bins of these warehouses, and the places of goods in them, by the warehouses' rows until the transaction ends. */
export async function lockBins(tx: Tx, warehouseIds: readonly string[]): Promise<void> {
  await sql`
    select from warehouse where id = any(${[...new Set(warehouseIds)]}::bigint[]) order by id for no key update`.execute(
    tx,
  )
}

export async function binByCode(
  tx: Tx,
  { warehouseId, code }: Pick<NewBin, 'warehouseId' | 'code'>,
): Promise<Row<'bin', 'id' | 'route' | 'active'> | undefined> {
  const found = await sql<Row<'bin', 'id' | 'route' | 'active'>>`
    select id, route, active from bin where warehouse_id = ${warehouseId}::bigint and code = ${code}`.execute(
    tx,
  )
  return found.rows[0]
}

export type NewBin = { warehouseId: string; code: string; route: number | null; active: boolean }

/**
 * Adds bins, and changes those whose codes are there. `route` null: a new bin comes last, one that is there stays where it is. Returns
 * the bins by warehouse and code, and which are new.
 */
export async function upsertBins(
  tx: Tx,
  bins: readonly NewBin[],
  by: string,
): Promise<Map<string, { id: string; made: boolean }>> {
  const found = await sql<Row<'bin', 'id'> & Record<'key', string> & { made: boolean }>`
    with given as (
      select row_number() over () as n, d.* from ${unnestRows('d', bins, [
        ['warehouse_id', 'int8', (row) => row.warehouseId],
        ['code', 'text', (row) => row.code],
        ['route', 'int4', (row) => row.route],
        ['active', 'bool', (row) => row.active],
      ])}
    ), placed as (
      select g.warehouse_id, g.code, g.active, coalesce(g.route, b.route, last.route + 10 * g.n) as route
      from given g left join bin b on b.warehouse_id = g.warehouse_id and b.code = g.code
      cross join lateral (
        select coalesce(max(l.route), 0) as route from bin l where l.warehouse_id = g.warehouse_id
      ) last
    )
    insert into bin as b (warehouse_id, code, route, active, created_by)
    select warehouse_id, code, route, active, ${by} from placed order by warehouse_id, code
    on conflict (warehouse_id, code) do update set active = excluded.active, route = excluded.route
    returning b.id, b.warehouse_id || ' ' || b.code as key, xmax = 0 as made`.execute(tx)
  return new Map(found.rows.map(({ key, id, made }) => [key, { id, made }]))
}

export const keyOf = ({ warehouseId, code }: Pick<NewBin, 'warehouseId' | 'code'>) => `${warehouseId} ${code}`

export type Placed = { warehouseId: string; skuId: string; binId: string; spare: boolean }

/** Writes where SKUs lie. A SKU has one main and one spare bin in a warehouse; the other of the two stays. */
export async function placeSkus(tx: Tx, placed: readonly Placed[]): Promise<void> {
  await sql`
    insert into sku_bin as s (warehouse_id, sku_id, main_bin_id, spare_bin_id)
    select warehouse_id, sku_id, max(bin_id) filter (where not spare), max(bin_id) filter (where spare)
    from ${unnestRows('d', placed, [
      ['warehouse_id', 'int8', (row) => row.warehouseId],
      ['sku_id', 'int8', (row) => row.skuId],
      ['bin_id', 'int8', (row) => row.binId],
      ['spare', 'bool', (row) => row.spare],
    ])}
    group by warehouse_id, sku_id order by warehouse_id, sku_id
    on conflict (warehouse_id, sku_id) do update set main_bin_id = coalesce(excluded.main_bin_id, s.main_bin_id),
      spare_bin_id = coalesce(excluded.spare_bin_id, s.spare_bin_id)`.execute(tx)
}

/** Takes all SKUs out of the bin. */
export async function emptyBin(tx: Tx, binId: string): Promise<void> {
  await sql`
    delete from sku_bin where (main_bin_id = ${binId}::bigint or spare_bin_id = ${binId}::bigint)
      and coalesce(nullif(main_bin_id, ${binId}::bigint), nullif(spare_bin_id, ${binId}::bigint)) is null`.execute(
    tx,
  )
  await sql`
    update sku_bin set main_bin_id = nullif(main_bin_id, ${binId}::bigint), spare_bin_id = nullif(spare_bin_id, ${binId}::bigint)
    where main_bin_id = ${binId}::bigint or spare_bin_id = ${binId}::bigint`.execute(tx)
}
