import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type OpenDatabase, openDatabase, type Tx } from '../core/db/db.ts'
import { fiveThousandMore, rowsReadBy, type TestDatabase, testDatabase } from '../testing/database.ts'
import { aShippingHouse, type ShippingHouse } from '../testing/shipping.ts'
import { stoppedForNothing } from './intercepts/intercept-queries.ts'
import { changedWholly } from './write-back/change-queries.ts'

let database: TestDatabase
let house: ShippingHouse
/** Statements that were planned for few deliveries keep their plan, so the work is done by connections that have none. */
let later: OpenDatabase
let id: string

before(async () => {
  database = await testDatabase()
  house = await aShippingHouse('tmall', database.url)
  id = (await house.shipped()).id
  await fiveThousandMore(house.db, 'sales_order', sql`'no', 'M' || n, 'tid', 'm' || n`)
  await sql`
    insert into delivery (no, order_id, order_no, tid, shop_id, status, courier, waybill_no, write_back, round, created_by, shipped_at,
      shipped_by, warehouse_id)
    select 'D' || n, 1000000 + n, 'M' || n, 'm' || n, shop_id, status, courier, 'M' || n, 'done', 1, created_by, shipped_at,
      shipped_by, warehouse_id
    from delivery cross join generate_series(1, 5000) n`.execute(house.db)
  await sql`update delivery set write_back = 'stopped' where id = ${id}`.execute(house.db)
  await database.owner('analyze delivery')
  later = openDatabase(house.databaseUrl, { max: 1 })
})
after(async () => {
  await later.close()
  await house[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const uses: Record<string, (tx: Tx) => Promise<string[]>> = {
  'a write-back that nothing stops any more': (tx) => stoppedForNothing(tx, [id]),
  'a waybill that was changed everywhere': (tx) => changedWholly(tx, [id]),
}

for (const [name, work] of Object.entries(uses))
  test(`among five thousand shipped deliveries, ${name} is found by reading ten at most`, async () => {
    let found: string[] = []
    const rows = await rowsReadBy(later.db, ['delivery'], async (tx) => {
      found = await work(tx)
    })
    assert.deepEqual(found, [id])
    assert.ok(rows <= 10, `${rows} rows`)
  })
