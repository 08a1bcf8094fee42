import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { chooseCourier } from '../../orders/review/edit.ts'
import { inOneParcel } from '../../testing/numbers/numbered.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, byPacker as by, packer, type ShippingHouse } from '../../testing/shipping.ts'
import { importWaybills } from './import.ts'
import { setWaybills } from './waybills.ts'

let house: ShippingHouse
before(async () => {
  house = await aShippingHouse()
})
after(() => house[Symbol.asyncDispose]())

let made = 0
const typed = (...rows: [deliveryId: string, courier: string][]) =>
  house.run((tx) =>
    setWaybills(
      tx,
      rows.map(([deliveryId, courier]) => {
        made += 1
        return { deliveryId, courier, waybillNo: `TYPED${1000 + made}` }
      }),
      by,
    ),
  )
const couriers = async (...ids: string[]) => {
  const found = await sql<{ courier: string }>`
    select courier from delivery where id = any(${ids}::bigint[]) order by id`.execute(house.db)
  return found.rows.map(({ courier }) => courier)
}

test('a typed waybill of another courier than the designated one is refused by name, and the other rows are written', async () => {
  const [bySf, free, either] = [
    await house.released({ couriers: 'SF' }),
    await house.released(),
    await house.released({ couriers: 'ZTO,STO' }),
  ]
  const outcomes = await typed([bySf.id, 'YTO'], [free.id, 'YTO'], [either.id, 'STO'])
  assert.deepEqual(codes(outcomes), ['designated_courier', 'done', 'done'])
  const [refused] = outcomes
  assert.ok(refused && !refused.done)
  assert.deepEqual(refused.message, {
    zh: '平台指定了顺丰速运，不能填圆通速递。换运单，或在订单上人工改快递',
    en: 'The platform designates SF Express, not YTO Express. Type another waybill, or choose the courier by hand',
  })
  assert.deepEqual(await couriers(bySf.id, free.id, either.id), ['', 'YTO', 'STO'])
  await house.run((tx) => chooseCourier(tx, [bySf.orderId], 'YTO', packer))
  assert.deepEqual(codes(await typed([bySf.id, 'YTO'])), ['done'])
})

test('a sheet names the row and the column of such a waybill', async () => {
  const [bySf, other] = [await house.released({ couriers: 'SF' }), await house.released({ couriers: 'SF' })]
  const text = `${bySf.tid} 圆通 YT2000000001\n${other.tid} 顺丰 SF2000000001`
  const report = await importWaybills(house.db, { text }, undefined, by)
  assert.equal(report.written, 1)
  assert.deepEqual(
    report.refused.map(({ row, column, code }) => [row, column, code]),
    [[1, '快递', 'designated_courier']],
  )
  assert.deepEqual(await couriers(bySf.id, other.id), ['', 'SF'])
})

test('in one parcel the couriers that are designated for each trade count', async () => {
  const [free, bySf] = [await house.released(), await house.released({ couriers: 'SF' })]
  await inOneParcel(house, [free.id, bySf.id])
  assert.deepEqual(codes(await typed([free.id, 'YTO'])), ['designated_courier'])
  assert.deepEqual(await couriers(free.id, bySf.id), ['', ''])
  assert.deepEqual(codes(await typed([free.id, 'SF'])), ['done'])
  assert.deepEqual(await couriers(free.id, bySf.id), ['SF', 'SF'])
})
