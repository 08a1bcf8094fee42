import { sql } from 'kysely'
import { systemActor, wholeScope } from '../server/core/access/actor.ts'
import type { Database } from '../server/core/db/db.ts'
import { migrate } from '../server/core/db/migrate.ts'
import { replaceRules } from '../server/fulfilment/waves/plan-queries.ts'
import { makeWaves, viewRules } from '../server/fulfilment/waves/planning.ts'
import { type BenchServer, freshDatabase, open } from './database.ts'
import { report } from './report.ts'

const skuCount = 2_000
const by = { actor: systemActor, scope: wholeScope }

const rule = {
  ...{ enabled: true, piecesFrom: 1, piecesTo: null, couriers: [], provinces: [], hoursLeft: null },
  ...{ byCourier: false, byProvince: false },
}
const rules = [
  { ...rule, name: '爆款单品', goods: 'same', ordersFrom: 20, ordersTo: 100, sorting: 'none' },
  { ...rule, name: '单品混拣', goods: 'single', ordersFrom: 1, ordersTo: 60, sorting: 'picking' },
  { ...rule, name: '多品播种', goods: 'many', ordersFrom: 1, ordersTo: 24, sorting: 'after' },
] as const

/**
 * Measures planning waves of released orders, and how far a picker walks. A bin is passed at its place on the route, so the way of a wave
 * is the place of its last bin. For comparison, with as many orders in each wave: the bins in the order in which arriving orders ask for
 * them (`arrival`), and waves in the order of arrival that are walked along the route (`arrivalByRoute`).
 */
export async function benchWaves(server: BenchServer, count: number): Promise<void> {
  const url = await freshDatabase(server, 'bench_waves')
  await migrate(url)
  const { db, close } = open(url, 3)
  try {
    await fill(db, count)
    const plain = rules.map((one) => ({ ...one, couriers: [], provinces: [] }))
    await db.transaction().execute((tx) => replaceRules(tx, '1', plain))
    const looking = performance.now()
    await viewRules(db, '1', wholeScope)
    const countedMs = performance.now() - looking
    const start = performance.now()
    const made = await db.transaction().execute((tx) => makeWaves(tx, '1', by))
    const seconds = (performance.now() - start) / 1000
    const ways = await waysOf(db)
    report({
      name: 'waves',
      work: `${made.orders.toLocaleString('en')} released orders planned into ${made.waves} waves`,
      figure: seconds,
      unit: 's',
      floor: 5,
      atMost: true,
      facts: { countsMs: Math.round(countedMs) },
    })
    report({
      name: 'waves-way',
      work: 'walked way, beside orders that are picked in the order of their arrival',
      figure: ways.planned / ways.arrival,
      unit: '×',
      floor: 0.6,
      atMost: true,
      facts: { ...ways, besideArrivalByRoute: ways.planned / ways.arrivalByRoute },
    })
  } finally {
    await close()
  }
}

/** Three in four orders have one SKU. A few SKUs are in most orders, and where a SKU lies has nothing to do with how often it is sold. */
async function fill(db: Database, count: number): Promise<void> {
  await sql`select setseed(0.5)`.execute(db)
  await sql`insert into shop (platform, variant, name) values ('taobao', 'taobao', '店')`.execute(db)
  await sql`insert into warehouse (code, name, kind) values ('W1', '主仓', 'own')`.execute(db)
  await sql`
    with made as (insert into product (code, name) select 'P' || n, '商品' from generate_series(1, ${skuCount}::int) n returning id, code)
    insert into sku (code, product_id, words) select code, id, '' from made`.execute(db)
  await sql`
    insert into bin (warehouse_id, code, route, created_by) select 1, 'A-' || n, n, '' from generate_series(1, ${skuCount}::int) n`.execute(
    db,
  )
  await sql`
    insert into sku_bin (warehouse_id, sku_id, main_bin_id)
    select 1, sku.id, bin.id from sku join bin on bin.route = 1 + (sku.id * 7919) % ${skuCount}`.execute(db)
  await sql`
    insert into sales_order (no, shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, quantity, paid_at,
      ordered_at, facets, created_by, warehouse_id, courier, region)
    select 'SO' || n, 1, 'trade', n::text, 'released', false, 0, 0, 0, 0, 1, now(), now(), '{}', '', 1, 'YTO', '浙江省 杭州市'
    from generate_series(1, ${count}::int) n`.execute(db)
  await sql`
    insert into delivery (no, order_id, order_no, tid, shop_id, warehouse_id, status, ship_by, created_by)
    select 'DN' || id, id, no, tid, 1, 1, 'pending', now() + make_interval(hours => 4 + (random() * 44)::int), ''
    from sales_order order by id`.execute(db)
  await sql`
    insert into reservation (order_id, line_no, sku_id, warehouse_id, wanted, reserved, paid_at)
    select order_id, min(line), sku_id, 1, max(pieces), max(pieces), now() from (
      select o.id as order_id, line, 1 + floor(random() ^ 3 * ${skuCount})::bigint as sku_id, 1 + (random() < 0.1)::int as pieces
      from (select id, case when random() < 0.75 then 1 else 2 + floor(random() * 4)::int end as lines from sales_order) o
      cross join lateral generate_series(1, o.lines) line
    ) drawn group by order_id, sku_id`.execute(db)
  await sql`analyze`.execute(db)
}

type Ways = { planned: number; arrivalByRoute: number; arrival: number }

async function waysOf(db: Database): Promise<Ways> {
  const planned = await sql<{ way: number }>`
    select max(b.route) as way from wave_line l join bin b on b.id = l.bin_id group by l.wave_id`.execute(db)
  const sizes = await sql<{ size: number }>`
    select count(*)::int as size from wave_delivery where live group by wave_id order by wave_id`.execute(db)
  const asked = await sql<{ bins: number[] }>`
    select array_agg(b.route order by r.line_no) as bins from wave_delivery w
    join reservation r on r.order_id = w.order_id join sku_bin s on s.sku_id = r.sku_id join bin b on b.id = s.main_bin_id
    where w.live group by w.order_id order by w.order_id`.execute(db)
  let from = 0
  let arrivalByRoute = 0
  let arrival = 0
  for (const { size } of sizes.rows) {
    const bins = asked.rows.slice(from, from + size).flatMap((row) => row.bins)
    arrivalByRoute += Math.max(...bins)
    arrival += bins.reduce((sum, bin, at) => sum + Math.abs(bin - (bins[at - 1] ?? 0)), 0)
    from += size
  }
  return { planned: planned.rows.reduce((sum, { way }) => sum + way, 0), arrivalByRoute, arrival }
}
