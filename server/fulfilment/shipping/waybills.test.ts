import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { shipDeliveries } from '../../flows/ship.ts'
import { inOneParcel } from '../../testing/numbers/numbered.ts'
import { codes, must } from '../../testing/run.ts'
import { aShippingHouse, aWaybill, byPacker as by, type ShippingHouse } from '../../testing/shipping.ts'
import { changeWaybills } from '../write-back/change-waybill.ts'
import { importWaybills } from './import.ts'
import { setWaybills } from './waybills.ts'

let house: ShippingHouse
before(async () => {
  house = await aShippingHouse()
})
after(() => house[Symbol.asyncDispose]())

const merged = async () => {
  const both = [await house.released(), await house.released()] as const
  await inOneParcel(
    house,
    both.map(({ id }) => id),
  )
  return both
}
const rowsOf = (...given: readonly (readonly [id: string, waybillNo: string])[]) =>
  given.map(([deliveryId, waybillNo]) => ({ deliveryId, courier: 'SF', waybillNo }))
const typed = (...given: readonly (readonly [id: string, waybillNo: string])[]) =>
  house.run((tx) => setWaybills(tx, rowsOf(...given), by)).then(codes)
const numbers = async (...ids: readonly string[]) => {
  const found = await sql<{ no: string }>`
    select waybill_no as no from delivery where id = any(${ids}::bigint[]) order by id`.execute(house.db)
  return found.rows.map(({ no }) => no)
}

test('two waybills for one parcel are refused in each of its rows, and another parcel is written', async () => {
  const [[one, mate], other] = [await merged(), await house.released()]
  const [a, b, c] = [aWaybill(), aWaybill(), aWaybill()]
  assert.deepEqual(await typed([one.id, a], [mate.id, b], [other.id, c]), [
    'parcel_waybills',
    'parcel_waybills',
    'done',
  ])
  assert.deepEqual(await numbers(one.id, mate.id, other.id), ['', '', c])
  assert.deepEqual(await typed([one.id, a], [mate.id, a]), ['done', 'done'])
  assert.deepEqual(await numbers(one.id, mate.id), [a, a])
})

test('a delivery that comes twice with different waybills gets none of them; with the same one it gets it', async () => {
  const { id } = await house.released()
  const [a, b] = [aWaybill(), aWaybill()]
  assert.deepEqual(new Set(await typed([id, a], [id, b])), new Set(['parcel_waybills']))
  assert.deepEqual(await numbers(id), [''])
  assert.deepEqual(new Set(await typed([id, a], [id, a])), new Set(['done']))
  assert.deepEqual(await numbers(id), [a])
})

test('a pasted list names both rows that give one parcel two waybills', async () => {
  const [one, mate] = await merged()
  const text = `${one.tid} SF ${aWaybill()}\n${mate.tid} SF ${aWaybill()}`
  const report = await importWaybills(house.db, { text }, undefined, by)
  assert.equal(report.written, 0)
  assert.deepEqual(
    report.refused.map(({ row, column, code }) => [row, column, code]),
    [
      [1, '运单号', 'parcel_waybills'],
      [2, '运单号', 'parcel_waybills'],
    ],
  )
  assert.deepEqual(await numbers(one.id, mate.id), ['', ''])
})

test('a shipped parcel keeps its waybill if it would be changed into two', async () => {
  const [one, mate] = await merged()
  // Both trades are of one buyer.
  house.trade(mate.tid).buyer = house.trade(one.tid).buyer
  const a = aWaybill()
  assert.deepEqual(await typed([one.id, a]), ['done'])
  must(await house.run((tx) => shipDeliveries(tx, [one.id, mate.id], by)))
  const outbox = house.outbox()
  for (const { id } of [one, mate]) assert.equal((await house.settled(id)).writeBack, 'done')
  await outbox.stop()
  const change = (...given: readonly (readonly [id: string, waybillNo: string])[]) =>
    house.run((tx) => changeWaybills(tx, rowsOf(...given), '面单贴错', by)).then(codes)
  assert.deepEqual(await change([one.id, aWaybill()], [mate.id, aWaybill()]), [
    'parcel_waybills',
    'parcel_waybills',
  ])
  assert.deepEqual(await numbers(one.id, mate.id), [a, a])
  const b = aWaybill()
  assert.deepEqual(await change([one.id, b], [mate.id, b]), ['done', 'done'])
  assert.deepEqual(await numbers(one.id, mate.id), [b, b])
})
