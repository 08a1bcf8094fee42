import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { labelBook } from '../../../sandbox/world/labels.ts'
import { waybillAlarms } from '../../alarms/waybill-alarms.ts'
import { waybillSources } from '../../carriers/index.ts'
import { connectors } from '../../connectors/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import { startOutbox } from '../../core/outbox/loop.ts'
import { openCall } from '../../shops/calls.ts'
import { aWaybillAccount, numbered, numbersSettled } from '../../testing/numbers/numbered.ts'
import { aShippingHouse, byPacker as by, type ShippingHouse } from '../../testing/shipping.ts'
import { accountById, writeAccount } from './account-queries.ts'
import { countNumbers } from './count.ts'
import { takingNumbersOf } from './outbox.ts'
import { takeNumbers } from './take.ts'

describe('the nightly count of waybill numbers', () => {
  let house: ShippingHouse
  let accountId: string
  before(async () => {
    house = await aShippingHouse()
    accountId = await aWaybillAccount(house)
  })
  after(() => house[Symbol.asyncDispose]())

  const opened = () => openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, house.shopId)
  const count = async () => countNumbers(await opened())
  const counts = async () =>
    (
      await sql<{ text: string }>`
        select format('%s %s %s', given, ours, surplus) as text from waybill_count order by id`.execute(
        house.db,
      )
    ).rows.map(({ text }) => text)
  const account = async () =>
    (
      await sql<{ balance: number; url: string; gone: boolean }>`
        select balance, template_url as url, template_gone_at is not null as gone from waybill_account where id = ${accountId}`.execute(
        house.db,
      )
    ).rows[0]
  const alarms = () => waybillAlarms({ db: house.db, scope: wholeScope, now: new Date() })

  test('a number that the source gave and we do not have is named with figures, once', async () => {
    const packed = [await house.released(), await house.released()]
    await numbered(
      house,
      packed.map(({ id }) => id),
    )
    assert.deepEqual((await count()).seen, 1)
    assert.deepEqual(await counts(), ['2 2 0'])
    assert.equal((await account())?.balance, 99_998)
    const third = await house.released()
    await numbered(house, [third.id])
    await sql`update waybill set sends = 2 where delivery_id = ${third.id}`.execute(house.db)
    const { labels } = house.sandbox.world
    const [label] = labels.given.slice(-1)
    assert.ok(label)
    labels.given.push({ ...label, waybill: 'YT8809999999999' })
    await count()
    await count()
    assert.deepEqual(await counts(), ['2 2 0', '4 3 1', '4 3 0'])
    const [alarm, ...others] = await alarms()
    assert.deepEqual(others, [])
    assert.deepEqual([alarm?.count, alarm?.ids, alarm?.remedy], [1, [third.id], 'see_deliveries'])
    assert.match(alarm?.detail.zh ?? '', /^平台记 4 个，我们有 3 个。取过两次的：DN…\d{6}；/)
  })

  test('numbers that were given back do not count, and a branch with open requests waits for the next night', async () => {
    const { id } = await house.released()
    await numbered(house, [id])
    await sql`update waybill set state = 'returning' where delivery_id = ${id}`.execute(house.db)
    assert.deepEqual((await count()).skipped, { busy: 1 })
    await sql`update waybill set state = 'returned' where delivery_id = ${id}`.execute(house.db)
    const own = labelBook(house.sandbox.world.labels, house.sandbox.world.shops[0] ?? assert.fail()).at(-1)
    const label = house.sandbox.world.labels.given.find(({ waybill }) => waybill === own?.waybill)
    if (label) label.cancelled = true
    await count()
    assert.equal((await counts()).at(-1), '4 3 0')
  })

  test('a number whose answer never came in the middle of a call is named with its delivery', async () => {
    await count()
    const key = house.sandbox.world.shops[0]?.key ?? assert.fail()
    await house.control('labels', { shop: key, mode: 'neither' })
    const made = [await house.released(), await house.released(), await house.released()]
    const [first, refused, silent] = made.map(({ id }) => id)
    await house.control(`trades/${made[1]?.tid}/ship`, { waybill: 'SF1234567890123' })
    // All three at once, the first, and the refused one are answered; of the third only the source knows.
    const fault = { kind: 'timeout-after', shop: key, method: 'cainiao.waybill.ii.get', ms: 300 }
    await house.control('faults', { ...fault, count: 1, skip: 3 })
    const sources = waybillSources.map(
      ({ lookUp: _, ...source }) => ({ ...source, unclear: 'neither' }) as const,
    )
    await house.run((tx) => takeNumbers(tx, [first ?? '', refused ?? '', silent ?? ''], by))
    const outbox = startOutbox({
      ...{ db: house.db, log: pino({ level: 'silent' }), pollMs: 20, handlers: [takingNumbersOf(sources)] },
      openShop: () => opened(),
    })
    await numbersSettled(house)
    await outbox.stop()
    await count()
    const counted = await sql<{ surplus: number; ids: string[] }>`
      select surplus, delivery_ids as ids from waybill_count order by id desc limit 1`.execute(house.db)
    assert.deepEqual(counted.rows, [{ surplus: 1, ids: [silent] }])
  })

  test('a label with a new address is taken over; one that is gone alarms', async () => {
    await sql`update waybill_account set template_url = 'http://cloudprint.cainiao.com/old', template_name = 'YTO 一联单 76×130'`.execute(
      house.db,
    )
    await count()
    assert.deepEqual(
      [(await account())?.url, (await account())?.gone],
      ['http://cloudprint.cainiao.com/template/standard/101/1', false],
    )
    await sql`update waybill_account set template_url = 'http://cloudprint.cainiao.com/old', template_name = '旧的'`.execute(
      house.db,
    )
    await count()
    assert.equal((await account())?.gone, true)
    assert.deepEqual(
      (await alarms()).filter(({ kind }) => kind === 'label_gone').map(({ detail }) => detail.zh),
      ['平台不再提供「旧的」，新号可能打不出来'],
    )
    // Saved again with the same label the alarm stays; another label ends it, and the custom area of the old one.
    await sql`update waybill_account set custom_area_url = 'http://area', custom_area = '{"ORDER_ID":"orderNo"}'`.execute(
      house.db,
    )
    const row = (await accountById(house.db, accountId)) ?? assert.fail()
    const save = (templateUrl: string) => house.run((tx) => writeAccount(tx, { ...row, templateUrl }, '张'))
    const area = async () => (await accountById(house.db, accountId))?.customAreaUrl
    assert.equal(await save(row.templateUrl), accountId)
    assert.deepEqual([(await account())?.gone, await area()], [true, 'http://area'])
    await save('http://cloudprint.cainiao.com/template/standard/101/1')
    assert.deepEqual([(await account())?.gone, await area()], [false, ''])
  })

  test('a shop whose platform has no source is not counted', async () => {
    assert.deepEqual(await countNumbers(await opened(), []), {})
    assert.equal(waybillSources.length > 0, true)
  })
})
