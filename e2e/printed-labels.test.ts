import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { labelBook } from '../sandbox/world/labels.ts'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { startOutbox } from '../server/core/outbox/loop.ts'
import { nextDocuments, printLabels, settleDocuments } from '../server/fulfilment/printing/print.ts'
import { reportingPrints } from '../server/fulfilment/printing/reports.ts'
import { waybillDemo } from '../server/fulfilment/waybills/demo.ts'
import { openCall } from '../server/shops/calls.ts'
import { numbered } from '../server/testing/numbers/numbered.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'

// A platform that wants to know which labels were printed is told of each job once, also after a lost answer.

const by = { actor: packer, scope: wholeScope }
let house: ShippingHouse
before(async () => {
  house = await aShippingHouse('weixin')
  const { db, ring } = house
  await waybillDemo({ db, ring, connectors, simulator: true }, [house.shopId])
})
after(() => house[Symbol.asyncDispose]())

const reports = () =>
  house.sandbox.world.deeds
    .filter(({ action }) => action === 'waybill_print')
    .map(({ key, detail }) => [key, detail['again']])

async function sent(): Promise<void> {
  const { db, ring } = house
  const outbox = startOutbox({
    ...{
      db,
      log: pino({ level: 'silent' }),
      pollMs: 20,
      handlers: [{ ...reportingPrints, lookAfterSeconds: 0 }],
    },
    openShop: (id, hooks) => openCall({ db, ring, connectors, simulator: true }, id, hooks),
  })
  await until(async () => {
    const open = await sql`
      select from platform_action where kind = 'waybill.printed' and state <> 'succeeded' limit 1`.execute(db)
    return open.rows.length === 0
  })
  await outbox.stop()
}

test('a label that came out is reported once, one that did not is not, and a label that is printed again is reported as such', async () => {
  const [good, jammed] = [await house.released(), await house.released()]
  const ids = [good.id, jammed.id]
  await numbered(house, ids)
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  const numberOf = (tid: string) =>
    labelBook(house.sandbox.world.labels, shop).find(({ tids }) => tids.includes(tid))?.waybill
  const print = async (reason: string, some: readonly string[]) => {
    const { job } = await house.run((tx) => printLabels(tx, { ids: some, printer: '', reason }, by))
    const jobId = job ?? assert.fail('no job')
    await house.run((tx) => nextDocuments(tx, house.ring, { jobId, results: [], most: 5 }, by))
    return jobId
  }
  const jobId = await print('', ids)
  const results = [
    { seq: 1, printed: true, message: '' },
    { seq: 2, printed: false, message: '缺纸' },
  ]
  await house.run((tx) => nextDocuments(tx, house.ring, { jobId, results, most: 0 }, by))
  await house.run((tx) => nextDocuments(tx, house.ring, { jobId, results, most: 0 }, by))
  const shopKey = shop.key
  const method = 'logistics/ewaybill/biz/order/print'
  await house.control('faults', { kind: 'timeout-before', ms: 20, shop: shopKey, method, count: 1 })
  await sent()
  assert.deepEqual(reports(), [[numberOf(good.tid), '0']])
  const second = await print('撕坏了', [good.id])
  await house.run((tx) => settleDocuments(tx, { jobId: second, last: 1 }, by))
  await sent()
  assert.deepEqual(reports(), [
    [numberOf(good.tid), '0'],
    [numberOf(good.tid), '1'],
  ])
})
