import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { figuresOf } from '../../../sandbox/world/label-books.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import {
  aWaybillAccount,
  inOneParcel,
  labelsOf,
  numbered,
  numbersSettled,
  printPackages,
  requestsOf,
} from '../../testing/numbers/numbered.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, aWaybill, byPacker as by, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { setPackages } from '../desk/set-packages.ts'
import { unreleaseDeliveries } from '../shipping/release.ts'
import { setWaybills } from '../shipping/waybills.ts'
import { ourCounts } from './count-queries.ts'
import { giveBackNumbers } from './give-back.ts'
import { takeNumbers } from './take.ts'

const sf = {
  courier: 'SF',
  branchCode: 'SF571001',
  templateUrl: 'http://cloudprint.cainiao.com/template/standard/801/1',
}
const yunda = {
  courier: 'YDKY',
  branchCode: 'CN7000001021040571001',
  templateUrl: 'http://cloudprint.cainiao.com/template/standard/901/1',
}

describe('numbers of deliveries that consist of several packages', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    house.sandbox.sandbox.board.faults = []
    await sql`update waybill_account set enabled = false`.execute(house.db)
    await aWaybillAccount(house, sf)
  })

  const shop = () => house.sandbox.world.shops[0] ?? assert.fail()
  const say = (packages: number, ...ids: string[]) =>
    house.run((tx) => setPackages(tx, ids, packages, by)).then(codes)
  const take = (...ids: string[]) => house.run((tx) => takeNumbers(tx, ids, by)).then(codes)
  const several = async (packages: number) => {
    const one = await house.released()
    assert.deepEqual(await say(packages, one.id), ['done'])
    return one
  }
  const packagesOf = async (id: string) => {
    const found = await sql<{ n: number; no: string; main: string }>`
      select k.nth as n, k.waybill_no as no, k.main_no as main from delivery d join waybill_package k on k.courier = d.courier and k.main_no = d.waybill_no
      where d.id = ${id} order by k.nth`.execute(house.db)
    return found.rows
  }
  const deliveryNo = async (id: string) => {
    const found = await sql<{ no: string; count: number }>`
      select waybill_no as no, package_count as count from delivery where id = ${id}`.execute(house.db)
    return found.rows[0] ?? assert.fail()
  }

  test('each package gets a number, and the delivery ships with the main one', async () => {
    const one = await several(3)
    await numbered(house, [one.id])
    const given = labelsOf(house, one.tid)
    assert.equal(given.length, 3)
    const main = given[0]?.parent ?? ''
    assert.deepEqual(await deliveryNo(one.id), { no: main, count: 3 })
    assert.deepEqual(
      await packagesOf(one.id),
      given.map(({ waybill }, at) => ({ n: at + 1, no: waybill, main })),
    )
    await printPackages(house, one.id)
    assert.deepEqual(await house.run((tx) => shipDeliveries(tx, [one.id], by)).then(codes), ['done'])
    const outbox = house.outbox()
    assert.equal((await house.settled(one.id)).writeBack, 'done')
    await outbox.stop()
    assert.deepEqual(
      house.trade(one.tid).lines.map(({ waybill }) => waybill),
      [main, main],
    )
  })

  test('a freight courier’s main number is a number of its own, which no package has', async () => {
    await sql`update waybill_account set enabled = false`.execute(house.db)
    await aWaybillAccount(house, yunda)
    const one = await several(2)
    await numbered(house, [one.id])
    const given = labelsOf(house, one.tid)
    const { no } = await deliveryNo(one.id)
    assert.equal(no, given[0]?.parent)
    assert.ok(!given.some(({ waybill }) => waybill === no))
    assert.deepEqual(
      (await packagesOf(one.id)).map((row) => row.no),
      given.map(({ waybill }) => waybill),
    )
  })

  test('a courier without sub-waybills is refused by name when the number is said, and nothing is written', async () => {
    await sql`update waybill_account set enabled = false`.execute(house.db)
    await aWaybillAccount(house)
    const { id, orderId } = await house.released()
    const [outcome] = await house.run((tx) => setPackages(tx, [id], 2, by))
    assert.deepEqual(outcome, {
      id,
      ref: (await sql<{ no: string }>`select no from delivery where id = ${id}`.execute(house.db)).rows[0]
        ?.no,
      done: false,
      code: 'no_sub_waybills',
      message: {
        zh: '圆通速递没有子母件，一单只有一个包裹的号。换快递，或按包裹拆单',
        en: 'YTO Express has no sub-waybills, only one number for a parcel. Choose another courier, or split the order',
      },
    })
    assert.equal((await deliveryNo(id)).count, 1)
    const events =
      await sql`select from order_event where order_id = ${orderId} and event = 'packages'`.execute(house.db)
    assert.equal(events.rows.length, 0)
    // With an account of 顺丰 beside it, that one is taken.
    await aWaybillAccount(house, sf)
    assert.deepEqual(await say(2, id), ['done'])
    await numbered(house, [id])
    assert.ok((await deliveryNo(id)).no.startsWith('SF'))
  })

  test('a typed waybill asks no account, whose courier may have no sub-waybills', async () => {
    await sql`update waybill_account set enabled = false`.execute(house.db)
    await aWaybillAccount(house)
    const typed = await house.packed()
    assert.deepEqual(await say(2, typed.id), ['done'])
    assert.equal((await deliveryNo(typed.id)).count, 2)
    assert.deepEqual(await requestsOf(house, typed.id), [])
  })

  test('a courier that was changed after the packages were said gives no number', async () => {
    const one = await several(2)
    await sql`update waybill_account set enabled = false`.execute(house.db)
    await aWaybillAccount(house)
    assert.deepEqual(await take(one.id), ['no_sub_waybills'])
    assert.deepEqual(await requestsOf(house, one.id), [])
  })

  test('after its number is asked for the packages change only once it was given back, which gives back each', async () => {
    const one = await several(3)
    assert.deepEqual(await take(one.id), ['done'])
    assert.deepEqual(await say(2, one.id), ['number_taken'])
    const outbox = house.outbox()
    await numbersSettled(house)
    assert.deepEqual(await say(2, one.id), ['number_taken'])
    assert.deepEqual(await house.run((tx) => giveBackNumbers(tx, [one.id], '', by)).then(codes), ['done'])
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual(
      labelsOf(house, one.tid).map(({ cancelled }) => cancelled),
      [true, true, true],
    )
    assert.deepEqual(await requestsOf(house, one.id), ['returned'])
    assert.deepEqual(await say(1, one.id), ['done'])
    await numbered(house, [one.id])
    assert.equal(labelsOf(house, one.tid).length, 4)
    assert.deepEqual(await packagesOf(one.id), [])
  })

  test('a delivery that is cancelled while its numbers are asked for gives back each of them', async () => {
    const one = await several(2)
    await house.control('faults', {
      kind: 'slow',
      ms: 400,
      shop: shop().key,
      method: 'cainiao.waybill.ii.get',
      count: 1,
    })
    assert.deepEqual(await take(one.id), ['done'])
    const outbox = house.outbox()
    await until(async () => labelsOf(house, one.tid).length === 2)
    await house.run((tx) => unreleaseDeliveries(tx, [one.id], by))
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual(
      labelsOf(house, one.tid).map(({ cancelled }) => cancelled),
      [true, true],
    )
  })

  test('a lost answer is looked up: the same numbers, under the same main number, and none twice', async () => {
    const one = await several(3)
    await house.control('faults', {
      ...{ kind: 'timeout-after', ms: 20, shop: shop().key, method: 'cainiao.waybill.ii.get', count: 1 },
    })
    await numbered(house, [one.id])
    const given = labelsOf(house, one.tid)
    assert.equal(given.length, 3)
    assert.deepEqual(
      (await packagesOf(one.id)).map(({ no, main }) => [no, main]),
      given.map(({ waybill, parent }) => [waybill, parent]),
    )
  })

  test('a process killed between request and answer leaves the numbers to the next, which finds all of them', async () => {
    const one = await several(3)
    const { number, seal, hash } = house.ring.current
    const keys = join(mkdtempSync(join(tmpdir(), 'packages-')), 'keys.json')
    writeFileSync(
      keys,
      JSON.stringify({ keys: [{ number, seal: seal.toString('base64'), hash: hash.toString('base64') }] }),
    )
    const script = fileURLToPath(new URL('../../testing/numbers/number-worker.ts', import.meta.url))
    await house.control('faults', {
      ...{ kind: 'timeout-after', ms: 30_000, shop: shop().key, method: 'cainiao.waybill.ii.get', count: 1 },
    })
    assert.deepEqual(await take(one.id), ['done'])
    const child = fork(script, [house.databaseUrl, keys, 'look_up'], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    await until(async () => labelsOf(house, one.tid).length === 3)
    const gone = new Promise((settle) => void child.once('exit', settle))
    child.kill('SIGKILL')
    await gone
    assert.deepEqual(await requestsOf(house, one.id), ['asked'])
    await sql`update platform_action set lease_until = now() where lease_until is not null`.execute(house.db)
    const outbox = house.outbox()
    await numbersSettled(house, 60_000)
    await outbox.stop()
    assert.equal(labelsOf(house, one.tid).length, 3)
    assert.equal((await packagesOf(one.id)).length, 3)
  })

  test('two clerks at once: one request of a delivery, and one number of packages', async () => {
    const one = await house.released()
    const said = await Promise.all([say(2, one.id), say(3, one.id)])
    assert.deepEqual(said, [['done'], ['done']])
    const { count } = await deliveryNo(one.id)
    const taken = await Promise.all([take(one.id), take(one.id)])
    assert.deepEqual(taken.flat().toSorted(), ['already', 'done'])
    const outbox = house.outbox()
    await numbersSettled(house)
    await outbox.stop()
    assert.equal(labelsOf(house, one.tid).length, count)
    assert.equal((await packagesOf(one.id)).length, count)
  })

  test('saying the same twice is noted once', async () => {
    const one = await several(2)
    assert.deepEqual(await say(2, one.id), ['done'])
    const events = await sql<{ detail: unknown }>`
      select detail from order_event where order_id = ${one.orderId} and event = 'packages'`.execute(house.db)
    assert.deepEqual(events.rows, [{ detail: { packages: 2 } }])
  })

  test('a number that a person typed on another delivery meanwhile stays there, and all that came go back', async () => {
    const [one, other] = [await several(2), await several(2)]
    await house.control('faults', {
      ...{ kind: 'slow', ms: 400, shop: shop().key, method: 'cainiao.waybill.ii.get', count: 1 },
    })
    assert.deepEqual(await take(one.id), ['done'])
    const outbox = house.outbox()
    await until(async () => labelsOf(house, one.tid).length === 2)
    const sub = labelsOf(house, one.tid)[1]?.waybill ?? ''
    const typed = {
      deliveryId: other.id,
      courier: 'SF',
      waybillNo: aWaybill(),
      packageNos: [aWaybill(), sub],
    }
    assert.deepEqual(await house.run((tx) => setWaybills(tx, [typed], by)).then(codes), ['done'])
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual(
      (await packagesOf(other.id)).map(({ no }) => no),
      typed.packageNos,
    )
    assert.equal((await deliveryNo(one.id)).no, '')
    assert.deepEqual(await requestsOf(house, one.id), ['returned'])
    assert.deepEqual(
      labelsOf(house, one.tid).map(({ cancelled }) => cancelled),
      [true, true],
    )
  })

  test('a merged shipment has one number of packages, and one request', async () => {
    const [a, b] = [await house.released(), await house.released()]
    await inOneParcel(house, [a.id, b.id])
    assert.deepEqual(await say(2, b.id), ['done'])
    assert.deepEqual([(await deliveryNo(a.id)).count, (await deliveryNo(b.id)).count], [2, 2])
    await numbered(house, [a.id, b.id])
    assert.equal(labelsOf(house, a.tid).length, 2)
    assert.deepEqual(await packagesOf(a.id), await packagesOf(b.id))
    assert.deepEqual(await say(1, a.id), ['number_taken'])
  })

  test('each package counts where our numbers are counted against the source’s', async () => {
    const one = await several(4)
    await numbered(house, [one.id])
    const ours = (await ourCounts(house.db, house.shopId, 'cainiao')).find(({ courier }) => courier === 'SF')
    const { used, cancelled } = figuresOf(house.sandbox.world, shop(), 'SF')
    assert.equal(ours?.ours, used - cancelled)
  })
})
