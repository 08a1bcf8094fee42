import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aTrade, control, pop, stillSandbox, type TestSandbox, valuesOf } from '../testing.ts'
import type { Listing } from '../world/goods.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const shelf = (): Listing[] => sandbox.world.shops.find(({ key }) => key === 'pdd')?.listings ?? []
const errorOf = (json: string) => valuesOf(json, 'sub_msg')[0]

test('lists goods by whether they are on sale, each with its SKUs and without a price', async () => {
  const ask = (params: Record<string, string>) => pop(sandbox, 'pdd.goods.list.get', params)
  const onSale = shelf().filter(({ banner }) => banner === '')
  const answer = await ask({ is_onsale: '1', page_size: '5', page: '1' })
  assert.deepEqual(valuesOf(answer, 'total_count'), [String(onSale.length)])
  assert.equal(valuesOf(answer, 'goods_id').length, 5)
  assert.ok(valuesOf(answer, 'sku_id').every((id) => /^9\d{11}$/.test(id)))
  assert.doesNotMatch(answer, /price/)
  assert.ok(shelf().every(({ skus }) => skus.length > 0))
  assert.equal(errorOf(await ask({ page_size: '101' })), 'page_size最大100')
  assert.equal(errorOf(await ask({ is_onsale: '2' })), 'is_onsale不合法')
})

test('sets the stock of one SKU a call', async () => {
  const [listing] = shelf()
  const sku = listing?.skus[0]
  assert.ok(listing && sku)
  const set = (params: Record<string, string>) =>
    pop(sandbox, 'pdd.goods.quantity.update', {
      goods_id: listing.numIid,
      sku_id: sku.skuId,
      quantity: '6',
      ...params,
    })
  assert.match(
    await set({}),
    /^\{"goods_quantity_update_response":\{"is_success":true,"request_id":"\w+"\}\}$/,
  )
  await set({ quantity: '-2', update_type: '2' })
  assert.equal(sku.quantity, 4)
  assert.equal(errorOf(await set({ quantity: '-5', update_type: '2' })), '库存不能小于0')
  assert.equal(errorOf(await set({ goods_id: '1' })), '商品不存在')
  assert.equal(errorOf(await set({ sku_id: '1' })), 'sku不存在')
  assert.equal(errorOf(await set({ sku_id: '' })), 'sku_id不能为空')
  assert.equal(sku.quantity, 4)
})

const anOrder = (spec: object = {}) => aTrade(sandbox, 'pdd', { hold: '', ...spec })

test('ships an order once, and says in words why it does not', async () => {
  const send = (order_sn: string, params: Record<string, string> = {}) =>
    pop(sandbox, 'pdd.logistics.online.send', {
      order_sn,
      logistics_id: '115',
      tracking_number: '7000000000123',
      ...params,
    })
  const sn = await anOrder()
  assert.equal(errorOf(await send(sn, { logistics_id: '9999' })), '快递公司编号不存在或不支持')
  assert.equal(errorOf(await send(sn, { tracking_number: 'X' })), '快递单号格式不正确')
  assert.equal(errorOf(await send('261124-1')), '订单不存在')
  assert.match(await send(sn), /"is_success":true/)
  assert.equal(errorOf(await send(sn)), '订单已发货，请勿重复发货')
  const refunded = await anOrder()
  await control(sandbox, 'refunds', { tid: refunded, kind: 'REFUND' })
  assert.equal(
    errorOf(await send(refunded, { tracking_number: '7000000000124' })),
    '订单售后处理中，无法发货',
  )
  const grouping = await anOrder({ status: 'PAID_FORBID_CONSIGN' })
  assert.equal(errorOf(await send(grouping, { tracking_number: '7000000000125' })), '订单状态不允许发货')
  const book = await (await fetch(`${sandbox.url}/control/trades/${sn}`)).json()
  assert.deepEqual([book.lines[0].shipments, book.lines[0].company], [1, '115'])
  const detail = await pop(sandbox, 'pdd.order.information.get', { order_sn: sn })
  assert.deepEqual([valuesOf(detail, 'logistics_id'), valuesOf(detail, 'order_status')], [['115'], ['2']])
})

test('tells which couriers it takes to whoever asks', async () => {
  const answer = await pop(sandbox, 'pdd.logistics.companies.get', { access_token: '' })
  assert.deepEqual(valuesOf(answer, 'id').slice(0, 3), ['44', '85', '115'])
})
