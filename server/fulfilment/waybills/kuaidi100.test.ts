import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { createKuaidi100, kuaidi100Demo } from '../../../sandbox/kuaidi100/labels.ts'
import { kuaidi100 } from '../../carriers/kuaidi100/index.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { seal } from '../../lib/seal.ts'
import { anOrder } from '../../testing/orders.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, byPacker as by, deliveryOf, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { nextDocuments, printLabels } from '../printing/print.ts'
import { releaseOrders, unreleaseDeliveries } from '../shipping/release.ts'
import { accountById } from './account-queries.ts'
import { openCredentials, saveAccount, shownCredentials } from './accounts.ts'
import { callOwn } from './calls.ts'
import { chooseAccount } from './choose-account.ts'
import { ownAccountDemo } from './demo.ts'
import { takeNumbers } from './take.ts'

const { key, secret, partnerId, partnerKey } = kuaidi100Demo

/** Notes with which keys a limiter was asked. */
const keyed =
  (keys: string[]) =>
  <T>(of: string, _: object, work: () => Promise<T>): Promise<T> => {
    keys.push(of)
    return work()
  }

describe('taking waybill numbers from 快递100', () => {
  let shipping: ShippingHouse
  let accountId: string
  before(async () => {
    shipping = await aShippingHouse()
    accountId = await save(account())
  })
  after(() => shipping[Symbol.asyncDispose]())
  beforeEach(() => {
    shipping.sandbox.sandbox.board.faults = []
    const { mode } = createKuaidi100()
    Object.assign(shipping.sandbox.sandbox.kuaidi100, { mode })
  })

  const credentials = () => {
    const labelUrl = `${shipping.sandbox.url}/label/order`
    return { key, secret, partnerId, partnerKey, labelUrl }
  }
  const address = {
    province: '浙江省',
    city: '杭州市',
    district: '余杭区',
    town: '',
    detail: '文一西路 1 号',
  }
  const account = (courier = 'ZTO') => ({
    ...{ shopId: shipping.shopId, source: 'kuaidi100', courier, branchCode: partnerId, branchName: '' },
    sender: { name: '发货员', mobile: '13900001111', phone: '', address },
    ...{ templateName: '', templateUrl: '', warehouseId: null, enabled: true },
    credentials: credentials(),
  })
  const keys = () => ({ ring: shipping.ring, simulator: true })
  const save = (input: Parameters<typeof saveAccount>[2]) =>
    shipping.run((tx) => saveAccount(tx, keys(), input, by))
  const take = (...ids: string[]) => shipping.run((tx) => takeNumbers(tx, ids, by)).then(codes)
  const numbers = async (id: string) => {
    const found = await sql<{ state: string; no: string; code: string; order: string }>`
      select state, waybill_no as no, error_code as code, courier_order as order from waybill
      where delivery_id = ${id} order by round`.execute(shipping.db)
    return found.rows
  }
  const ended = (id: string, of = ['asked']) =>
    until(async () => (await numbers(id)).every(({ state }) => !of.includes(state)))
  const given = (id: string) =>
    shipping.sandbox.sandbox.kuaidi100.given.filter(({ orderId }) => orderId.startsWith(`d${id}_`))

  /** A released order that was made here. */
  async function aDelivery(): Promise<string> {
    const receiver = {
      ...{ name: '王小一', mobile: '13800001234', phone: '', province: '浙江省', city: '杭州市' },
      ...{ district: '西湖区', town: '', address: '文三路 1 号', zip: '', token: '' },
    }
    const personal = seal(shipping.ring, shipping.shopId, JSON.stringify({ nick: '', receiver }))
    const order = await anOrder(shipping.db, { shopId: shipping.shopId, status: 'confirmed', personal })
    await sql`update sales_order set origin = 'manual' where id = ${order.id}`.execute(shipping.db)
    await shipping.run((tx) => releaseOrders(tx, [order.id], by))
    return deliveryOf(shipping.db, order.id)
  }

  test('an order made here gets its number, its label is handed out without name and phone, and it is shipped', async () => {
    const id = await aDelivery()
    assert.deepEqual(await take(id), ['done'])
    const outbox = shipping.outbox()
    await ended(id)
    await outbox.stop()
    const [label = assert.fail(), ...others] = given(id)
    assert.deepEqual(others, [])
    assert.deepEqual(await numbers(id), [
      { state: 'taken', no: label.waybill, code: '', order: label.courierOrder },
    ])
    const { job } = await shipping.run((tx) => printLabels(tx, { ids: [id], printer: '', reason: '' }, by))
    const [document = assert.fail()] = await shipping.run((tx) =>
      nextDocuments(tx, shipping.ring, { jobId: job ?? '', results: [], most: 5 }, by),
    )
    const [shown, parcel] = document.contents
    assert.deepEqual(parcel, { deliveryIds: [id] })
    assert.ok(typeof shown === 'object' && shown !== null && 'routing' in shown && 'receiver' in shown)
    assert.match(String(shown.routing), /^\d{3}-\d\d-\d{3}$/)
    assert.deepEqual(shown.receiver, {
      ...{ name: '王**', phone: '138****1234', address: '浙江省杭州市西湖区文三路 1 号' },
    })
    const seen = await sql<{ detail: { deliveries: string[] } }>`
      select detail from audit_log where action = 'waybill.plain_labels'`.execute(shipping.db)
    assert.deepEqual(
      seen.rows.map(({ detail }) => detail.deliveries.length),
      [1],
    )
    const results = [{ seq: document.seq, printed: true, message: '' }]
    await shipping.run((tx) => nextDocuments(tx, shipping.ring, { jobId: job ?? '', results, most: 0 }, by))
    assert.deepEqual(await shipping.run((tx) => shipDeliveries(tx, [id], by)).then(codes), ['done'])
  })

  test('an order of the platform is refused with words, because its receiver is masked', async () => {
    const { id } = await shipping.released()
    const [outcome] = await shipping.run((tx) => takeNumbers(tx, [id], by))
    assert.ok(outcome && !outcome.done)
    assert.equal(outcome.code, 'masked_receiver')
    assert.match(outcome.message?.zh ?? '', /快递100 取不了号/)
    assert.deepEqual(given(id), [])
  })

  test('the refusal speaks of masks only where one is: an account of another warehouse is none for a plain parcel', () => {
    const facts = {
      id: '1',
      shopId: '1',
      source: 'kuaidi100',
      courier: 'ZTO',
      branchName: '',
      warehouseId: '2',
      ...{ services: [], insureFromFen: null, insureMostFen: null },
    }
    const parcel = {
      shopId: '1',
      courier: '',
      warehouseId: '3',
      designated: [],
      toDoor: false,
      insuredFen: null,
      packages: 1,
    }
    const code = (platform: string, source: string) => {
      const all = { ...facts, source }
      const chosen = chooseAccount([all], { ...parcel, platform })
      return 'code' in chosen ? chosen.code : 'chosen'
    }
    assert.deepEqual(
      [code('', 'kuaidi100'), code('taobao', 'kuaidi100'), code('taobao', 'cainiao')],
      ['no_waybill_account', 'masked_receiver', 'no_waybill_account'],
    )
  })

  test('an answer that was lost leaves the order one number, which the repeated request gets', async () => {
    const id = await aDelivery()
    await shipping.control('faults', {
      ...{ kind: 'timeout-after', ms: 20, shop: 'kuaidi100', method: 'label.order', count: 1 },
    })
    await take(id)
    const outbox = shipping.outbox()
    await ended(id)
    await outbox.stop()
    assert.deepEqual(
      (await numbers(id)).map(({ no }) => no),
      given(id).map(({ waybill }) => waybill),
    )
    assert.equal(given(id).length, 1)
  })

  test('a request that 快递100 calls sent twice has failed, with its words, and is not sent again and again', async () => {
    const id = await aDelivery()
    await shipping.control('kuaidi100', { mode: 'neither' })
    await shipping.control('faults', {
      ...{ kind: 'timeout-after', ms: 20, shop: 'kuaidi100', method: 'label.order', count: 1 },
    })
    await take(id)
    const outbox = shipping.outbox()
    await ended(id)
    await outbox.stop()
    assert.deepEqual(
      (await numbers(id)).map(({ state, code }) => [state, code]),
      [['failed', '501']],
    )
    assert.equal(given(id).length, 1)
  })

  test('a number goes back with the courier’s own number of the request, once', async () => {
    const id = await aDelivery()
    await take(id)
    const outbox = shipping.outbox()
    await ended(id)
    await shipping.run((tx) => unreleaseDeliveries(tx, [id], by))
    await ended(id, ['taken', 'returning'])
    await outbox.stop()
    const [label = assert.fail()] = given(id)
    assert.match(label.courierOrder, /^01\d+$/)
    assert.equal(label.cancelled, true)
    assert.deepEqual(
      (await numbers(id)).map(({ state }) => state),
      ['returned'],
    )
  })

  test('accounts with one key share its limit of calls, and another key has its own', async () => {
    const keys: string[] = []
    const deps = { ring: shipping.ring, simulator: true, limiter: createLimiter() }
    const limiter = { ...deps.limiter, run: keyed(keys) }
    for (const [id, used] of [
      ['1', key],
      ['2', key],
      ['3', 'another'],
    ] as const) {
      const text = JSON.stringify({ ...credentials(), key: used })
      const one = { id, shopId: shipping.shopId, credentials: seal(shipping.ring, shipping.shopId, text) }
      await callOwn(
        { ...deps, limiter },
        { source: kuaidi100, account: one },
        async () => {},
        AbortSignal.timeout(1000),
      )
    }
    assert.deepEqual(keys, [`kuaidi100 ${key}`, `kuaidi100 ${key}`, 'kuaidi100 another'])
  })

  test('a silence of 快递100 stops no call to the shop’s platform', async () => {
    const ids = [await aDelivery(), await aDelivery(), await aDelivery(), await aDelivery()]
    await shipping.control('faults', { kind: 'http', status: 502, shop: 'kuaidi100', count: 12 })
    await take(...ids)
    const outbox = shipping.outbox()
    await until(async () => shipping.sandbox.sandbox.board.faults.length === 0)
    const gates = await sql<{ away: Date | null }>`select away_since as away from shop_gate`.execute(
      shipping.db,
    )
    assert.ok(gates.rows.every(({ away }) => away === null))
    for (const id of ids) await ended(id)
    await outbox.stop()
    assert.deepEqual(
      ids.map((id) => given(id).length),
      [1, 1, 1, 1],
    )
  })

  test('a wrong password at the courier is its refusal, and a wrong secret is 快递100’s', async () => {
    for (const [field, code] of [
      ['partnerKey', '30003'],
      ['secret', '503'],
    ] as const) {
      await save({ ...account(), credentials: { ...credentials(), [field]: 'wrong-one' } })
      const id = await aDelivery()
      await take(id)
      const outbox = shipping.outbox()
      await ended(id)
      await outbox.stop()
      assert.deepEqual(
        (await numbers(id)).map((one) => one.code),
        [code],
      )
    }
    await save(account())
  })

  test('the demo has an account of a courier that the platform lacks, once', async () => {
    const deps = { db: shipping.db, ring: shipping.ring }
    for (let start = 0; start < 2; start += 1) await ownAccountDemo(deps, shipping.shopId, credentials())
    const found = await sql<{ no: string }>`
      select branch_code as no from waybill_account where courier = 'JTSD'`.execute(shipping.db)
    assert.deepEqual(found.rows, [{ no: partnerId }])
  })

  test('the keys are sealed and never shown; left empty they stay, but not for another address', async () => {
    const row = async () => (await accountById(shipping.db, accountId)) ?? assert.fail()
    assert.ok(!(await row()).credentials?.toString('latin1').includes(secret))
    const { set, values: shown } = shownCredentials(shipping.ring, await row())
    assert.deepEqual(Object.keys(shown).toSorted(), [
      'expType',
      'labelUrl',
      'partnerId',
      'payType',
      'pollUrl',
    ])
    assert.deepEqual(
      set.filter((field) => !Object.hasOwn(shown, field)),
      ['key', 'secret', 'partnerKey'],
    )
    const { sender: _sender, ...rest } = account()
    assert.equal(await save({ ...rest, credentials: { ...shown, expType: '特快' } }), accountId)
    const kept = openCredentials(shipping.ring, await row())
    assert.deepEqual([kept['secret'], kept['expType']], [secret, '特快'])
    const refused = async (typed: Record<string, string>) => {
      await assert.rejects(save({ ...rest, credentials: typed }), { code: 'invalid_input' })
    }
    await refused({ ...shown, labelUrl: 'https://api.kuaidi100.com/label/order' })
    await refused({ ...credentials(), labelUrl: 'https://label.example.com/order' })
    await refused({ ...credentials(), labelUrl: 'http://169.254.169.254/label/order' })
    await refused({ ...credentials(), partnerId: 'another' })
    await assert.rejects(save({ ...rest, courier: 'HTKY' }), { code: 'invalid_input' })
    await assert.rejects(save({ ...rest, courier: 'SF' }), { code: 'invalid_input', field: 'sender' })
  })
})
