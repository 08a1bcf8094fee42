import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { LABEL_MODES, labelBook } from '../../../sandbox/world/labels.ts'
import { connectors } from '../../connectors/index.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { seal } from '../../lib/seal.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, byPacker as by, deliveryOf, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { nextDocuments, printLabels } from '../printing/print.ts'
import { releaseOrders } from '../shipping/release.ts'
import { saveAccount } from './accounts.ts'
import { waybillDemo } from './demo.ts'
import { takeNumbers } from './take.ts'

describe('taking waybill numbers from Pinduoduo', () => {
  let shipping: ShippingHouse
  before(async () => {
    shipping = await aShippingHouse('pinduoduo')
    const { db, ring } = shipping
    await waybillDemo({ db, ring, connectors, simulator: true }, [shipping.shopId])
  })
  after(() => shipping[Symbol.asyncDispose]())
  beforeEach(() => {
    shipping.sandbox.sandbox.board.faults = []
  })

  const shop = () => shipping.sandbox.world.shops[0] ?? assert.fail()
  const given = (tid: string) =>
    labelBook(shipping.sandbox.world.labels, shop()).filter(({ tids }) => tids.includes(tid))
  const take = (...ids: string[]) => shipping.run((tx) => takeNumbers(tx, ids, by)).then(codes)
  const numbers = async (id: string) => {
    const found = await sql<{ state: string; no: string; code: string; source: string; courier: string }>`
      select w.state, w.waybill_no as no, w.error_code as code, a.source, w.courier
      from waybill w join waybill_account a on a.id = w.account_id where w.delivery_id = ${id} order by w.round`.execute(
      shipping.db,
    )
    return found.rows
  }
  const ended = (id: string) => until(async () => (await numbers(id)).every(({ state }) => state !== 'asked'))

  test('the demo’s account names the couriers of the shop, with the sender sealed', async () => {
    const found = await sql<{ courier: string; templateUrl: string }>`
      select courier, template_url as "templateUrl" from waybill_account where source = 'pinduoduo' order by courier`.execute(
      shipping.db,
    )
    assert.deepEqual(
      found.rows.map(({ courier }) => courier),
      ['JTSD', 'POSTB', 'SF', 'STO', 'YTO', 'YUNDA', 'ZTO'],
    )
    assert.ok(found.rows.every(({ templateUrl }) => templateUrl.startsWith('https://')))
  })

  test('an order gets its number, is printed, shipped and written back, as the platform’s books say', async () => {
    const { id, tid, orderId } = await shipping.released()
    await sql`update sales_order set courier = 'POSTB' where id = ${orderId}`.execute(shipping.db)
    assert.deepEqual(await take(id), ['done'])
    const outbox = shipping.outbox()
    await ended(id)
    const [label = assert.fail(), ...others] = given(tid)
    assert.deepEqual(others, [])
    assert.equal(label.courier, 'YZXB')
    assert.deepEqual(await numbers(id), [
      { state: 'taken', no: label.waybill, code: '', source: 'pinduoduo', courier: 'POSTB' },
    ])
    const { job } = await shipping.run((tx) => printLabels(tx, { ids: [id], printer: '', reason: '' }, by))
    const [document = assert.fail()] = await shipping.run((tx) =>
      nextDocuments(tx, shipping.ring, { jobId: job ?? '', results: [], most: 5 }, by),
    )
    assert.equal(document.source, 'pinduoduo')
    const sealed = shipping.sandbox.world.labels.byWaybill.get(label.waybill)
    assert.deepEqual(document.contents, [JSON.parse(sealed?.printData ?? '')])
    const results = [{ seq: document.seq, printed: true, message: '' }]
    await shipping.run((tx) => nextDocuments(tx, shipping.ring, { jobId: job ?? '', results, most: 0 }, by))
    assert.deepEqual(await shipping.run((tx) => shipDeliveries(tx, [id], by)).then(codes), ['done'])
    assert.equal((await shipping.settled(id)).writeBack, 'done')
    await outbox.stop()
    assert.deepEqual(
      shipping.trade(tid).lines.map(({ waybill, company, shipments }) => [waybill, company, shipments]),
      shipping.trade(tid).lines.map(() => [label.waybill, '132', 1]),
    )
  })

  for (const mode of LABEL_MODES)
    test(`an answer that was lost leaves each order one number, with a service of the kind ${mode}`, async () => {
      await shipping.control('labels', { shop: shop().key, mode })
      const packed = [await shipping.released(), await shipping.released()]
      await shipping.control('faults', {
        ...{ kind: 'timeout-after', ms: 20, shop: shop().key, method: 'pdd.waybill.get', count: 1 },
      })
      await take(...packed.map(({ id }) => id))
      const outbox = shipping.outbox()
      for (const { id } of packed) await ended(id)
      await outbox.stop()
      for (const { id, tid } of packed) {
        const labels = given(tid).map(({ waybill }) => waybill)
        assert.deepEqual(
          (await numbers(id)).map(({ no }) => no),
          labels.slice(-1),
        )
        assert.equal(labels.length, mode === 'same_number' ? 1 : 2)
      }
    })

  test('an order with an open refund is refused alone, with the platform’s reason', async () => {
    const [good, bad] = [await shipping.released(), await shipping.released()]
    await shipping.control('refunds', { tid: bad.tid, kind: 'REFUND' })
    await take(good.id, bad.id)
    const outbox = shipping.outbox()
    await ended(good.id)
    await ended(bad.id)
    await outbox.stop()
    assert.deepEqual(
      (await numbers(good.id)).map(({ state }) => state),
      ['taken'],
    )
    assert.deepEqual(
      (await numbers(bad.id)).map(({ state, code }) => [state, code]),
      [['failed', '50001']],
    )
    assert.deepEqual(given(bad.tid), [])
  })

  test('an order of another platform’s shop with a plain receiver is asked for in the name of the account’s shop', async () => {
    const { db, ring } = shipping
    const other = await aShop(db)
    const receiver = {
      ...{ name: '王一', mobile: '13800001234', phone: '', province: '浙江省', city: '杭州市' },
      ...{ district: '西湖区', town: '', address: '文三路 1 号', zip: '', token: '' },
    }
    const personal = seal(ring, other, JSON.stringify({ nick: '', receiver }))
    const order = await anOrder(db, { shopId: other, status: 'confirmed', personal })
    await sql`update sales_order set origin = 'manual' where id = ${order.id}`.execute(db)
    await shipping.run((tx) => releaseOrders(tx, [order.id], by))
    const id = await deliveryOf(db, order.id)
    assert.deepEqual(await take(id), ['done'])
    const outbox = shipping.outbox()
    await ended(id)
    await outbox.stop()
    assert.deepEqual(
      (await numbers(id)).map(({ state, code }) => [state, code]),
      [['taken', '']],
    )
  })

  test('an account at another platform’s source is refused', async () => {
    const account = {
      ...{ shopId: shipping.shopId, source: 'cainiao', courier: 'YTO', branchCode: '1', branchName: '' },
      ...{ templateName: '', templateUrl: 'http://cloudprint.cainiao.com/template/standard/101/1' },
      ...{ warehouseId: null, enabled: true },
    }
    await assert.rejects(
      shipping.run((tx) => saveAccount(tx, shipping, account, by)),
      { code: 'invalid_input' },
    )
  })
})
