import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { warehouseNames } from '../../inventory/relations.ts'
import type { Conditions, CourierRule, Reach, WarehouseRule } from './choose.ts'

const any: Omit<Conditions, 'name'> = {
  enabled: true,
  from: null,
  to: null,
  shops: [],
  regions: [],
  words: [],
  notWords: [],
  minWeightG: null,
  maxWeightG: null,
  minFen: null,
  maxFen: null,
  cod: null,
  skus: [],
  categories: [],
}

/** Inserts example rules for the two demo warehouses, unless rules exist, so that orders get different warehouses. */
export async function ruleDemo(db: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const found = await sql<Row<'warehouse', 'id' | 'name'>>`
      select id, name from ${warehouseNames} w where active order by id`.execute(tx)
    const idOf = (name: string) => found.rows.find((row) => row.name === name)?.id
    const [east, south] = [idOf('杭州仓'), idOf('广州仓')]
    if (east === undefined || south === undefined) return
    await insertRules(tx, 'warehouse', warehouseRules(east, south), {})
    await insertRules(tx, 'courier', courierRules(south), {
      YTO: ['西藏', '新疆'],
      ZTO: ['西藏', '新疆 和田', '海南 三沙'],
    })
  })
}

const warehouseRules = (east: string, south: string): WarehouseRule[] => [
  {
    ...any,
    name: '华南就近',
    regions: ['广东', '广西', '海南', '福建', '湖南'],
    warehouses: [south, east],
    policy: 'whole_first',
  },
  { ...any, name: '其余从杭州', warehouses: [east, south], policy: 'whole_first' },
]

const courierRules = (south: string): CourierRule[] => [
  {
    ...any,
    name: '买家指定顺丰',
    words: ['顺丰'],
    notWords: ['不要顺丰', '不发顺丰'],
    warehouses: [],
    courier: 'SF',
  },
  { ...any, name: '贵重走顺丰', minFen: 150_000, warehouses: [], courier: 'SF' },
  { ...any, name: '大件走德邦', minWeightG: 10_000, warehouses: [], courier: 'DBKD' },
  { ...any, name: '广州仓圆通', warehouses: [south], courier: 'YTO' },
  { ...any, name: '平时中通', warehouses: [], courier: 'ZTO' },
  { ...any, name: '偏远走邮政', warehouses: [], courier: 'EMS' },
]

async function insertRules(
  tx: Tx,
  kind: 'warehouse' | 'courier',
  rules: readonly (WarehouseRule | CourierRule)[],
  reach: Reach,
): Promise<void> {
  await sql`
    insert into choice_rules (kind, rules, reach, updated_by)
    values (${kind}, ${JSON.stringify(rules)}::jsonb, ${JSON.stringify(reach)}::jsonb, '演示')
    on conflict do nothing`.execute(tx)
}
