import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { shipDeliveries } from '../flows/ship.ts'
import { holdOrders, liftHolds } from '../orders/holds/holds.ts'
import { codes } from '../testing/run.ts'
import {
  anAccount,
  aShippingHouse,
  aWaybill,
  byPacker as by,
  handToPrinter,
  numbered,
  printLabel,
  type ShippingHouse,
} from '../testing/shipping.ts'
import { until } from '../testing/until.ts'
import { settleDocuments } from './printing/print.ts'
import { renewShipSteps, writePrinted } from './ship-steps.ts'
import { releaseOrders, unreleaseDeliveries } from './shipping/release.ts'
import { unshipDeliveries } from './shipping/unship.ts'
import { setWaybills } from './shipping/waybills.ts'

let shipping: ShippingHouse
before(async () => {
  shipping = await aShippingHouse()
  await anAccount(shipping)
})
after(() => shipping[Symbol.asyncDispose]())

/** Changes the setting of the only warehouse, as its page does. */
const requireSteps = (steps: readonly string[]) =>
  shipping.run(async (tx) => {
    const changed = await sql<{
      id: string
    }>`update warehouse set ship_steps = ${[...steps]} returning id`.execute(tx)
    await renewShipSteps(tx, changed.rows[0]?.id ?? '')
  })
const ship = async (id: string) => codes(await shipping.run((tx) => shipDeliveries(tx, [id], by)))
const stateOf = async (id: string) => {
  const found = await sql<{ is: string }>`select standing as is from delivery where id = ${id}`.execute(
    shipping.db,
  )
  return found.rows[0]?.is
}
/** Writes the facts as the station does. */
const done = (id: string, step: 'checked' | 'weighed') =>
  sql`update delivery set ${sql.ref(`${step}_at`)} = now(), ${sql.ref(`${step}_by`)} = '周强' where id = ${id}`.execute(
    shipping.db,
  )

test('a typed waybill has no label to print and ships; a number of ours ships once its label is printed', async () => {
  const typed = await shipping.packed()
  assert.equal(await stateOf(typed.id), 'ready')
  assert.deepEqual(await ship(typed.id), ['done'])
  const [{ id } = assert.fail()] = await numbered(shipping, 1)
  assert.equal(await stateOf(id), 'print')
  assert.deepEqual(await ship(id), ['not_printed'])
  await printLabel(shipping, id, false)
  assert.deepEqual(await ship(id), ['not_printed'])
  await printLabel(shipping, id)
  assert.equal(await stateOf(id), 'ready')
  assert.deepEqual(await ship(id), ['done'])
  assert.equal(await stateOf(id), 'shipped')
})

test('a label that a person has in hand after a break is printed; another number needs its own', async () => {
  const [{ id } = assert.fail()] = await numbered(shipping, 1)
  const jobId = await handToPrinter(shipping, id)
  assert.deepEqual(await ship(id), ['not_printed'])
  await shipping.run((tx) => settleDocuments(tx, { jobId, last: 1 }, by))
  assert.equal(await stateOf(id), 'ready')
  const same = await sql<{ courier: string; no: string }>`
    select courier, waybill_no as no from delivery where id = ${id}`.execute(shipping.db)
  const [{ courier = '', no = '' } = {}] = same.rows
  const type = (waybillNo: string) =>
    shipping.run((tx) => setWaybills(tx, [{ deliveryId: id, courier, waybillNo }], by))
  await type(no)
  const printedBy = async () =>
    (await sql<{ by: string }>`select printed_by as by from delivery where id = ${id}`.execute(shipping.db))
      .rows[0]?.by
  assert.equal(await printedBy(), '周强')
  await type(aWaybill())
  assert.equal(await printedBy(), null)
  assert.equal(await stateOf(id), 'ready')
})

test('the steps of the warehouse are required one after another, and nobody skips one', async () => {
  await requireSteps(['print', 'check', 'weigh'])
  const { id } = await shipping.packed()
  assert.equal(await stateOf(id), 'check')
  assert.deepEqual(await ship(id), ['not_checked'])
  await done(id, 'checked')
  assert.equal(await stateOf(id), 'weigh')
  assert.deepEqual(await ship(id), ['not_weighed'])
  await done(id, 'weighed')
  assert.deepEqual(await ship(id), ['done'])
})

test('a changed setting holds at once for parcels in the warehouse, and for no other', async () => {
  await requireSteps(['check'])
  const [shipped, waiting] = [await shipping.packed(), await shipping.packed()]
  await done(shipped.id, 'checked')
  assert.deepEqual(await ship(shipped.id), ['done'])
  await requireSteps([])
  assert.equal(await stateOf(waiting.id), 'ready')
  await requireSteps(['weigh'])
  assert.deepEqual(await ship(waiting.id), ['not_weighed'])
  const kept = await sql<{ steps: string[] }>`
    select ship_steps as steps from delivery where id = ${shipped.id}`.execute(shipping.db)
  assert.deepEqual(kept.rows[0]?.steps, ['check'])
})

test('a setting that changes while a parcel ships holds for it, or it has left by the former one', async () => {
  const change = async (steps: readonly string[], during: () => Promise<void>) =>
    shipping.run(async (tx) => {
      const changed = await sql<{ id: string }>`
        update warehouse set ship_steps = ${[...steps]} returning id`.execute(tx)
      await renewShipSteps(tx, changed.rows[0]?.id ?? '')
      await during()
    })
  const waits = () =>
    until(async () => {
      const found = await sql<{ waits: boolean }>`
        select exists (select from pg_locks where not granted) as waits`.execute(shipping.db)
      return found.rows[0]?.waits === true
    })
  await requireSteps([])
  const [late, early] = [await shipping.packed(), await shipping.packed()]
  let shipped: Promise<string[]> = Promise.resolve([])
  await change(['check'], async () => {
    shipped = ship(late.id)
    await waits()
  })
  assert.deepEqual(await shipped, ['not_checked'])
  await requireSteps([])
  let changed: Promise<void> = Promise.resolve()
  await shipping.run(async (tx) => {
    assert.deepEqual(codes(await shipDeliveries(tx, [early.id], by)), ['done'])
    changed = change(['check'], async () => {})
    await waits()
  })
  await changed
  const kept = await sql<{ steps: string[] }>`
    select ship_steps as steps from delivery where id = ${early.id}`.execute(shipping.db)
  assert.deepEqual(kept.rows, [{ steps: [] }])
})

test('a parcel that comes back needs the steps that its warehouse requires now, not those it left by', async () => {
  await requireSteps([])
  const { id } = await shipping.packed()
  assert.deepEqual(await ship(id), ['done'])
  await requireSteps(['print', 'check'])
  assert.deepEqual(codes(await shipping.run((tx) => unshipDeliveries(tx, [id], by))), ['done'])
  assert.equal(await stateOf(id), 'check')
  assert.deepEqual(await ship(id), ['not_checked'])
  await requireSteps(['print'])
  assert.deepEqual(await ship(id), ['done'])
})

test('a stop is named before a missing step', async () => {
  await requireSteps(['check'])
  const { id, orderId } = await shipping.packed()
  await shipping.run((tx) => holdOrders(tx, [orderId], { reason: 'other', note: '等', until: null }, by))
  assert.deepEqual(await ship(id), ['on_hold'])
})

test('a hold and an undone shipping keep what was done; taking the delivery back ends it', async () => {
  await requireSteps(['check', 'weigh'])
  const { id, orderId } = await shipping.packed()
  await done(id, 'checked')
  await shipping.run((tx) => holdOrders(tx, [orderId], { reason: 'other', note: '等', until: null }, by))
  await shipping.run((tx) => liftHolds(tx, [orderId], {}, by))
  assert.equal(await stateOf(id), 'weigh')
  await done(id, 'weighed')
  assert.deepEqual(await ship(id), ['done'])
  await shipping.run((tx) => unshipDeliveries(tx, [id], by))
  assert.equal(await stateOf(id), 'ready')
  await shipping.run((tx) => unreleaseDeliveries(tx, [id], by))
  const facts = await sql<{ checked: Date | null; weighed: Date | null }>`
    select checked_at as checked, weighed_at as weighed from delivery where id = ${id}`.execute(shipping.db)
  assert.deepEqual(facts.rows, [{ checked: null, weighed: null }])
  await shipping.run((tx) => releaseOrders(tx, [orderId], by))
  const made = await sql<{ id: string }>`
    select id from delivery where order_id = ${orderId} order by id`.execute(shipping.db)
  const states = await Promise.all(made.rows.map((one) => stateOf(one.id)))
  assert.deepEqual(states, ['cancelled', 'number'])
})

test('a printed label and a changed setting do not wait for a planning that puts the parcel into a wave', async () => {
  await requireSteps(['print'])
  const [{ id } = assert.fail()] = await numbered(shipping, 1)
  const made = await sql<{ id: string }>`
    with job as (
      insert into print_job (printer, created_by, created_by_id) values ('', '周强', '1') returning id
    )
    insert into print_document (job_id, seq, waybill_id, nth, state, spooled_at, ended_at)
    select job.id, 1, w.id, 1, 'printed', now(), now() from job, waybill w where w.delivery_id = ${id}
    returning waybill_id as id`.execute(shipping.db)
  await shipping.run(async (planning) => {
    await sql`select from delivery where id = ${id} for key share`.execute(planning)
    await shipping.run(async (tx) => {
      await sql`set local lock_timeout = '2s'`.execute(tx)
      await writePrinted(
        tx,
        made.rows.map((row) => row.id),
        '周强',
      )
    })
    assert.equal(await stateOf(id), 'ready')
    await shipping.run(async (tx) => {
      await sql`set local lock_timeout = '2s'`.execute(tx)
      const changed = await sql<{ id: string }>`
        update warehouse set ship_steps = array['print', 'check'] returning id`.execute(tx)
      await renewShipSteps(tx, changed.rows[0]?.id ?? '')
    })
    assert.equal(await stateOf(id), 'check')
  })
  await requireSteps(['print'])
})
