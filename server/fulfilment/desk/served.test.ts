import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { waybillSources } from '../../carriers/index.ts'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import { facet, has } from '../../lib/facets.ts'
import { designatedFacets } from '../../orders/order/facets.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { decideAccount } from '../waybills/choose-account.ts'
import { accountTable, parcelsOfOrders } from '../waybills/parcel-facts.ts'
import { servedBy } from './served.ts'

// 取号 counts in SQL which deliveries an account serves; the act decides each in `decideAccount`. They agree on every combination of facts.

/** A source that gives numbers for the orders of the account's own shop only. Shop 4 has an account there; shop 5, of the same platform, has none. */
const ownShops = waybillSources.find(({ platformOrdersOnly }) => platformOrdersOnly) ?? assert.fail()
const [platform = ''] = ownShops.platforms

let database: TestDatabase
let open: OpenDatabase

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 4 })
  await sql`
    insert into shop (platform, variant, name)
    select p, p, p || n from unnest(array['taobao', 'pinduoduo', 'no-source', ${platform}::text, ${platform}::text]) with ordinality s (p, n)`.execute(
    open.db,
  )
  await sql`insert into warehouse (code, name, kind) values ('W1', '主仓', 'own'), ('W2', '二仓', 'own')`.execute(
    open.db,
  )
  const door = JSON.stringify([{ code: 'X', name: '送货上门' }])
  const insure = JSON.stringify([{ code: 'SVC-INSURE', name: '保价' }])
  await sql`
    insert into waybill_account (shop_id, source, courier, branch_code, warehouse_id, enabled, services, insure_most_fen, sender, template_url, created_by) values
      (1, 'cainiao', 'ZTO', 'a', 1, true, ${door}, null, '', '', ''),
      (1, 'cainiao', 'SF', 'b', null, true, ${insure}, 10000, '', '', ''),
      (1, 'cainiao', 'STO', 'c', null, false, '[]', null, '', '', ''),
      (2, 'pinduoduo', 'YTO', 'd', 2, true, '[]', null, '', '', ''),
      (1, 'kuaidi100', 'SF', 'e', null, true, ${insure}, null, '', '', ''),
      (4, ${ownShops.id}, 'ZTO', 'f', null, true, '[]', null, '', '', '')`.execute(open.db)
  await sql`
    insert into waybill_rule (position, platform, courier, warehouse_id, account_id, enabled) values
      (1, 'taobao', '', null, 1, true), (2, '', 'SF', 2, 2, true), (3, '', '', null, 3, true), (4, 'own', '', null, 5, true), (5, '', '', null, 6, true)`.execute(
    open.db,
  )
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

/** Makes an order with its delivery for each combination of facts. Two of six leave together, so that the facts of one are those of its neighbour too. */
async function everyCombination(): Promise<void> {
  const designated = sql`case c.designated when 0 then '{}' when 1 then ${designatedFacets(['SF'])}::int[] else ${designatedFacets(['ZTO', 'STO'])}::int[] end`
  await sql`
    with c as (
      select row_number() over (order by md5(concat_ws(' ', s, origin, courier, warehouse, designated, by_hand, door, insured, packages))) as n, *
      from generate_series(1, 5) s, unnest(array['trade', 'manual', 'copy', 'split']) origin, unnest(array['', 'ZTO', 'SF', 'STO', 'YTO']) courier,
        unnest(array[null, 1, 2]) warehouse, generate_series(0, 2) designated, unnest(array[true, false]) by_hand,
        unnest(array[true, false]) door, unnest(array[null, 5000, 50000]) insured, unnest(array[1, 2]) packages
    ), placed as (select *, case when n % 6 < 2 then n - n % 6 + 1000000 end as shipment from c), made as (
      insert into sales_order (id, no, shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, quantity, ordered_at,
        facets, created_by, courier, warehouse_id, courier_by_hand, insured_fen, parcel, split_from)
      overriding system value
      select n, 'SO' || n, s, origin, 'T' || n, 'released', false, 1, 0, 0, 1, 1, now(),
        '{1,2,3,4,5}'::int[] || ${designated} || case when door then array[${facet('has', has.toDoor)}::int] else '{}' end, '', courier, warehouse,
        by_hand, insured, shipment, case when origin = 'split' then 2000000 + n % 2 end
      from placed c
    ), copied as (
      insert into order_source (order_id, source_id) select n, 1 from placed where origin = 'copy' union all select 2000000, 1
    ), together as (
      insert into parcel_order (parcel, order_id) select shipment, n from placed where shipment is not null
    )
    insert into delivery (no, order_id, order_no, tid, shop_id, warehouse_id, status, created_by, package_count, parcel, beside)
    select 'DN' || n, n, 'SO' || n, 'T' || n, s, warehouse, 'pending', '', packages, shipment, n % 6 = 1 from placed`.execute(
    open.db,
  )
}

test('an account serves a delivery in SQL exactly if one is chosen for it, of every combination of facts', async () => {
  await everyCombination()
  const isServed = await servedBy(open.db)
  const served = await sql<{ id: string }>`
    select order_id as id from delivery d where ${isServed('d')} order by order_id`.execute(open.db)
  const all = await sql<{ id: string }>`select order_id as id from delivery order by order_id`.execute(
    open.db,
  )
  const chosen = await open.db.transaction().execute(async (tx) => {
    const table = await accountTable(tx)
    const parcels = await parcelsOfOrders(
      tx,
      all.rows.map(({ id }) => id),
    )
    return parcels.flatMap((parcel) =>
      'code' in decideAccount(table, parcel).chosen ? [] : [parcel.orderId],
    )
  })
  assert.equal(all.rows.length, 21_600)
  assert.deepEqual(
    served.rows.map(({ id }) => id),
    chosen,
  )
  assert.equal(chosen.length, 1129)
  const masked = await sql<{ shop: string }>`
    select distinct d.shop_id as shop from delivery d join sales_order o on o.id = d.order_id
    where d.shop_id in (4, 5) and d.parcel is null and o.origin = 'trade' and ${isServed('d')}`.execute(
    open.db,
  )
  assert.deepEqual(masked.rows, [{ shop: '4' }])
})

test('without an account nothing is served', async () => {
  await sql`update waybill_account set enabled = false`.execute(open.db)
  const isServed = await servedBy(open.db)
  const served = await sql`select from delivery d where ${isServed('d')}`.execute(open.db)
  assert.equal(served.rows.length, 0)
})
