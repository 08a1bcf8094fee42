import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { listIds } from '../core/lists/list.ts'
import { shipDeliveries } from '../flows/ship.ts'
import { removeFromShipments } from '../orders/shipments/merge-queries.ts'
import {
  aWaybillAccount,
  inOneParcel,
  labelsOf,
  numbered,
  numbersSettled,
  printPackages,
} from '../testing/numbers/numbered.ts'
import { codes } from '../testing/run.ts'
import { aShippingHouse, aWaybill, byPacker as by, packer, type ShippingHouse } from '../testing/shipping.ts'
import { setPackages } from './desk/set-packages.ts'
import { deliveriesOfCode, findOrdersOfWaybill } from './find.ts'
import { shippedByWaybill } from './intercepts/for-returns.ts'
import { deliveries } from './lists.ts'
import { parcelsOfDay } from './papers/paper-queries.ts'
import { partDeliveries } from './parcels.ts'
import { printLabels } from './printing/print.ts'
import { documentsOf } from './printing/print-queries.ts'
import { showLabel } from './printing/show-label.ts'
import { renewShipSteps } from './ship-steps.ts'
import { releaseOrders, unreleaseDeliveries } from './shipping/release.ts'
import { setWaybills } from './shipping/waybills.ts'
import { recount, scan, weigh } from './stations/station.ts'
import { viewDeliveries } from './view.ts'
import { giveBackNumbers } from './waybills/give-back.ts'
import { adoptPlatformWaybills } from './write-back/platform-waybill.ts'

const sf = {
  courier: 'SF',
  branchCode: 'SF571001',
  templateUrl: 'http://cloudprint.cainiao.com/template/standard/801/1',
}

describe('a delivery of several packages', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
    await aWaybillAccount(house, sf)
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    await sql`delete from station_parcel`.execute(house.db)
    await requireSteps(['print'])
  })

  const requireSteps = (steps: readonly string[]) =>
    house.run(async (tx) => {
      const changed = await sql<{ id: string }>`
        update warehouse set ship_steps = ${[...steps]} returning id`.execute(tx)
      await renewShipSteps(tx, changed.rows[0]?.id ?? '')
    })
  const several = async (packages: number) => {
    const one = await house.released()
    await house.run((tx) => setPackages(tx, [one.id], packages, by))
    return one
  }
  /** A delivery with numbers of its source, and these numbers in the order of the packages. */
  const withNumbers = async (packages: number) => {
    const one = await several(packages)
    await numbered(house, [one.id])
    return { ...one, nos: labelsOf(house, one.tid).map(({ waybill }) => waybill) }
  }
  const type = (deliveryId: string, waybillNo: string, packageNos: string[] = [], courier = 'SF') =>
    house.run((tx) => setWaybills(tx, [{ deliveryId, courier, waybillNo, packageNos }], by)).then(codes)
  const ship = (id: string) => house.run((tx) => shipDeliveries(tx, [id], by)).then(codes)
  const row = async (id: string) => (await viewDeliveries(house.db, [id]))[0] ?? assert.fail()
  const states = async (job: string) =>
    (await documentsOf(house.db, job)).map(({ seq, n, waybillNo, state }) => [seq, n, waybillNo, state])

  describe('its labels', () => {
    test('are printed beside each other in their order, each with its own data and result', async () => {
      const [a, b] = [await withNumbers(3), await withNumbers(1)]
      const { job } = await house.run((tx) =>
        printLabels(tx, { ids: [a.id, b.id], printer: '', reason: '' }, by),
      )
      assert.deepEqual(await states(job ?? ''), [
        ...a.nos.map((no, at) => [at + 1, at + 1, no, 'waiting']),
        [4, 1, b.nos[0], 'waiting'],
      ])
      await sql`delete from print_document where job_id = ${job}`.execute(house.db)
      const first = await printPackages(house, a.id, [2])
      assert.deepEqual(
        first.contents,
        labelsOf(house, a.tid).map(({ waybill }) =>
          JSON.parse(house.sandbox.world.labels.byWaybill.get(waybill)?.printData ?? ''),
        ),
      )
      assert.deepEqual(
        (await states(first.job)).map(([, , , state]) => state),
        ['printed', 'failed', 'printed'],
      )
      assert.deepEqual([(await row(a.id)).printedAt, (await row(a.id)).workState], [null, 'print'])
      assert.deepEqual(await ship(a.id), ['not_printed'])
      // Without a reason only the label that failed is printed again.
      const again = await printPackages(house, a.id)
      assert.deepEqual(await states(again.job), [[1, 2, a.nos[1], 'printed']])
      assert.equal((await row(a.id)).workState, 'ready')
      assert.deepEqual(await ship(a.id), ['done'])
    })

    test('can be looked at, each by itself', async () => {
      const one = await withNumbers(2)
      const look = (n: number) =>
        house
          .run((tx) => showLabel(tx, house.ring, { deliveryId: one.id, n }, by))
          .then((label) => label.contents)
      const given = one.nos.map((no) => [
        JSON.parse(house.sandbox.world.labels.byWaybill.get(no)?.printData ?? ''),
      ])
      assert.deepEqual([await look(1), await look(2)], given)
      await assert.rejects(look(3), { code: 'not_found' })
    })

    test('one that was torn is printed again by itself, with a reason', async () => {
      const one = await withNumbers(2)
      await printPackages(house, one.id)
      const without = await house.run((tx) =>
        printLabels(tx, { ids: [one.id], printer: '', reason: '', packages: [2] }, by),
      )
      assert.deepEqual([without.job, codes(without.results)], [null, ['printed_already']])
      const { job } = await printPackages(house, one.id, [], { reason: '撕坏了', packages: [2] })
      assert.deepEqual(await states(job), [[1, 2, one.nos[1], 'printed']])
      const none = await house.run((tx) =>
        printLabels(tx, { ids: [one.id], printer: '', reason: '撕坏了', packages: [3] }, by),
      )
      assert.deepEqual([none.job, codes(none.results)], [null, ['no_label']])
    })
  })

  describe('its numbers', () => {
    test('each finds the delivery, its order, and after shipping what comes back; the row names them in order', async () => {
      const one = await withNumbers(3)
      const second = one.nos[1]?.toLowerCase() ?? ''
      assert.deepEqual(await deliveriesOfCode(house.db, second, wholeScope), [one.id])
      const orders = await findOrdersOfWaybill(house.db, { text: second, shop: undefined, scope: wholeScope })
      assert.deepEqual(
        orders.map(({ id }) => id),
        [one.orderId],
      )
      const asked = await deliveries.ask({ tab: 'all', q: second }, { db: house.db, scope: wholeScope })
      const listed = await listIds(house.db, deliveries.table, asked, { limit: 5, after: undefined })
      assert.deepEqual(listed.ids, [one.id])
      const { waybillNo, packageCount, packageNos } = await row(one.id)
      assert.deepEqual([waybillNo, packageCount, packageNos], [one.nos[0], 3, one.nos])
      await printPackages(house, one.id)
      assert.deepEqual(await ship(one.id), ['done'])
      const back = await shippedByWaybill(house.db, [one.nos[2] ?? ''], wholeScope)
      assert.deepEqual(
        back.map(({ id }) => id),
        [one.id],
      )
    })

    test('belong to one live delivery: none can be typed on another, as its own or as that of a package', async () => {
      const [one, other, third] = [await withNumbers(2), await several(2), await several(2)]
      const sub = one.nos[1] ?? ''
      assert.deepEqual(await type(other.id, sub), ['waybill_used'])
      assert.deepEqual(await type(other.id, aWaybill(), [aWaybill(), sub]), ['waybill_used'])
      const own = [aWaybill(), aWaybill()]
      const main = aWaybill()
      assert.deepEqual(await type(other.id, main, own), ['done'])
      assert.deepEqual(await type(third.id, own[1] ?? ''), ['waybill_used'])
      assert.deepEqual(await type(third.id, aWaybill(), [main, aWaybill()]), ['waybill_used'])
      // The same again, and another order of the same.
      assert.deepEqual(await type(other.id, main, own.toReversed()), ['done'])
      assert.deepEqual((await row(other.id)).packageNos, own.toReversed())
      // When it has other numbers, the old ones are free.
      assert.deepEqual(await type(other.id, aWaybill()), ['done'])
      assert.deepEqual((await row(other.id)).packageNos, [])
      assert.deepEqual(await type(third.id, main, own), ['done'])
    })

    test('that an account gave go with their own main number, however they are typed', async () => {
      const one = await withNumbers(3)
      const [main = '', ...others] = one.nos
      assert.deepEqual(await type(one.id, main, [aWaybill(), aWaybill(), aWaybill()]), ['package_numbers'])
      assert.deepEqual(await type(one.id, aWaybill(), one.nos), ['package_numbers'])
      assert.deepEqual((await row(one.id)).packageNos, one.nos)
      // The same again, in whatever order, changes nothing.
      assert.deepEqual(await type(one.id, main, [...others, main]), ['done'])
      assert.deepEqual(await type(one.id, main), ['done'])
      assert.deepEqual((await row(one.id)).packageNos, one.nos)
      // Those that were given back are not packages of a typed waybill either.
      await house.run((tx) => giveBackNumbers(tx, [one.id], '', by))
      assert.deepEqual(await type(one.id, aWaybill(), one.nos), ['package_numbers'])
      const own = [aWaybill(), aWaybill(), aWaybill()]
      assert.deepEqual(await type(one.id, aWaybill(), own), ['done'])
      assert.deepEqual((await row(one.id)).packageNos, own)
    })

    test('are typed all or none, for a courier that has them', async () => {
      const [one, single] = [await several(3), await house.released()]
      const nos = [aWaybill(), aWaybill(), aWaybill()]
      const main = aWaybill()
      assert.deepEqual(await type(one.id, main, nos.slice(1)), ['package_numbers'])
      assert.deepEqual(await type(one.id, main, [nos[0] ?? '', nos[0] ?? '', nos[1] ?? '']), [
        'package_numbers',
      ])
      assert.deepEqual(await type(one.id, main, ['x', ...nos.slice(1)]), ['bad_waybill'])
      assert.deepEqual(await type(one.id, main, nos, 'YTO'), ['no_sub_waybills'])
      assert.deepEqual(await type(single.id, main, [nos[0] ?? '']), ['package_numbers'])
      assert.deepEqual(await type(one.id, main), ['done'])
      assert.deepEqual((await row(one.id)).packageNos, [])
      assert.deepEqual(await type(one.id, main, [main, ...nos.slice(1)]), ['done'])
      assert.deepEqual((await row(one.id)).packageNos, [main, ...nos.slice(1)])
    })

    test('one clerk types a number while another types it as a sub-number: one of them gets it', async () => {
      const [one, other] = [await several(2), await several(2)]
      const sub = aWaybill()
      const typed = await Promise.all([type(one.id, sub), type(other.id, aWaybill(), [aWaybill(), sub])])
      assert.deepEqual(typed.flat().toSorted(), ['done', 'waybill_used'])
    })
  })

  describe('at a station', () => {
    const station = {
      scan: (code: string) =>
        scan(
          { db: house.db, leaving: { ask: async () => {}, ship: shipDeliveries } },
          { station: '1 号台', key: randomUUID(), code },
          by,
        ),
      weigh: (grams: number) =>
        weigh(
          { db: house.db, leaving: { ask: async () => {}, ship: shipDeliveries } },
          { station: '1 号台', key: randomUUID(), grams, reason: '三箱一起称' },
          by,
        ),
      recount: () =>
        recount(
          { db: house.db, leaving: { ask: async () => {}, ship: shipDeliveries } },
          { station: '1 号台', key: randomUUID() },
          by,
        ),
    }
    const pieces = async (id: string) => {
      const found = await sql<{ code: string; pieces: number }>`
        select s.code, l.quantity as pieces from delivery d join order_line l on l.order_id = d.order_id join sku s on s.id = l.sku_id
        where d.id = ${id} order by l.line_no`.execute(house.db)
      return found.rows.flatMap(({ code, pieces: n }) => Array.from({ length: n }, () => code))
    }
    const said = ({ verdict }: Awaited<ReturnType<typeof station.scan>>) => [
      verdict.kind,
      verdict.message.zh,
      verdict.hint.zh,
    ]

    test('it ships when the label of each package was scanned, and says which are missing until then', async () => {
      await requireSteps(['print', 'check'])
      const one = await withNumbers(3)
      await printPackages(house, one.id)
      const opened = await station.scan(one.nos[1] ?? '')
      assert.deepEqual(
        [opened.verdict.kind, opened.parcel?.packages.map(({ n, isScanned }) => [n, isScanned])],
        [
          'opened',
          [
            [1, false],
            [2, true],
            [3, false],
          ],
        ],
      )
      let last = opened
      for (const code of await pieces(one.id)) last = await station.scan(code)
      assert.deepEqual(said(last), ['done', '扫其余包裹的面单，差 2/3', '还没扫：第 1、3 个'])
      assert.deepEqual(await ship(one.id), ['packages_missing'])
      assert.equal((await row(one.id)).packagesLeft, 2)
      // The same label twice counts once.
      assert.deepEqual(said(await station.scan(one.nos[1] ?? '')), [
        'opened',
        '扫其余包裹的面单，差 2/3',
        '还没扫：第 1、3 个',
      ])
      assert.deepEqual(said(await station.scan(one.nos[0] ?? ''))[1], '扫其余包裹的面单，差 1/3')
      const other = await withNumbers(2)
      assert.equal((await station.scan(other.nos[0] ?? '')).verdict.kind, 'opened')
      assert.equal((await house.state(one.id)).delivery, 'pending')
      const left = await station.scan(one.nos[2] ?? '')
      assert.equal(left.verdict.kind, 'shipped')
      assert.equal((await house.state(one.id)).delivery, 'shipped')
      const scanned = await sql<{ by: string }>`
        select scanned_by as by from waybill_package where main_no = ${one.nos[0]} order by nth`.execute(
        house.db,
      )
      assert.deepEqual(scanned.rows, [{ by: '周强' }, { by: '周强' }, { by: '周强' }])
    })

    test('goods that are packed again need the labels scanned again', async () => {
      await requireSteps(['check'])
      const one = await several(2)
      const nos = [aWaybill(), aWaybill()]
      await type(one.id, aWaybill(), nos)
      const scanned = async () => {
        const { packagesLeft } = await row(one.id)
        return 2 - packagesLeft
      }
      const codesOf = await pieces(one.id)
      await station.scan(nos[0] ?? '')
      await station.scan(codesOf[0] ?? '')
      assert.equal(await scanned(), 1)
      // 从头扫 while the goods are counted.
      await station.recount()
      assert.equal(await scanned(), 0)
      for (const code of codesOf) await station.scan(code)
      await station.scan(nos[0] ?? '')
      assert.equal(await scanned(), 1)
      // A parcel that is checked keeps what was scanned.
      await station.recount()
      assert.equal(await scanned(), 1)
      // A piece was taken out since the check: the goods are checked again.
      await sql`update delivery set checked_pieces = checked_pieces + 1 where id = ${one.id}`.execute(
        house.db,
      )
      assert.equal((await station.scan((await row(one.id)).no)).verdict.kind, 'opened')
      assert.equal(await scanned(), 0)
      let last = await station.scan(nos[1] ?? '')
      for (const code of codesOf) last = await station.scan(code)
      assert.deepEqual(said(last), ['done', '扫其余包裹的面单，差 1/2', '还没扫：第 1 个'])
      assert.equal((await station.scan(nos[0] ?? '')).verdict.kind, 'shipped')
    })

    test('its packages are weighed together, and the last label ships it', async () => {
      await requireSteps(['print', 'weigh'])
      const one = await withNumbers(2)
      await printPackages(house, one.id)
      await station.scan(one.nos[0] ?? '')
      const weighed = await station.weigh(5000)
      assert.deepEqual(said(weighed), ['done', '扫其余包裹的面单，差 1/2', '还没扫：第 2 个'])
      assert.equal((await station.scan(one.nos[1] ?? '')).verdict.kind, 'shipped')
      assert.equal((await row(one.id)).weightGrams, 5000)
    })

    test('a typed waybill without sub-numbers ships as one of one package does', async () => {
      await requireSteps(['check'])
      const one = await several(2)
      const no = aWaybill()
      await type(one.id, no)
      let last = await station.scan(no)
      for (const code of await pieces(one.id)) last = await station.scan(code)
      assert.equal(last.verdict.kind, 'shipped')
    })

    test('a label whose numbers were given back is void, each package’s', async () => {
      const one = await withNumbers(2)
      await house.run((tx) => giveBackNumbers(tx, [one.id], '', by))
      for (const no of one.nos) {
        const stopped = await station.scan(no)
        assert.deepEqual([stopped.verdict.kind, stopped.parcel?.stop?.code], ['stop', 'old_number'])
        await station.scan('LJ-01')
      }
    })
  })

  test('the handover manifest says of how many packages each parcel consists', async () => {
    const one = await withNumbers(3)
    await printPackages(house, one.id)
    await ship(one.id)
    const today = await sql<{
      day: string
    }>`select (now() at time zone 'Asia/Shanghai')::date::text as day`.execute(house.db)
    const parcels = await parcelsOfDay(
      house.db,
      { day: today.rows[0]?.day ?? '', warehouse: undefined, limit: 100 },
      wholeScope,
    )
    const own = parcels.filter(({ waybillNo }) => waybillNo === one.nos[0])
    assert.deepEqual(
      own.map(({ packageCount }) => packageCount),
      [3],
    )
  })

  test('one that is taken back and released again consists of as many packages, unless its goods are others', async () => {
    const one = await several(3)
    const again = async () => {
      const live = await pendingOf(one.orderId)
      assert.deepEqual(codes(await house.run((tx) => unreleaseDeliveries(tx, live, by))), ['done'])
      assert.deepEqual(codes(await house.run((tx) => releaseOrders(tx, [one.orderId], by))), ['done'])
      const [id = ''] = await pendingOf(one.orderId)
      return row(id)
    }
    const second = await again()
    assert.deepEqual([second.packageCount, second.no === (await row(one.id)).no], [3, false])
    assert.equal((await again()).packageCount, 3)
    await sql`update delivery set piece_count = piece_count + 1 where order_id = ${one.orderId}`.execute(
      house.db,
    )
    assert.equal((await again()).packageCount, 1)
  })

  test('the rest of a merged shipment consists of one package, without the sub-numbers that were typed for all', async () => {
    const [a, b, c] = [await house.released(), await house.released(), await several(2)]
    await inOneParcel(house, [a.id, b.id])
    await house.run((tx) => setPackages(tx, [a.id], 2, by))
    const main = aWaybill()
    assert.deepEqual(await type(a.id, main, [main, aWaybill()]), ['done'])
    const others = [aWaybill(), aWaybill()]
    assert.deepEqual(await type(c.id, aWaybill(), others), ['done'])
    // As a refund does that holds its order.
    await house.run(async (tx) => {
      await removeFromShipments(tx, [b.orderId])
      await partDeliveries(tx, [b.orderId], packer)
    })
    const { waybillNo, packageCount, packageNos } = await row(a.id)
    assert.deepEqual([waybillNo, packageCount, packageNos], [main, 1, []])
    assert.deepEqual([(await row(b.id)).waybillNo, (await row(b.id)).packageCount], ['', 1])
    // Another parcel keeps what was typed.
    assert.deepEqual((await row(c.id)).packageNos, others)
    const kept = await sql`select from waybill_package where main_no = ${main}`.execute(house.db)
    assert.equal(kept.rows.length, 0)
  })

  test('one that takes the platform’s waybill has none of the sub-numbers that were typed with another', async () => {
    const one = await several(2)
    const subs = [aWaybill(), aWaybill()]
    assert.deepEqual(await type(one.id, aWaybill(), subs), ['done'])
    await requireSteps([])
    assert.deepEqual(await ship(one.id), ['done'])
    const theirs = await adopted(one)
    const { waybillNo, packageNos } = await row(one.id)
    assert.deepEqual([waybillNo, packageNos], [theirs, []])
    // They are free for another parcel.
    const other = await several(2)
    assert.deepEqual(await type(other.id, aWaybill(), subs), ['done'])
  })

  test('the number of an account goes back when its parcel takes the platform’s waybill, each package’s', async () => {
    const one = await withNumbers(2)
    await printPackages(house, one.id)
    assert.deepEqual(await ship(one.id), ['done'])
    await adopted(one)
    const outbox = house.outbox()
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual(
      labelsOf(house, one.tid).map(({ waybill, cancelled }) => [waybill, cancelled]),
      one.nos.map((no) => [no, true]),
    )
    const states = await sql<{
      state: string
    }>`select state from waybill where delivery_id = ${one.id}`.execute(house.db)
    assert.deepEqual(states.rows, [{ state: 'returned' }])
  })

  /** The platform shows another waybill for a shipped delivery, and a person takes that. */
  async function adopted({ id, tid }: { id: string; tid: string }): Promise<string> {
    const theirs = aWaybill()
    await house.control(`trades/${tid}/ship`, { waybill: theirs })
    const outbox = house.outbox()
    await house.settled(id)
    await outbox.stop()
    assert.deepEqual(codes(await house.run((tx) => adoptPlatformWaybills(tx, [id], by))), ['done'])
    return theirs
  }

  async function pendingOf(orderId: string): Promise<string[]> {
    const found = await sql<{ id: string }>`
      select id from delivery where order_id = ${orderId} and status = 'pending'`.execute(house.db)
    return found.rows.map(({ id }) => id)
  }
})
