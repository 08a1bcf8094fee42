import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { withPlans } from '../../core/db/db.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { anAccount, aShippingHouse, printLabel, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { renewShipSteps } from '../ship-steps.ts'
import type { StationAnswer } from './contract.ts'
import { recount, scan, setAside } from './station.ts'
import { nowAt } from './station-now.ts'

// Settings of a warehouse and of SKUs: printing at the last piece, goods that are scanned once, and goods with a serial number.

const sun: Actor = { kind: 'user', id: '21', name: '孙悦' }
const by = { actor: sun, scope: wholeScope }
const station = '1 号台'

describe('a station with settings', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    await sql`delete from station_parcel`.execute(house.db)
    await sql`update sku set scan_once = false, needs_serial = false`.execute(house.db)
    await setWarehouse(false)
  })

  const setWarehouse = (printsLast: boolean) =>
    house.run(async (tx) => {
      const changed = await sql<{ id: string }>`
        update warehouse set ship_steps = '{print,check}', prints_last = ${printsLast} returning id`.execute(
        tx,
      )
      await renewShipSteps(tx, changed.rows[0]?.id ?? '')
    })
  const deps = () => ({ db: withPlans(house.db), leaving: { ask: async () => {}, ship: shipDeliveries } })
  const scanned = (code: string, key: string = randomUUID()) => scan(deps(), { station, key, code }, by)
  const kind = ({ verdict }: StationAnswer) => verdict.kind
  const says = ({ verdict }: StationAnswer) => [verdict.kind, verdict.message.zh]
  const delivery = async (id: string) => {
    const found = await sql<{ no: string; orderNo: string; lines: { code: string; pieces: number }[] }>`
      select d.no, d.order_no as "orderNo", json_agg(json_build_object('code', s.code, 'pieces', l.quantity) order by l.line_no) as lines
      from delivery d join order_line l on l.order_id = d.order_id join sku s on s.id = l.sku_id
      where d.id = ${id} group by d.id`.execute(house.db)
    return found.rows[0] ?? assert.fail()
  }
  /** Makes the first line of the parcel three pieces of a SKU with this setting, and the second one piece of another SKU. */
  const aParcel = async (setting: 'scan_once' | 'needs_serial', with3 = 3) => {
    const parcel = await house.packed({ lines: 2 })
    await sql`update order_line set quantity = case line_no when 1 then ${with3}::int else 1 end where order_id = ${parcel.orderId}`.execute(
      house.db,
    )
    await sql`
      update reservation set wanted = case line_no when 1 then ${with3}::int else 1 end, reserved = case line_no when 1 then ${with3}::int else 1 end
      where order_id = ${parcel.orderId}`.execute(house.db)
    await sql`
      update stock s set reserved = (
        select coalesce(sum(r.reserved), 0) from reservation r
        where r.warehouse_id = s.warehouse_id and r.sku_id = s.sku_id and not r.shipped)`.execute(house.db)
    const { lines } = await delivery(parcel.id)
    const [one = '', two = ''] = lines.map(({ code }) => code)
    await sql`update sku set ${sql.ref(setting)} = true where code = ${one}`.execute(house.db)
    return { ...parcel, one, two }
  }

  test('one scan counts all pieces of a SKU that is scanned once', async () => {
    const { one, two, waybillNo, id } = await aParcel('scan_once')
    const opened = await scanned(waybillNo)
    assert.deepEqual(
      opened.parcel?.lines.map(({ wanted, scanOnce }) => [wanted, scanOnce]),
      [
        [3, true],
        [1, false],
      ],
    )
    const right = await scanned(one)
    assert.deepEqual(says(right), ['right', '对，还差 1 件'])
    assert.match(right.verdict.hint.zh, /^整单一扫：.*，3 件都算数$/)
    assert.equal(kind(await scanned(one)), 'extra')
    assert.deepEqual(says(await scanned(two)), ['shipped', '发了，4 件'])
    assert.equal((await house.state(id)).delivery, 'shipped')
  })

  test('after a piece its serial number is scanned, once in a parcel, and the platform gets them', async () => {
    const { one, two, waybillNo, id, tid } = await aParcel('needs_serial', 2)
    await scanned(waybillNo)
    const asks = await scanned(one)
    assert.deepEqual([...says(asks), asks.parcel?.asksSerial], ['serial', '扫串号', true])
    assert.equal((await nowAt(house.db, station, by)).parcel?.asksSerial, true)
    for (const other of [one, two, waybillNo, 'a b', 'x:1'])
      assert.deepEqual(says(await scanned(other)), ['wrong', '不对，要扫串号'])
    assert.deepEqual(says(await scanned('860000000000017')), ['right', '对，还差 2 件'])
    assert.equal(kind(await scanned(two)), 'right')
    assert.equal(kind(await scanned(one)), 'serial')
    assert.deepEqual(says(await scanned('860000000000017')), ['wrong', '这个串号扫过了'])
    assert.equal(kind(await scanned('860000000000025')), 'shipped')
    const outbox = house.outbox()
    assert.equal((await house.settled(id)).writeBack, 'done')
    await outbox.stop()
    assert.deepEqual(
      house.trade(tid).lines.map(({ identCodes }) => identCodes),
      [['860000000000017', '860000000000025'], []],
    )
  })

  test('a parcel that is set aside keeps its serial numbers, and one that is counted again gets new ones', async () => {
    const { one, waybillNo, id } = await aParcel('needs_serial', 2)
    const serials = async () => {
      const found = await sql<{ serial: string }>`
        select serial from delivery_serial where delivery_id = ${id} order by serial`.execute(house.db)
      return found.rows.map(({ serial }) => serial)
    }
    await scanned(waybillNo)
    await scanned(one)
    await scanned('SN-0001')
    await scanned(one)
    assert.equal(kind(await setAside(deps(), { station, key: randomUUID() }, by)), 'aside')
    const again = await scanned(waybillNo)
    assert.deepEqual([again.parcel?.asksSerial, again.parcel?.lines[0]?.counted], [false, 1])
    assert.deepEqual(await serials(), ['SN-0001'])
    await scanned(one)
    const anew = await recount(deps(), { station, key: randomUUID() }, by)
    assert.deepEqual([anew.parcel?.asksSerial, await serials()], [false, []])
    await scanned(one)
    assert.equal(kind(await scanned('SN-0001')), 'right')
    assert.deepEqual(await serials(), ['SN-0001'])
  })

  test('printing last: opened by its order, the last piece asks for the number, and the printed label lets it out', async () => {
    await setWarehouse(true)
    const { id } = await house.released({ lines: 1 })
    const { no, orderNo, lines } = await delivery(id)
    const opened = await scanned(orderNo)
    assert.deepEqual(
      [kind(opened), opened.parcel?.deliveryId, opened.parcel?.labelNow],
      ['opened', id, false],
    )
    const all = lines.flatMap(({ code, pieces }) => Array.from({ length: pieces }, () => code))
    const pieces = async () => {
      let last = opened
      for (const code of all) last = await scanned(code)
      return last
    }
    assert.deepEqual(says(await pieces()), ['stuck', '验完了，取不到号'])
    await anAccount(house)
    const asked = await scanned(no)
    assert.deepEqual([...says(asked), asked.parcel?.labelNow], ['opened', '验完了，正在取号', true])
    const outbox = house.outbox()
    await until(async () => (await nowAt(house.db, station, by)).parcel?.workState === 'print')
    await outbox.stop()
    assert.equal((await nowAt(house.db, station, by)).parcel?.labelNow, true)
    assert.deepEqual(says(await scanned(no)), ['opened', '验完了，正在打面单'])
    await printLabel(house, id)
    assert.equal(kind(await scanned(no)), 'shipped')
  })

  test('scans of one station at once count each wanted piece once', async () => {
    const { waybillNo, one, id } = await aParcel('scan_once')
    await sql`update sku set scan_once = false`.execute(house.db)
    await scanned(waybillNo)
    const said = await Promise.all(Array.from({ length: 6 }, () => scanned(one)))
    assert.deepEqual(said.map(kind).sort(), ['extra', 'extra', 'extra', 'right', 'right', 'right'])
    const counted = await sql<{ counted: number }>`
      select counted from station_count where delivery_id = ${id}`.execute(house.db)
    assert.deepEqual(counted.rows, [{ counted: 3 }])
    assert.deepEqual(
      said.flatMap(({ verdict }) => (verdict.kind === 'right' ? [verdict.message.zh] : [])).sort(),
      ['对，还差 1 件', '对，还差 2 件', '对，还差 3 件'],
    )
  })
})
