import { sql } from 'kysely'
import { systemActor } from '../../server/core/access/actor.ts'
import type { Database, Tx } from '../../server/core/db/db.ts'
import { migrate } from '../../server/core/db/migrate.ts'
import { reserveNewOrders } from '../../server/orders/allocation/goods.ts'
import { acceptOrders } from '../../server/orders/create/accept.ts'
import type { Conditions, CourierRule, WarehouseRule } from '../../server/orders/sourcing/choose.ts'
import { type BenchServer, freshDatabase, open } from '../database.ts'
import { report } from '../report.ts'

export const skus = 20_000
const batch = 500

/**
 * Measures orders of two lines over many SKUs and three warehouses, created in batches: without rules and with one warehouse, then with the
 * rules of a large company. Both include promising stock.
 */
export async function benchChoose(server: BenchServer, count: number): Promise<void> {
  const url = await freshDatabase(server, 'bench_choose')
  await migrate(url)
  const { db, close } = open(url, 2)
  try {
    await makeHouse(db)
    await makeTrades(db, count)
    const plain = await makeOrders(db, 'a', count)
    await addRules(db)
    const ruled = await makeOrders(db, 'b', count)
    const chosen = await sql<{ couriers: number; warehouses: number }>`
      select count(distinct courier)::int as couriers, count(distinct warehouse_id)::int as warehouses from sales_order where tid like 'b%'`.execute(
      db,
    )
    report({
      name: 'choose',
      work: `${count.toLocaleString('en')} orders of two lines, ${skus.toLocaleString('en')} SKUs, 3 warehouses, 20 and 30 rules, one connection`,
      figure: count / ruled,
      unit: 'orders/s',
      floor: 3000,
      atMost: false,
      ceiling: count / plain,
      facts: { microsecondsOfChoosing: ((ruled - plain) / count) * 1e6, ...chosen.rows[0] },
    })
  } finally {
    await close()
  }
}

/** Creates shops that sell the same SKUs from one warehouse. Returns their ids. */
export async function makeHouse(db: Database, shops = 1): Promise<string[]> {
  const made = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at) select 'bench', '', '店 ' || n, 'epoch' from generate_series(1, ${shops}::int) n returning id`.execute(
    db,
  )
  const ids = made.rows.map(({ id }) => id)
  await sql`
    with made as (
      insert into product (code, name, category) select 'P' || n, '商品', '类 ' || n % 40 from generate_series(1, ${skus}::int) n
      returning id, code
    ), sku as (
      insert into sku (code, product_id, words, weight_g)
      select 'S' || substr(code, 2), id, '', 200 + (substr(code, 2)::int * 37) % 4000 from made returning id, code
    )
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    select shop_id, 'i' || substr(code, 2), '', 'on_sale', now(), id, 'outer_id' from sku, unnest(${ids}::bigint[]) shop_id`.execute(
    db,
  )
  await addWarehouse(db, 1)
  await sql`analyze`.execute(db)
  return ids
}

/** Adds a warehouse. The first has stock of all SKUs; each further one lacks some. */
async function addWarehouse(db: Database, no: number): Promise<void> {
  await sql`
    with made as (
      insert into warehouse (code, name, kind, priority) values (${`W${no}`}, ${`仓 ${no}`}, 'own', ${no}) returning id)
    insert into stock (warehouse_id, sku_id, on_hand)
    select made.id, sku.id, 1000000 from made, sku where sku.id % ${no}::int = 0`.execute(db)
}

async function warehouseIds(db: Database): Promise<[string, string, string]> {
  const found = await sql<{
    id: string
  }>`select id from warehouse where code in ('W1', 'W2', 'W3') order by code`.execute(db)
  const [one = '', two = '', three = ''] = found.rows.map(({ id }) => id)
  return [one, two, three]
}

export async function makeTrades(db: Database, count: number): Promise<void> {
  await sql`
    create unlogged table bench_trade as
    select k || n as tid, n, 1::bigint as shop_id, 'unconfirmed'::text as status, 'trade'::text as origin, false as cod, 0::bigint as post_fee_fen,
      0::bigint as subsidy_fen, now() as paid_at, now() as ordered_at, null::timestamptz as ship_by, 0::smallint as flag,
      array[4 * 67108864 + 1, 7 * 67108864] as facets, true as whole, '{}'::bigint[] as people,
      case n % 11 when 0 then '麻烦发顺丰' else '' end as buyer_message, '' as seller_memo, '王** 138****1234' as receiver_masked, 0 as receiver_hash,
      (array['浙江 杭州 西湖区', '广东 深圳 南山区', '四川 成都 武侯区', '北京 北京 朝阳区', '新疆 乌鲁木齐', '省 ' || n % 30])[1 + n % 6] as region,
      null::bytea as personal,
      (select jsonb_agg(jsonb_build_object('oid', k || n || '-' || l, 'itemId', 'i' || 1 + (n * 7919 + l * 104729) % ${skus}::int, 'skuId', '',
        'outerItemId', '', 'outerSkuId', '', 'title', '四件套', 'spec', '雾蓝', 'pictureUrl', '', 'quantity', 1, 'priceFen', 10000,
        'discountFen', 0, 'paymentFen', 10000)) from generate_series(1, 2) l) as lines
    from generate_series(1, ${count}::bigint) n, (values ('a'), ('b')) kind (k)`.execute(db)
  await sql`create index on bench_trade (left(tid, 1), n)`.execute(db)
  await sql`vacuum analyze bench_trade`.execute(db)
}

/** Creates orders and returns the seconds. `ask` runs for the new orders of each batch; by default it promises stock to them. */
export async function makeOrders(
  db: Database,
  kind: string,
  count: number,
  ask: (tx: Tx, ids: readonly string[]) => Promise<unknown> = (tx, ids) => reserveNewOrders(tx, ids),
): Promise<number> {
  const began = performance.now()
  for (let from = 1; from <= count; from += batch) {
    const trades = sql`select * from bench_trade where left(tid, 1) = ${kind} and n between ${from} and ${from + batch - 1}`
    await db.transaction().execute(async (tx) => {
      const orders = await acceptOrders(tx, trades, systemActor)
      await ask(
        tx,
        orders.map(({ id }) => id),
      )
    })
  }
  return (performance.now() - began) / 1000
}

const asksNothing: Omit<Conditions, 'name'> = {
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

/** Adds the rules of a large company. Most apply to other places, so that an order is compared with many rules before one applies. */
export async function addRules(db: Database): Promise<void> {
  await addWarehouse(db, 2)
  await addWarehouse(db, 3)
  const [one, two, three] = await warehouseIds(db)
  const warehouses: WarehouseRule[] = Array.from({ length: 20 }, (_, n) => ({
    ...asksNothing,
    name: `仓库规则 ${n}`,
    regions: n < 18 ? [`省 ${n}`, `县 ${n}`, n === 17 ? '广东 深圳' : `市 ${n}`] : [],
    categories: n === 18 ? ['类 3', '类 7'] : [],
    warehouses: n % 2 === 0 ? [three, two, one] : [two, three, one],
    policy: n % 3 === 0 ? 'whole_only' : 'whole_first',
  }))
  const couriers: CourierRule[] = Array.from({ length: 30 }, (_, n) => ({
    ...asksNothing,
    name: `快递规则 ${n}`,
    regions: n < 20 ? [`省 ${n}`, `区 ${n}`] : [],
    words: n === 20 ? ['顺丰', 'SF'] : [],
    minWeightG: n > 20 && n < 28 ? (n - 20) * 900 : null,
    maxWeightG: n > 20 && n < 28 ? (n - 19) * 900 : null,
    warehouses: [],
    courier: ['SF', 'YTO', 'ZTO', 'STO', 'YUNDA', 'JTSD', 'EMS'][n % 7] ?? 'EMS',
  }))
  for (const [kind, rules] of [
    ['warehouse', warehouses],
    ['courier', couriers],
  ] as const)
    await sql`
      insert into choice_rules (kind, rules, reach, updated_by)
      values (${kind}, ${JSON.stringify(rules)}::jsonb, ${JSON.stringify({ YTO: ['新疆', '西藏'], ZTO: ['新疆'] })}::jsonb, 'bench')`.execute(
      db,
    )
  await sql`analyze`.execute(db)
}
