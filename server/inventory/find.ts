import { sql } from 'kysely'
import { skuNames } from '../catalog/names.ts'
import type { Scope } from '../core/access/actor.ts'
import { warehouseSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'

type Balance = Row<'stock', 'warehouseId' | 'skuId' | 'onHand' | 'reserved' | 'locked' | 'short'>
export type LyingGoods = Balance & {
  warehouseName: string
  main: string
  spare: string
  /** True while the SKU is being counted blind: its quantities are not shown. */
  counting: boolean
}

/** SQL: true while the SKU is in an open counting task of the warehouse. */
const isCounted = (warehouse: ReturnType<typeof sql.ref>, sku: ReturnType<typeof sql.ref>) => sql`exists (
  select from count_line l join count_task t on t.id = l.task_id and t.status = 'open' and t.warehouse_id = ${warehouse}
  where l.sku_id = ${sku})`

/** Returns where a SKU lies and how much of it there is, in the warehouses of the scope. */
export async function whereGoodsLie(db: Database, skuId: string, scope: Scope): Promise<LyingGoods[]> {
  const found = await sql<
    Balance & Record<'warehouseName' | 'main' | 'spare', string> & Record<'counting', boolean>
  >`
    select w.id as "warehouseId", w.name as "warehouseName", ${skuId}::text as "skuId", coalesce(s.on_hand, 0) as "onHand",
      coalesce(s.reserved, 0) as reserved, coalesce(s.locked, 0) as locked, coalesce(s.short, 0) as short,
      coalesce(m.code, '') as main, coalesce(p.code, '') as spare,
      ${isCounted(sql.ref('w.id'), sql.ref('k.id'))} as counting
    from warehouse w join sku k on k.id = ${skuId}::bigint
    left join stock s on s.warehouse_id = w.id and s.sku_id = k.id
    left join sku_bin b on b.warehouse_id = w.id and b.sku_id = k.id
    left join bin m on m.id = b.main_bin_id left join bin p on p.id = b.spare_bin_id
    where ${warehouseSql(scope, sql.ref('w.id'))} and (s.sku_id is not null or b.sku_id is not null)
    order by w.active desc, w.priority, w.id`.execute(db)
  return found.rows
}

export type FoundBin = Row<'bin', 'id' | 'code' | 'active' | 'warehouseId'> & {
  warehouseName: string
  goods: {
    skuId: string
    code: string
    name: string
    spec: string
    spare: boolean
    onHand: number
    counting: boolean
  }[]
}

type Lying = Row<'bin', 'id' | 'code' | 'active' | 'warehouseId'> &
  Record<'warehouseName', string> &
  Record<'skuId', string | null> &
  Record<'onHand', number> &
  Record<'spare' | 'counting', boolean>

/** Returns the bins with this code in the warehouses of the scope, and what lies there. On hand is that of the whole warehouse. */
export async function findBins(db: Database, code: string, scope: Scope): Promise<FoundBin[]> {
  const found = await sql<Lying>`
    select b.id, b.code, b.active, b.warehouse_id as "warehouseId", w.name as "warehouseName", s.sku_id as "skuId",
      coalesce(s.main_bin_id <> b.id, s.main_bin_id is null) as spare, coalesce(k.on_hand, 0) as "onHand",
      ${isCounted(sql.ref('b.warehouse_id'), sql.ref('s.sku_id'))} as counting
    from bin b join warehouse w on w.id = b.warehouse_id
    left join sku_bin s on s.main_bin_id = b.id or s.spare_bin_id = b.id
    left join stock k on k.warehouse_id = b.warehouse_id and k.sku_id = s.sku_id
    where b.code = ${code.toUpperCase()} and ${warehouseSql(scope, sql.ref('b.warehouse_id'))}
    order by w.priority, w.id, spare, s.sku_id limit 200`.execute(db)
  const names = await skuNames(
    db,
    found.rows.flatMap(({ skuId }) => skuId ?? []),
  )
  return [...Map.groupBy(found.rows, ({ id }) => id).values()].flatMap((rows) => {
    const [first] = rows
    if (!first) return []
    const { id, code: binCode, active, warehouseId, warehouseName } = first
    const goods = rows.flatMap(({ skuId, spare, onHand, counting }) => {
      if (skuId === null) return []
      const { code: skuCode = skuId, name = '', spec = '' } = names.get(skuId) ?? {}
      return [{ skuId, code: skuCode, name, spec, spare, onHand, counting }]
    })
    return [{ id, code: binCode, active, warehouseId, warehouseName, goods }]
  })
}
