import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import { aReturnHouse } from '../../testing/returns.ts'
import { packer } from '../../testing/shipping.ts'
import { handOut, handoutsOf } from './handouts.ts'

const house = await aReturnHouse()
const { db, shopId } = house
after(() => house[Symbol.asyncDispose]())
const platform = connectors.find(({ posted }) => posted?.by === 'sheet')?.id ?? ''
await sql`update shop set platform = ${platform} where id = ${shopId}`.execute(db)

/** Ships an order, and its write-back ends. */
async function written(): Promise<string> {
  const { deliveryId } = await house.shipped()
  await writesBack(deliveryId)
  return deliveryId
}
const writesBack = (deliveryId: string) =>
  house.run(async (tx) => {
    await sql`update delivery set write_back = 'waiting' where id = ${deliveryId}`.execute(tx)
    await sql`update delivery set write_back = 'done' where id = ${deliveryId}`.execute(tx)
  })
const waiting = async () => (await handoutsOf(db, shopId, wholeScope)).waiting
const due = async () => {
  const found = await sql<{ n: number }>`select count(*)::int as n from handout_due`.execute(db)
  return found.rows[0]?.n
}
const by = { actor: packer, scope: wholeScope }
const make = () => house.run((tx) => handOut(tx, { shopId, columns: undefined }, by))

test('a parcel that was handed out is read by no later count, and another waybill of it waits again', async () => {
  const first = await written()
  await written()
  assert.deepEqual([await waiting(), await due()], [2, 2])
  assert.equal((await make()).parcels, 2)
  assert.deepEqual([await waiting(), await due()], [0, 0])

  await sql`update delivery set waybill_no = 'SF9990001112223' where id = ${first}`.execute(db)
  await writesBack(first)
  assert.deepEqual([await waiting(), await due()], [1, 1])
  assert.equal((await make()).parcels, 1)
  assert.deepEqual(await make(), { id: null, parcels: 0 })
})

test('a parcel whose shipping is undone waits no more, and waits once when it left again', async () => {
  const id = await written()
  await sql`
    update delivery set status = 'pending', write_back = '', shipped_at = null where id = ${id}`.execute(db)
  assert.equal(await waiting(), 0)
  assert.deepEqual(await make(), { id: null, parcels: 0 })
  await sql`update delivery set status = 'shipped', write_back = 'waiting', shipped_at = now() where id = ${id}`.execute(
    db,
  )
  await sql`update delivery set write_back = 'done' where id = ${id}`.execute(db)
  assert.equal(await waiting(), 1)
  assert.equal((await make()).parcels, 1)
})

test('a waybill whose write-back ends while a sheet is made is in the next one', async () => {
  const id = await written()
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const changing = house.run(async (tx) => {
    await sql`update delivery set waybill_no = 'SF9990001112224', write_back = 'waiting' where id = ${id}`.execute(
      tx,
    )
    await sql`update delivery set write_back = 'done' where id = ${id}`.execute(tx)
    begun.resolve()
    await end.promise
  })
  await begun.promise
  const made = make()
  setTimeout(end.resolve, 300)
  const [{ id: handoutId }] = await Promise.all([made, changing])
  const sheet = await sql<{ no: string }>`
    select waybill_no as no from handout_parcel where handout_id = ${handoutId}`.execute(db)
  assert.deepEqual(sheet.rows, [{ no: 'SF9990001112224' }])
  assert.deepEqual([await waiting(), await due()], [0, 0])
})

test('parcels of other shops are not noted', async () => {
  await sql`update shop set platform = ${connectors[0]?.id} where id = ${shopId}`.execute(db)
  await written()
  assert.equal(await due(), 0)
})
