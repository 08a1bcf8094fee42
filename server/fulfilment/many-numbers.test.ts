import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { rowsReadBy } from '../testing/database.ts'
import { aWaybillAccount, numbered } from '../testing/numbers/numbered.ts'
import { aShippingHouse, byPacker as by, type ShippingHouse } from '../testing/shipping.ts'
import { takenElsewhere, voidNumbers } from './numbers.ts'
import { deliveriesOfWaybills } from './papers/paper-queries.ts'
import { printLabels } from './printing/print.ts'
import { labelOf, printableOf } from './printing/print-queries.ts'
import { setWaybills } from './shipping/waybills.ts'
import { deliveryRows } from './view-queries.ts'
import { returningNumbers } from './waybills/number-queries.ts'

let house: ShippingHouse
let id: string
let waybillId: string
let waybill: { deliveryId: string; courier: string; waybillNo: string }

before(async () => {
  house = await aShippingHouse()
  await aWaybillAccount(house)
  id = (await house.released()).id
  const other = await house.released()
  await numbered(house, [id])
  const found = await sql<{ id: string; courier: string; waybillNo: string }>`
    select id, courier, waybill_no as "waybillNo" from waybill where delivery_id = ${id}`.execute(house.db)
  const [own] = found.rows
  if (!own) throw new Error('no number came')
  waybillId = own.id
  waybill = { deliveryId: id, courier: own.courier, waybillNo: own.waybillNo }
  await sql`
    insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_at, asked_by, wanted, package_count)
    select ${other.id}::bigint, n, account_id, shop_id, courier, 'returned', 'YT' || n, print_data, asked_at, asked_by, false, 1
    from waybill cross join generate_series(2, 5000) n where id = ${waybillId}`.execute(house.db)
  await sql`
    with job as (insert into print_job (printer, reason, created_by, created_by_id) values ('', '', '周强', '9') returning id)
    insert into print_document (job_id, seq, waybill_id, state, nth, spooled_at, ended_at)
    select job.id, w.round, w.id, 'printed', 1, now(), now() from job cross join waybill w where w.id <> ${waybillId}`.execute(
    house.db,
  )
})
after(() => house[Symbol.asyncDispose]())

const readBy = (work: (tx: Tx) => Promise<unknown>) =>
  rowsReadBy(house.db, ['waybill', 'print_document'], work)

const uses: Record<string, (tx: Tx) => Promise<unknown>> = {
  'the list of deliveries': (tx) => deliveryRows(tx, [id]),
  'what can be printed': (tx) => printableOf(tx, [id]),
  'a print job': (tx) => printLabels(tx, { ids: [id], printer: '', reason: '' }, by),
  'one label': (tx) => labelOf(tx, { deliveryId: id, n: 1 }, wholeScope),
  'the deliveries of a number': (tx) => deliveriesOfWaybills(tx, [waybillId]),
  'a number that another delivery has': (tx) => takenElsewhere(tx, [waybill]),
  'a number that is void': (tx) => voidNumbers(tx, [waybill]),
  'a write-back that waits for a number on its way back': (tx) => returningNumbers(tx, [id]),
  'a typed number': (tx) =>
    setWaybills(tx, [{ deliveryId: id, courier: 'SF', waybillNo: 'SF1000000000001', packageNos: [] }], by),
}

for (const [name, work] of Object.entries(uses))
  test(`of five thousand waybill numbers, ${name} reads ten at most`, async () => {
    assert.ok((await readBy(work)) <= 10)
  })

test('a search that no index serves reads them all, so that the counts above say something', async () => {
  const all = (tx: Tx) => sql`select from waybill where courier_order = 'none'`.execute(tx)
  assert.equal(await readBy(all), 5000)
})
