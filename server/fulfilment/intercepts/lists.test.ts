import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Scope, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import type { Filter } from '../../core/lists/define-query.ts'
import { listIds } from '../../core/lists/list.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { intercepts, putBacks } from './lists.ts'

let database: TestDatabase
let open: OpenDatabase

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 4 })
  await sql`
    with made as (insert into product (code, name) values ('TEA', '茶') returning id)
    insert into sku (code, product_id, spec, words) select 'TEA-1', id, '', '' from made`.execute(open.db)
  await sql`
    insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
      refund_no, amount_fen, deadline, way, state, created_at, created_by, asked_at, ended_at)
    select n, 'DN' || n, n, 'SO' || n, 'T' || n, shop, warehouse, 'SF', 'SF' || n, 'R' || n, 100, timestamptz '2026-03-01 00:00Z' + due, way, state,
      timestamptz '2026-02-01' + interval '1 day' * n, '周强', '2026-03-01', case when state in ('open', 'asked') then null else now() end
    from (values
      (1, 1, 1, 'pull', 'open', interval '3 days'),
      (2, 2, 2, 'pull', 'asked', interval '1 day'),
      (3, 1, 1, 'recall', 'open', null),
      (4, 2, 2, 'recall', 'asked', interval '2 days'),
      (5, 1, 2, 'pull', 'pulled', interval '1 day'),
      (6, 2, 1, 'recall', 'missed', interval '1 day')
    ) as given (n, shop, warehouse, way, state, due)`.execute(open.db)
  await sql`
    insert into put_back (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no, line_no, sku_id,
      title, spec, quantity, source, state, created_at, done_at)
    select n, 'DN' || n, n, 'SO' || n, 'T' || n, 1, warehouse, 'SF', waybill, 1, case when n = 2 then (select id from sku) end, '茶', '', 1,
      'void', state, timestamptz '2026-02-01' + interval '1 day' * n, case when state <> 'open' then now() end
    from (values (1, 1, '', 'open'), (2, 1, 'SF2', 'open'), (3, 2, 'SF3', 'done'), (4, 1, '', 'unpicked')
    ) as given (n, warehouse, waybill, state)`.execute(open.db)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

/** Returns the numbers of the listed deliveries: "1 3". */
async function shown(
  list: typeof intercepts,
  filter: Filter = {},
  { scope = wholeScope, sort }: { scope?: Scope; sort?: string } = {},
): Promise<string> {
  const { db } = open
  const query = await list.ask(filter, { db, scope }, sort)
  const { ids } = await listIds(db, list.table, query, { limit: 50, after: undefined })
  assert.equal(await list.count?.({ db, scope }, filter), ids.length)
  const found = await sql<{ text: string }>`
    select coalesce(string_agg(substr(t.delivery_no, 3), ' ' order by i.n), '') as text
    from unnest(${ids}::bigint[]) with ordinality i (id, n) join ${sql.table(list.table.name)} t on t.id = i.id`.execute(
    db,
  )
  return found.rows[0]?.text ?? ''
}

test('parcels wanted back lie in their tab by way and state, the nearest deadline first', async () => {
  const tabs = ['pull', 'recall', 'ended', 'all']
  assert.deepEqual(await Promise.all(tabs.map((tab) => shown(intercepts, { tab }))), [
    '2 1',
    '4 3',
    '6 5',
    '6 5 4 3 2 1',
  ])
  assert.equal(await shown(intercepts), '2 1')
  assert.equal(await shown(intercepts, { tab: 'all' }, { sort: 'deadline' }), '2 5 6 4 1 3')
  const counts = await intercepts.counts({ db: open.db, scope: wholeScope }, { shop: '2' })
  assert.deepEqual(
    tabs.map((tab) => counts[tab]?.count),
    [1, 1, 1, 3],
  )
})

test('parcels wanted back are found by shop, way, deadline, order, and each of their numbers', async () => {
  const among = (filter: Filter) => shown(intercepts, { tab: 'all', ...filter })
  assert.equal(await among({ shop: '1' }), '5 3 1')
  assert.equal(await among({ way: 'recall' }), '6 4 3')
  assert.equal(await among({ deadlineTo: '2026-03-03T00:00:00Z' }), '6 5 2')
  assert.equal(await among({ orderId: '4' }), '4')
  for (const q of ['dn3', 'so3', 'T3', 'sf3', ' SF3 ']) assert.equal(await among({ q }), '3')
  assert.equal(await among({ q: 'SF' }), '')
  assert.equal(await among({ numbers: 'SO1，SF2 T6' }), '6 2 1')
  assert.equal(await shown(intercepts, { tab: 'pull', way: 'recall' }), '')
  const scope: Scope = { shops: ['1'], warehouses: ['2'] }
  assert.equal(await shown(intercepts, { tab: 'all' }, { scope }), '5')
})

test('goods to put back lie in their tab, the oldest first, and are found by SKU and by number', async () => {
  assert.deepEqual(await Promise.all(['open', 'done', 'all'].map((tab) => shown(putBacks, { tab }))), [
    '1 2',
    '4 3',
    '4 3 2 1',
  ])
  assert.equal(await shown(putBacks), '1 2')
  const among = (filter: Filter, scope?: Scope) =>
    shown(putBacks, { tab: 'all', ...filter }, scope && { scope })
  assert.equal(await among({ q: 'TEA-1' }), '2')
  assert.equal(await among({ q: 'sf3' }), '3')
  assert.equal(await among({ numbers: 'DN4 T1' }), '4 1')
  assert.equal(await among({ orderId: '2' }), '2')
  assert.equal(await among({ shop: '2' }), '')
  assert.equal(await among({}, { shops: 'all', warehouses: ['2'] }), '3')
})
