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
  ...{ byCourier: false, byProvince: false, autoOrders: null },
}
const rules = [
  { ...rule, name: '爆款单品', goods: 'same', ordersFrom: 20, ordersTo: 100, sorting: 'none' },
  { ...rule, name: '单品混拣', goods: 'single', ordersFrom: 1, ordersTo: 60, sorting: 'picking' },
  { ...rule, name: '多品播种', goods: 'many', ordersFrom: 1, ordersTo: 24, sorting: 'after' },
] as const

/** Aisles of the warehouse, walked up and down in turn: its bins lie one step apart, and the aisles six. */
const aisles = 20
const aisleStep = 6

/**
 * Measures planning waves of released orders, and how far a picker walks, beside as many waves of the same sizes in the order of arrival; all
 * are walked along the route. Two ways to walk: past every bin up to the last stop, so that the way of a wave is the place of its last bin;
 * and from stop to stop the shortest way through the aisles, and back. `least` is what no batching can beat in the first way: if the
 * waves of a rule and its parcels are sorted from the longest way and counted from 0, wave k is at least as long as parcel k × size.
 */
export async function benchWaves(server: BenchServer, count: number): Promise<void> {
  const runs: Run[] = []
  for (const seed of [0.5, 0.25, -0.5]) runs.push(await planOnce(server, count, seed))
  const worst = (figure: (run: Run) => number) => Math.max(...runs.map(figure))
  const [first] = runs
  report({
    name: 'waves',
    work: `${first?.orders.toLocaleString('en')} released orders planned into ${first?.waves} waves`,
    figure: worst(({ seconds }) => seconds),
    unit: 's',
    floor: 5,
    atMost: true,
    facts: { countsMs: Math.round(worst(({ countsMs }) => countsMs)) },
  })
  report({
    name: 'waves-aisles',
    work: 'walked way, from stop to stop, beside waves in the order of arrival',
    figure: worst(({ ways }) => ways.planned.aisles / ways.arrival.aisles),
    unit: '×',
    floor: 0.6,
    atMost: true,
    facts: { ways: runs.map(({ ways }) => ways) },
  })
  report({
    name: 'waves-line',
    work: 'walked way, past every bin, beside the least that any batching has',
    figure: worst(({ ways }) => ways.planned.line / ways.least),
    unit: '×',
    floor: 1.05,
    atMost: true,
    facts: {
      besideArrival: worst(({ ways }) => ways.planned.line / ways.arrival.line),
      leastBesideArrival: Math.min(...runs.map(({ ways }) => ways.least / ways.arrival.line)),
    },
  })
}

type Run = { seconds: number; countsMs: number; waves: number; orders: number; ways: Ways }

async function planOnce(server: BenchServer, count: number, seed: number): Promise<Run> {
  const url = await freshDatabase(server, 'bench_waves')
  await migrate(url)
  const { db, close } = open(url, 3)
  try {
    await fill(db, count, seed)
    const plain = rules.map((one) => ({ ...one, couriers: [], provinces: [], autoTimes: [] }))
    await db.transaction().execute((tx) => replaceRules(tx, '1', plain))
    const looking = performance.now()
    await viewRules(db, '1', wholeScope)
    const countsMs = performance.now() - looking
    const start = performance.now()
    const made = await db.transaction().execute((tx) => makeWaves(tx, '1', by))
    return { seconds: (performance.now() - start) / 1000, countsMs, ...made, ways: await waysOf(db) }
  } finally {
    await close()
  }
}

/** Three in four orders have one SKU. A few SKUs are in most orders, and where a SKU lies has nothing to do with how often it is sold. */
async function fill(db: Database, count: number, seed: number): Promise<void> {
  await sql`select setseed(${seed})`.execute(db)
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

type Way = { line: number; aisles: number }
type Ways = { planned: Way; arrival: Way; least: number }

async function waysOf(db: Database): Promise<Ways> {
  const found = await sql<{ wave: string; rule: string; bins: number[] }>`
    select w.wave_id as wave, v.rule_name as rule, array_agg(b.route) as bins
    from wave_delivery w join wave v on v.id = w.wave_id
    join reservation r on r.order_id = w.order_id join sku_bin s on s.sku_id = r.sku_id join bin b on b.id = s.main_bin_id
    where w.live group by w.wave_id, v.rule_name, w.order_id order by w.order_id`.execute(db)
  const orders = found.rows
  const planned = [...Map.groupBy(orders, ({ wave }) => wave).values()]
  let from = 0
  const arrival = planned.map(({ length }) => {
    from += length
    return orders.slice(from - length, from)
  })
  const sum = (waves: typeof planned): Way => {
    const ways = waves.map((wave) => wayOf(wave.flatMap(({ bins }) => bins)))
    return {
      line: ways.reduce((all, { line }) => all + line, 0),
      aisles: ways.reduce((all, way) => all + way.aisles, 0),
    }
  }
  return { planned: sum(planned), arrival: sum(arrival), least: leastOf(orders) }
}

function wayOf(bins: readonly number[]): Way {
  const length = skuCount / aisles
  const stops = [...new Set(bins)].toSorted((a, b) => a - b)
  const at = (route: number) => {
    const [aisle, step] = [Math.floor((route - 1) / length), (route - 1) % length]
    return { aisle, depth: aisle % 2 === 0 ? step + 1 : length - step }
  }
  const entrance = { aisle: 0, depth: 0 }
  const places = [entrance, ...stops.map(at), entrance]
  const steps = places.slice(1).map((to, before) => {
    const { aisle, depth } = places[before] ?? entrance
    if (aisle === to.aisle) return Math.abs(depth - to.depth)
    const [near, far] = [depth + to.depth, 2 * (length + 1) - depth - to.depth]
    return Math.abs(aisle - to.aisle) * aisleStep + Math.min(near, far)
  })
  return { line: stops.at(-1) ?? 0, aisles: steps.reduce((sum, step) => sum + step, 0) }
}

/** Returns `least`. The first rule makes waves of one SKU, each of which goes to one bin. */
function leastOf(orders: readonly { wave: string; rule: string; bins: number[] }[]): number {
  const [same, ...others] = rules
  const ofSame = Map.groupBy(
    orders.filter(({ rule: name }) => name === same.name),
    ({ wave }) => wave,
  )
  const least = [...ofSame.values()].map(([order]) => Math.max(...(order?.bins ?? [])))
  for (const { name, ordersTo } of others) {
    const lasts = orders.filter((order) => order.rule === name).map(({ bins }) => Math.max(...bins))
    least.push(...lasts.toSorted((a, b) => b - a).filter((_, place) => place % ordersTo === 0))
  }
  return least.reduce((sum, way) => sum + way, 0)
}
