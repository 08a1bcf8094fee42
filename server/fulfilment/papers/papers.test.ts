import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { seal } from '../../lib/seal.ts'
import { tradeTypeFacet } from '../../orders/order/facets.ts'
import { type Answer, type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { anOrder, aShop, matchGoods } from '../../testing/orders.ts'
import { deliveryOf, packer } from '../../testing/shipping.ts'
import { aSku, aWarehouse } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { releaseOrders } from '../shipping/release.ts'
import type { PaperDelivery } from './contract.ts'
import { defaultTemplate, fitted, type PaperTemplate, templateFor } from './paper-rules.ts'

let house: TestApp
let clerk: Caller
let shopId: string
let warehouseId: string
before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  shopId = await aShop(house.db)
  warehouseId = await aWarehouse(house.db)
  clerk = await house.as(['fulfilment.read', 'fulfilment.papers'])
})
after(() => house[Symbol.asyncDispose]())

async function released(shop = shopId): Promise<{ id: string; orderId: string; no: string }> {
  const order = await anOrder(house.db, { shopId: shop, status: 'confirmed' })
  await sql`update sales_order set warehouse_id = ${warehouseId}, seller_memo = '易碎' where id = ${order.id}`.execute(
    house.db,
  )
  await house.db
    .transaction()
    .execute((tx) => releaseOrders(tx, [order.id], { actor: packer, scope: wholeScope }))
  return { id: await deliveryOf(house.db, order.id), orderId: order.id, no: order.no }
}
const papers = async (ids: readonly string[], caller = clerk): Promise<PaperDelivery[]> => {
  const { status, body } = await caller.call('GET', `/api/papers?ids=${ids.join(',')}`)
  assert.equal(status, 200)
  return Object(body).rows
}
const codeOf = ({ status, body }: Answer) => [status, Object(body).code]

describe('what papers of deliveries show', () => {
  test('whether the trade is a present, by what the trade says', async () => {
    const [present, plain] = [await released(), await released()]
    await sql`update sales_order set facets = facets || ${tradeTypeFacet('present')}::int where id = ${present.orderId}`.execute(
      house.db,
    )
    const rows = await papers([present.id, plain.id])
    assert.deepEqual(
      rows.map(({ isPresent }) => isPresent),
      [true, false],
    )
  })

  test('the pieces that are left after refunds, with SKU and bin, in the given order; nothing of the buyer in the clear', async () => {
    const [one, two] = [await released(), await released()]
    const skuId = await matchGoods(house.db, shopId)
    await sql`
      with b as (insert into bin (warehouse_id, code, route, created_by) values (${warehouseId}, 'A-03-12', 30, '') returning id)
      insert into sku_bin (warehouse_id, sku_id, main_bin_id) select ${warehouseId}, ${skuId}, id from b`.execute(
      house.db,
    )
    await sql`update order_line set refunded_quantity = 1 where order_id = ${one.orderId} and quantity = 2`.execute(
      house.db,
    )
    const rows = await papers([two.id, one.id])
    assert.deepEqual(
      rows.map(({ id, pieces }) => [id, pieces]),
      [
        [two.id, 3],
        [one.id, 2],
      ],
    )
    const [, row = assert.fail()] = rows
    assert.deepEqual([row.orderNo, row.sellerMemo, row.own], [one.no, '易碎', false])
    assert.deepEqual(
      row.goods.map(({ name, spec, quantity, bin, route }) => [name, spec, quantity, bin, route]),
      [
        ['四件套', '雾蓝', 1, 'A-03-12', 30],
        ['四件套', '雾蓝', 1, 'A-03-12', 30],
      ],
    )
  })

  test('a bundle is one line for the buyer, and its parts for the picker', async () => {
    const { id, orderId } = await released()
    const [bundle, part] = [await aSku(house.db), await aSku(house.db)]
    await sql`update sku set is_bundle = true where id = ${bundle}`.execute(house.db)
    await sql`insert into bundle_part (bundle_id, part_id, quantity) values (${bundle}, ${part}, 3)`.execute(
      house.db,
    )
    await sql`update order_line set sku_id = ${bundle} where order_id = ${orderId} and quantity = 2`.execute(
      house.db,
    )
    const [row = assert.fail()] = await papers([id])
    assert.deepEqual(
      row.goods.map(({ skuId, quantity }) => [skuId === bundle, quantity]),
      [
        [true, 2],
        [false, 1],
      ],
    )
    assert.deepEqual(
      row.picks.map(({ skuId, quantity }) => [skuId === part, quantity]),
      [
        [true, 6],
        [false, 1],
      ],
    )
  })

  test('deliveries of other shops and other warehouses are left out', async () => {
    const { id } = await released()
    const other = await house.as(['fulfilment.read'], [await aShop(house.db)])
    assert.deepEqual(await papers([id], other), [])
    const elsewhere = await house.as(['fulfilment.read'], 'all', [await aWarehouse(house.db)])
    assert.deepEqual(await papers([id], elsewhere), [])
  })
})

describe('the receiver of a plain label', () => {
  const receiver = {
    ...{
      name: '欧阳锦绣',
      mobile: '13987650123',
      phone: '',
      province: '浙江省',
      city: '杭州市',
      district: '西湖区',
    },
    ...{ town: '', address: '古墩路 987 号', zip: '', token: '' },
  }
  const made = async (origin: string, name = receiver.name) => {
    const one = await released()
    const personal = seal(house.ring, shopId, JSON.stringify({ nick: 'tb', receiver: { ...receiver, name } }))
    await sql`update sales_order set origin = ${origin}, personal = ${personal} where id = ${one.orderId}`.execute(
      house.db,
    )
    return one.id
  }
  const audited = async () => {
    const found = await sql<{ subject: string; detail: unknown }>`
      select subject_id as subject, detail from audit_log where action = 'delivery.reveal' order by id`.execute(
      house.db,
    )
    return found.rows
  }

  test('is shown for an order that was made here, with an audit row that names nobody', async () => {
    const keeper = await house.as(['fulfilment.read', 'personal.reveal'])
    const id = await made('manual')
    assert.equal((await papers([id]))[0]?.own, true)
    const { status, body } = await keeper.call('POST', `/api/papers/${id}/reveal`)
    assert.deepEqual([status, Object(body).name, Object(body).mobile], [200, '欧阳锦绣', '13987650123'])
    assert.deepEqual(await audited(), [{ subject: id, detail: {} }])
    assert.ok(!house.logged.some((line) => line.includes('欧阳锦绣') || line.includes('13987650123')))
  })

  test('is shown to whoever ships while the delivery waits, and to nobody else without the permission', async () => {
    const packing = await house.as(['fulfilment.read', 'fulfilment.ship'])
    const id = await made('manual')
    const before = (await audited()).length
    const look = () => packing.call('POST', `/api/papers/${id}/reveal`)
    assert.equal(Object((await look()).body).name, '欧阳锦绣')
    assert.equal((await audited()).length, before + 1)
    await sql`
      update delivery set status = 'shipped', shipped_at = now(), courier = 'SF', waybill_no = 'SF1', write_back = 'none'
      where id = ${id}`.execute(house.db)
    assert.deepEqual(codeOf(await look()), [403, 'forbidden'])
    assert.deepEqual(codeOf(await packing.call('POST', `/api/papers/${await made('trade')}/reveal`)), [
      409,
      'masked_receiver',
    ])
    assert.deepEqual(codeOf(await clerk.call('POST', `/api/papers/${await made('manual')}/reveal`)), [
      403,
      'forbidden',
    ])
    assert.equal((await audited()).length, before + 1)
  })

  test('is refused for a platform’s order, a masked copy, and other shops, without an audit row', async () => {
    const before = (await audited()).length
    const keeper = await house.as(['fulfilment.read', 'personal.reveal'])
    const of = async (id: string, who = keeper) => codeOf(await who.call('POST', `/api/papers/${id}/reveal`))
    assert.deepEqual(await of(await made('trade')), [409, 'masked_receiver'])
    assert.deepEqual(await of(await made('copy', '欧**')), [409, 'masked_receiver'])
    const other = await house.as(['fulfilment.read', 'personal.reveal'], [await aShop(house.db)])
    assert.deepEqual(await of(await made('manual'), other), [404, 'not_found'])
    assert.equal((await of(await made('manual'), clerk))[0], 403)
    assert.equal((await audited()).length, before)
  })
})

describe('templates', () => {
  const input = (more: Partial<PaperTemplate> & { id?: string; version?: number } = {}) => ({
    ...{ version: 0, ...defaultTemplate('packing_slip'), name: '随箱清单 A5' },
    ...more,
  })
  const save = (body: object, caller = clerk) => caller.call('POST', '/api/paper-templates', body)
  const list = async (caller = clerk): Promise<(PaperTemplate & { id: string; version: number })[]> =>
    Object((await caller.call('GET', '/api/paper-templates')).body).rows

  test('a template is saved, changed by who saw its newest version, and removed, each with its audit row', async () => {
    const { id, version } = Object((await save(input())).body)
    assert.equal(version, 1)
    const [stored = assert.fail()] = (await list()).filter((one) => one.id === id)
    assert.deepEqual(stored.options, defaultTemplate('packing_slip').options)
    assert.equal((await save(input({ id, version, widthMm: 100 }))).status, 200)
    assert.deepEqual(codeOf(await save(input({ id, version }))), [409, 'conflict'])
    assert.deepEqual(codeOf(await save(input({ id, version: 2, kind: 'label' }))), [400, 'invalid_input'])
    assert.equal((await clerk.call('DELETE', `/api/paper-templates/${id}`)).status, 204)
    assert.deepEqual(codeOf(await clerk.call('DELETE', `/api/paper-templates/${id}`)), [404, 'not_found'])
    assert.deepEqual(await list(), [])
    const audited = await sql<{ action: string }>`
      select action from audit_log where subject_type = 'paper_template' order by id`.execute(house.db)
    assert.deepEqual(
      audited.rows.map(({ action }) => action),
      ['paper_template.save', 'paper_template.save', 'paper_template.remove'],
    )
  })

  test('a custom area of labels is kept apart from the papers, and is found, changed and removed like them', async () => {
    const area = { ...defaultTemplate('label_area'), name: '山隅标准', couriers: ['ZTO'] }
    const { id, version } = Object((await save({ version: 0, ...area })).body)
    const count = async (table: string) => {
      const found = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(
        house.db,
      )
      return found.rows[0]?.n
    }
    assert.deepEqual([await count('label_area'), await count('paper_template')], [1, 0])
    const [stored = assert.fail()] = await list()
    assert.deepEqual(
      [stored.id, stored.kind, stored.options, stored.couriers],
      [id, 'label_area', area.options, ['ZTO']],
    )
    assert.equal((await save({ id, version, ...area, name: '山隅送礼' })).status, 200)
    assert.deepEqual(codeOf(await save({ id, version, ...area })), [409, 'conflict'])
    assert.deepEqual(codeOf(await save(input({ id, version: 2 }))), [409, 'conflict'])
    assert.equal((await clerk.call('DELETE', `/api/paper-templates/${id}`)).status, 204)
    assert.deepEqual(await list(), [])
    assert.equal(await count('label_area'), 0)
    const halves = area.options.fields.map((field) => ({
      ...field,
      place: { x: 0.3, y: 0, w: 9, h: 9, right: false },
    }))
    assert.deepEqual(
      codeOf(await save({ version: 0, ...area, options: { ...area.options, fields: halves } })),
      [400, 'invalid_input'],
    )
  })

  test('a field that may not stand on the paper, one that is there twice, and a sheet of no size are refused', async () => {
    const { options } = defaultTemplate('packing_slip')
    const [first = assert.fail()] = options.fields
    const twice = { ...options, fields: [...options.fields, first] }
    const foreign = { ...options, fields: [{ ...first, key: 'handedBy' as const }] }
    for (const wrong of [{ options: twice }, { options: foreign }, { widthMm: 0 }])
      assert.deepEqual(codeOf(await save(input(wrong))), [400, 'invalid_input'])
  })

  test('who sees some shops changes only templates of these, and sees no other', async () => {
    const shop = await aShop(house.db)
    const narrow = await house.as(['fulfilment.read', 'fulfilment.papers'], [shop])
    assert.deepEqual(codeOf(await save(input(), narrow)), [403, 'outside_scope'])
    assert.deepEqual(codeOf(await save(input({ shopIds: [shopId] }), narrow)), [403, 'outside_scope'])
    assert.equal((await save(input({ shopIds: [shop] }), narrow)).status, 200)
    const { id } = Object((await save(input({ shopIds: [shopId] }))).body)
    assert.deepEqual(
      (await list(narrow)).map(({ shopIds }) => shopIds),
      [[shop]],
    )
    const removed = await narrow.call('DELETE', `/api/paper-templates/${id}`)
    assert.deepEqual(codeOf(removed), [403, 'outside_scope'])
    const reader = await house.as(['fulfilment.read', 'fulfilment.ship'])
    assert.equal((await save(input(), reader)).status, 403)
  })

  test('the most specific template is used: the shop counts more than the courier, then the newest, then the default', () => {
    const made = (id: string, shopIds: string[], couriers: string[]) => ({
      ...defaultTemplate('label'),
      ...{ id, shopIds, couriers },
    })
    const all = [
      made('1', [], []),
      made('2', [], []),
      made('3', [], ['SF']),
      made('4', ['7'], []),
      made('5', ['7'], ['SF']),
    ]
    const used = (shop: string, courier: string, of = all) => {
      const found = templateFor(of, 'label', { shopId: shop, courier })
      return 'id' in found ? found.id : 'default'
    }
    assert.deepEqual(
      [used('7', 'SF'), used('7', 'YTO'), used('8', 'SF'), used('8', 'YTO'), used('8', 'YTO', all.slice(2))],
      ['5', '4', '3', '2', 'default'],
    )
  })

  test('a template of another version keeps its fields: unknown ones are left out, new ones are off', () => {
    const plain = defaultTemplate('goods_label')
    const [name = assert.fail(), ...others] = plain.options.fields
    const stored = { ...plain, options: { ...plain.options, fields: [name, { ...name, key: 'price' }] } }
    assert.deepEqual(fitted(Object(stored)).options.fields, [
      name,
      ...others.map((field) => ({ ...field, on: false })),
    ])
  })
})

test('the manifests of a day have its parcels by courier; a merged shipment is one parcel with the pieces of both', async () => {
  const [sf, first, second, waits] = [await released(), await released(), await released(), await released()]
  const ship = (id: string, courier: string, waybill: string, more = '') =>
    sql`
      update delivery set status = 'shipped', write_back = 'none', courier = ${courier}, waybill_no = ${waybill},
        shipped_at = '2026-11-20T09:00:00+08:00', weight_grams = 420, parcel = ${more === '' ? null : '77'}::bigint,
        beside = ${more === 'beside'} where id = ${id}`.execute(house.db)
  await ship(sf.id, 'SF', 'SF0000000000001')
  await ship(first.id, 'YTO', 'YT0000000000001', 'first')
  await ship(second.id, 'YTO', 'YT0000000000001', 'beside')
  const { rows, more } = Object((await clerk.call('GET', '/api/handovers?day=2026-11-20')).body)
  assert.deepEqual(
    rows.map(({ courier, waybillNo, orderNo, pieces }: Record<string, unknown>) => [
      courier,
      waybillNo,
      orderNo,
      pieces,
    ]),
    [
      ['SF', 'SF0000000000001', sf.no, 3],
      ['YTO', 'YT0000000000001', first.no, 6],
    ],
  )
  assert.equal(more, false)
  assert.deepEqual(Object((await clerk.call('GET', '/api/handovers?day=2026-11-19')).body).rows, [])
  const elsewhere = await clerk.call(
    'GET',
    `/api/handovers?day=2026-11-20&warehouse=${await aWarehouse(house.db)}`,
  )
  assert.deepEqual(Object(elsewhere.body).rows, [])
  const foreign = await house.as(['fulfilment.read'], [await aShop(house.db)])
  assert.deepEqual(Object((await foreign.call('GET', '/api/handovers?day=2026-11-20')).body).rows, [])
  assert.equal((await papers([waits.id]))[0]?.waybillNo, '')
})
