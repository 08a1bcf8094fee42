import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { replaceRules } from './plan-queries.ts'
import { plainRule } from './plan-rules.ts'

/** Gives each warehouse of the demo that has no rules for waves the usual ones. */
export async function waveDemo(db: Database): Promise<void> {
  const found = await sql<Row<'warehouse', 'id'>>`
    select id from warehouse w where kind = 'own' and not exists (select from wave_rule r where r.warehouse_id = w.id)`.execute(
    db,
  )
  for (const { id } of found.rows)
    await db.transaction().execute((tx) =>
      replaceRules(tx, id, [
        { ...plainRule, name: '加急即走', goods: 'any', hoursLeft: 2, ordersTo: 20, sorting: 'picking' },
        { ...plainRule, name: '爆款单品', goods: 'same', ordersFrom: 20, ordersTo: 100, sorting: 'none' },
        { ...plainRule, name: '单品混拣', goods: 'single', ordersTo: 60, sorting: 'picking' },
        { ...plainRule, name: '多品播种', goods: 'many', piecesTo: 12, ordersTo: 24, sorting: 'after' },
      ]),
    )
}
