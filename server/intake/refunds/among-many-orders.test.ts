import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../../core/db/db.ts'
import { fiveThousandMore, rowsReadBy } from '../../testing/database.ts'
import { refundArrives } from '../../testing/refund-versions.ts'
import { aShippingHouse, type ShippingHouse } from '../../testing/shipping.ts'
import { peekOrders } from '../aftersales/desk-queries.ts'
import { reportCancels } from './cancel-reports.ts'

let house: ShippingHouse
/** Statements that were planned for one order keep their plan, so the work is done by connections that have none. */
let later: OpenDatabase
let id: string

before(async () => {
  house = await aShippingHouse('tmall')
  await sql`update shop set settings = settings || '{"reportCancels": true}'`.execute(house.db)
  const order = await house.released()
  const refundNo = await refundArrives(house, order)
  const found = await sql<{ id: string }>`select id from staged_refund where refund_no = ${refundNo}`.execute(
    house.db,
  )
  id = found.rows[0]?.id ?? assert.fail('no refund')
  await fiveThousandMore(house.db, 'sales_order', sql`'no', 'M' || n, 'tid', 'm' || n`)
  await fiveThousandMore(house.db, 'staged_refund', sql`'refund_no', 'm' || n, 'tid', 'm' || n`)
  later = openDatabase(house.databaseUrl, { max: 1 })
})
after(async () => {
  await later.close()
  await house[Symbol.asyncDispose]()
})

const uses: Record<string, (tx: Tx) => Promise<unknown>> = {
  'a report that goods were stopped': (tx) => reportCancels(tx, [id], systemActor),
  'the orders of a refund at the desk': (tx) => peekOrders(tx, [id], wholeScope),
}

for (const [name, work] of Object.entries(uses))
  test(`among five thousand orders and refunds, ${name} reads twenty at most`, async () => {
    const rows = await rowsReadBy(later.db, ['sales_order', 'staged_refund'], work)
    assert.ok(rows > 0 && rows <= 20, `${rows} rows`)
  })
