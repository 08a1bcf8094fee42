import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Caller, type TestApp, testApp } from '../testing/app.ts'
import { aSku, aWarehouse, putStock } from '../testing/stock.ts'

let house: TestApp
let keeper: Caller
before(async () => {
  house = await testApp()
  keeper = await house.as(['inventory.read'])
})
after(() => house[Symbol.asyncDispose]())

/** Makes 205 SKUs of a product 羽绒被, of which the last one lies in a bin and is counted. */
async function manyQuilts(warehouseId: string): Promise<void> {
  await sql`
    with product as (insert into product (code, name) values ('QUILT', '羽绒被') returning id),
    made as (
      insert into sku (code, product_id, spec, words)
      select 'Q-' || n, product.id, '', lower('Q-' || n || ' 羽绒被  QUILT ') from product, generate_series(1, 205) n
      returning id
    )
    insert into stock (warehouse_id, sku_id) select ${warehouseId}, id from made`.execute(house.db)
  await sql`
    with last as (select id from sku where code = 'Q-205'),
    bin as (insert into bin (warehouse_id, code, route, created_by) values (${warehouseId}, 'B-09', 9, '林晓') returning id),
    lying as (insert into sku_bin (warehouse_id, sku_id, main_bin_id) select ${warehouseId}, last.id, bin.id from last, bin),
    task as (insert into count_task (no, warehouse_id, created_by) values ('PD1', ${warehouseId}, '林晓') returning id)
    insert into count_line (task_id, line_no, sku_id) select task.id, 1, last.id from task, last`.execute(
    house.db,
  )
}

test('a word of more SKUs than a page holds finds their stock, bins and counts, and nothing of other goods', async () => {
  const warehouseId = await aWarehouse(house.db)
  const other = await aSku(house.db, 'PILLOW-1')
  await putStock(house.db, warehouseId, other, 3)
  await manyQuilts(warehouseId)
  const asked = async (path: string) => Object((await keeper.call('GET', `/api${path}`)).body)
  const q = encodeURIComponent('羽绒')
  const counted = async (list: string) => (await asked(`/${list}/counts?q=${q}`)).tabs
  assert.equal((await counted('stock')).all.count, 205)
  const { rows } = await asked(`/stock?q=${q}&limit=200`)
  assert.deepEqual([rows.length, rows[0].code], [200, 'Q-205'])
  assert.equal((await counted('bins')).all.count, 1)
  assert.deepEqual(
    (await asked(`/bins?q=${q}`)).rows.map(({ code }: { code: string }) => code),
    ['B-09'],
  )
  assert.deepEqual(
    (await asked(`/count-tasks?q=${q}`)).rows.map(({ no }: { no: string }) => no),
    ['PD1'],
  )
  assert.deepEqual((await asked('/stock?q=pillow-1')).rows.length, 1)
  assert.deepEqual((await asked('/bins?q=pillow-1')).rows, [])
})
