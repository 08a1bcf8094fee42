import { sql } from 'kysely'
import { systemActor } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'

const inAisle = 24
const actor = { ...systemActor, name: '演示' }

/** Gives each SKU that lies in the demo's warehouses a bin (A-01, A-02 …), once. */
export async function binDemo(db: Database): Promise<void> {
  await sql`
    with goods as (
      select s.warehouse_id, s.sku_id, row_number() over (partition by s.warehouse_id order by s.sku_id) - 1 as place
      from stock s join warehouse w on w.id = s.warehouse_id and w.kind = 'own'
      where not exists (select from bin)
    ), made as (
      insert into bin (warehouse_id, code, route, created_by)
      select warehouse_id, chr(65 + (place / ${inAisle}::int % 26)::int) || case when place >= 26 * ${inAisle}::int then (place / (26 * ${inAisle}::int))::text else '' end
        || '-' || lpad((1 + place % ${inAisle}::int)::text, 2, '0'), 10 * (1 + place), ${actor.name}
      from goods returning id, warehouse_id, route
    )
    insert into sku_bin (warehouse_id, sku_id, main_bin_id)
    select goods.warehouse_id, goods.sku_id, made.id
    from goods join made on made.warehouse_id = goods.warehouse_id and made.route = 10 * (1 + goods.place)`.execute(
    db,
  )
}
