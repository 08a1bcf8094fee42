import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  chinaTime,
  control,
  NOON,
  stillSandbox,
  type TestSandbox,
  taobao,
  tmall,
  top,
  valuesOf,
} from '../testing.ts'
import type { Listing } from '../world/goods.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const shelf = (): Listing[] => sandbox.world.shops[0]?.listings ?? []
const onSale = () => shelf().filter(({ banner }) => banner === '')
const subCode = (json: string) => valuesOf(json, 'sub_code')[0]
const ask = (method: string, params: Record<string, string>) =>
  top(sandbox, tmall, `taobao.${method}`, params)

test('lists what is on sale page by page, with only the fields asked for', async () => {
  const page = (number: number) =>
    ask('items.onsale.get', {
      fields: 'num_iid,skus,desc',
      page_no: String(number),
      page_size: '7',
      order_by: 'modified:desc',
    })
  const seen: string[] = []
  for (let number = 1; number <= Math.ceil(onSale().length / 7); number++) {
    const answer = await page(number)
    assert.deepEqual(valuesOf(answer, 'total_results'), [String(onSale().length)])
    assert.doesNotMatch(answer, /"(title|skus|desc)"/)
    seen.push(...valuesOf(answer, 'num_iid'))
  }
  assert.deepEqual(
    seen.sort(),
    onSale()
      .map(({ numIid }) => numIid)
      .sort(),
  )
  assert.match(await page(99), /^\{"items_onsale_get_response":\{"total_results":\d+,"request_id":"\w+"\}\}$/)
})

test('refuses pages beyond its limits and orders that it does not know', async () => {
  const onsale = (params: Record<string, string>) => ask('items.onsale.get', { fields: 'num_iid', ...params })
  const inventory = (params: Record<string, string>) =>
    ask('items.inventory.get', { fields: 'num_iid', ...params })
  assert.equal(subCode(await onsale({ fields: '' })), 'isv.missing-parameter:fields')
  assert.equal(subCode(await onsale({ page_size: '201' })), 'isv.invalid-parameter:page_size')
  assert.equal(subCode(await onsale({ page_no: '0' })), 'isv.invalid-parameter:page_no')
  assert.equal(subCode(await onsale({ page_no: '101', page_size: '200' })), 'isv.invalid-parameter:page_no')
  assert.equal(subCode(await onsale({ order_by: 'price:asc' })), 'isv.invalid-parameter:order_by')
  assert.equal(subCode(await onsale({ start_modified: 'yesterday' })), 'isv.invalid-parameter:start_modified')
  assert.equal(subCode(await inventory({ page_no: '102' })), 'isv.invalid-parameter:page_no')
  assert.equal(subCode(await inventory({ banner: 'everything' })), 'isv.invalid-parameter:banner')
})

test('keeps what is off sale in heaps of which the default one is not all', async () => {
  const [a, b, c] = onSale()
  assert.ok(a && b && c)
  for (const [listing, banner] of [
    [a, 'off_shelf'],
    [b, 'sold_out'],
    [c, 'violation_off_shelf'],
  ] as const)
    await control(sandbox, 'listings', { shop: 'tm', numIid: listing.numIid, banner })
  const heap = async (banner: string) =>
    valuesOf(
      await ask('items.inventory.get', { fields: 'num_iid', ...(banner ? { banner } : {}) }),
      'num_iid',
    )
  assert.ok((await heap('')).includes(a.numIid) && !(await heap('')).includes(b.numIid))
  assert.ok((await heap('sold_out')).includes(b.numIid))
  assert.ok((await heap('violation_off_shelf')).includes(c.numIid))
  const recent = await ask('items.inventory.get', { fields: 'num_iid', start_modified: chinaTime(NOON) })
  assert.deepEqual(valuesOf(recent, 'num_iid'), [a.numIid])
})

test('gives at most twenty items with their SKUs, and leaves out what is not there', async () => {
  const listing = onSale().find(({ skus }) => skus.length > 1)
  const plain = shelf().find(({ skus }) => skus.length === 0)
  assert.ok(listing && plain)
  const answer = await ask('items.seller.list.get', {
    fields: 'num_iid,outer_id,approve_status,num,sku.sku_id,sku.outer_id,sku.quantity,sku.properties_name',
    num_iids: `${listing.numIid},${plain.numIid},1`,
  })
  assert.deepEqual(valuesOf(answer, 'num_iid'), [listing.numIid, plain.numIid])
  assert.deepEqual(
    valuesOf(answer, 'sku_id'),
    listing.skus.map(({ skuId }) => skuId),
  )
  assert.match(
    valuesOf(answer, 'properties_name')[0] ?? '',
    /^\d+:\d+:颜色分类:[^:;]+(;\d+:\d+:尺寸:[^:;]+)?$/,
  )
  assert.equal(
    valuesOf(answer, 'num')[0],
    String(listing.skus.reduce((sum, { quantity }) => sum + quantity, 0)),
  )
  const many = Array.from({ length: 21 }, () => listing.numIid).join()
  const list = (ids: string) => ask('items.seller.list.get', { fields: 'num_iid', num_iids: ids })
  assert.equal(subCode(await list(many)), 'isv.invalid-parameter:num_iids')
  assert.equal(subCode(await list('')), 'isv.missing-parameter:num_iids')
  assert.match(await list('1'), /^\{"items_seller_list_get_response":\{"request_id":"\w+"\}\}$/)
})

test('sets the stock of twenty SKUs of an item or of none', async () => {
  const listing = onSale().find(({ skus }) => skus.length > 1)
  assert.ok(listing)
  const [one, two] = listing.skus
  assert.ok(one && two)
  const set = (skuid_quantities: string, more: Record<string, string> = {}) =>
    ask('skus.quantity.update', { num_iid: listing.numIid, skuid_quantities, ...more })
  const answer = await set(`${one.skuId}:5;${two.skuId}:0`, { type: '1' })
  assert.deepEqual([one.quantity, two.quantity], [5, 0])
  assert.deepEqual(
    [valuesOf(answer, 'sku_id'), valuesOf(answer, 'quantity')],
    [
      [one.skuId, two.skuId],
      ['5', '0'],
    ],
  )
  await set(`${one.skuId}:-7;${two.skuId}:3`, { type: '2' })
  assert.deepEqual([one.quantity, two.quantity], [0, 3])
  assert.equal(subCode(await set(`${one.skuId}:9;1:9`)), 'isv.item-quantity-sku-update-service-error-tmall')
  assert.equal(subCode(await set(`${one.skuId}:9;${two.skuId}:-1`)), 'isv.invalid-parameter:skuid_quantities')
  assert.equal(subCode(await set(`${one.skuId}=9`)), 'isv.invalid-parameter:skuid_quantities')
  assert.equal(subCode(await set('')), 'isv.missing-parameter:skuid_quantities')
  const many = Array.from({ length: 21 }, () => `${one.skuId}:9`).join(';')
  assert.equal(subCode(await set(many)), 'isv.invalid-parameter:skuid_quantities')
  assert.deepEqual([one.quantity, two.quantity], [0, 3])
  const done = await (await fetch(`${sandbox.url}/control/done?shop=tm&action=stock`)).json()
  assert.equal(done.counts[`tm stock ${listing.numIid} ${one.skuId}`], 2)
  assert.deepEqual(done.deeds.at(-1).detail, { before: '0', quantity: '3' })
})

test('sets the stock of an item that has no SKUs, and of a SKU by its number only where there are some', async () => {
  const plain = shelf().find(({ skus }) => skus.length === 0)
  const listing = onSale().find(({ skus }) => skus.length > 1)
  assert.ok(plain && listing)
  const set = (params: Record<string, string>) => ask('item.quantity.update', { quantity: '8', ...params })
  assert.match(await set({ num_iid: plain.numIid }), /"num":8,/)
  assert.equal(plain.quantity, 8)
  const refused = await set({ num_iid: listing.numIid })
  assert.equal(subCode(refused), 'isv.item-quantity-item-update-service-error-tmall')
  assert.equal(subCode(await set({ num_iid: '1' })), 'isv.item-not-exist:invalid-numIid-or-iid-tmall')
  assert.equal(
    subCode(await set({ num_iid: plain.numIid, quantity: '-1' })),
    'isv.invalid-parameter:quantity',
  )
  const other = await top(sandbox, taobao, 'taobao.item.quantity.update', { num_iid: '1', quantity: '1' })
  assert.equal(subCode(other), 'isv.item-not-exist:invalid-numIid-or-iid')
})

test('the control API changes a listing as its merchant would', async () => {
  const listing = onSale().find(({ skus }) => skus.length > 1)
  const sku = listing?.skus[0]
  assert.ok(listing && sku)
  const change = (body: Record<string, unknown>) =>
    control(sandbox, 'listings', { shop: 'tm', numIid: listing.numIid, ...body })
  await change({ skuId: sku.skuId, outerId: 'NEW-01', quantity: 3 })
  assert.deepEqual([sku.outerId, sku.quantity, listing.modified], ['NEW-01', 3, NOON])
  assert.match(await change({ skuId: '1' }), /has no SKU 1/)
  assert.match(await change({ quantity: 1 }), /needs a skuId/)
  await change({ gone: true })
  const listed = await (await fetch(`${sandbox.url}/control/listings/tm`)).json()
  assert.ok(!listed.listings.some(({ numIid }: Listing) => numIid === listing.numIid))
})
