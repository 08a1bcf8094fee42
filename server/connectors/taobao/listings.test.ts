import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { control, stillSandbox, type TestSandbox } from '../../../sandbox/testing.ts'
import type { Listing as Shelved } from '../../../sandbox/world/goods.ts'
import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { tmallCall } from '../../testing/taobao.ts'
import type { Call, Listing, ListingPage } from '../connector.ts'
import { type Fields, isFields } from '../fields.ts'
import type { StockInput } from '../stock.ts'
import { readTopAnswer } from './client.ts'
import { listItems, parseItem } from './listings.ts'
import { updateStock } from './stock.ts'

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const sent: string[] = []
const call = (): Call => tmallCall(sandbox, sent)

const shelf = (): Shelved[] => sandbox.world.shops[0]?.listings ?? []
const found = (items: readonly unknown[]): Listing[] =>
  items.filter((item): item is Listing => isFields(item) && !('kind' in item))

const numbersOffSale = (): string[] =>
  shelf()
    .filter(({ banner }) => banner !== '')
    .map(({ numIid }) => numIid)
    .sort()

/** The numbers of the items off sale, as the pages of this size show them to the end. */
async function idsOffSale(size: number): Promise<string[]> {
  const ids: string[] = []
  let after: string | null = null
  do {
    const page: ListingPage = await listItems(call(), { status: 'in_stock', after, size })
    ids.push(...new Set(found(page.items).map(({ itemId }) => itemId)))
    after = page.next
  } while (after !== null)
  return ids.sort()
}

describe('listings of Taobao and Tmall', () => {
  it('reads a real item: every SKU by itself, with the names that its merchant gave the values', () => {
    const root = parseJson(fixture('item_get_response.json'))
    const body = isFields(root) && isFields(root.item_get_response) ? root.item_get_response : {}
    const listings = found(parseItem(body.item, 'on_sale'))
    assert.equal(listings.length, 16)
    assert.deepEqual(listings[0], {
      itemId: '5192139988',
      platformSkuId: '8982730436',
      outerItemId: 'SZ038A',
      outerSkuId: 'SZ205A0212',
      title: 'YAD圆领男士t恤男装纯棉短袖印花修身型黑色白色骷髅头红色蓝色',
      spec: '白色 / XL',
      pictureUrl: 'http://img03.taobaocdn.com/bao/uploaded/i3/T1d.SrXkhgXXXJq2EV_020448.jpg',
      priceFen: 9600,
      quantity: 25,
      status: 'in_stock',
      modifiedAt: new Date('2014-01-31T05:27:47Z'),
    })
    assert.equal(
      listings.reduce((sum, { quantity }) => sum + quantity, 0),
      236,
    )
  })

  it('reads the official sample of the list', () => {
    const text = fixture('items_onsale_get_response.official.json')
    const { body } = readTopAnswer('taobao.items.onsale.get', { status: 200, text, retryAfterMs: 0 }, [])
    const items = isFields(body.items) && Array.isArray(body.items.item) ? body.items.item : []
    assert.deepEqual(found(parseItem(items[0], 'in_stock')), [
      {
        itemId: '1489161932',
        platformSkuId: '',
        outerItemId: '34143554352',
        outerSkuId: '',
        title: 'Google test item',
        spec: '',
        pictureUrl: 'http://img03.taobao.net/bao/uploaded/i3/T1HXdXXgPSt0JxZ2.8_070458.jpg',
        priceFen: 500,
        quantity: 8888,
        status: 'on_sale',
        modifiedAt: new Date('1999-12-31T16:00:00Z'),
      },
    ])
  })

  it('parks what has no number, and takes what it can of the rest', () => {
    const bad = (value: Fields) => parseItem(value, 'on_sale').map((item) => 'kind' in item && item.reason)
    assert.deepEqual(bad({ title: 'x' }), ['no num_iid'])
    assert.deepEqual(bad({ num_iid: 7, skus: { sku: [{ sku_id: '8' }, { quantity: 1 }] } }), [
      false,
      'a SKU without sku_id',
    ])
    const [listing] = found(
      parseItem(
        {
          num_iid: 7,
          price: '-1.00',
          num: -3,
          approve_status: 'odd',
          skus: { sku: [{ sku_id: '8', properties_name: '1:2:尺寸:一#cln#二#scln#三;3:4:空:;乱' }] },
        },
        'in_stock',
      ),
    )
    assert.deepEqual(
      [listing?.priceFen, listing?.quantity, listing?.status, listing?.spec, listing?.modifiedAt],
      [null, 0, 'in_stock', '一:二;三', null],
    )
  })

  it('costs one request for a page on sale and one for each twenty items', async () => {
    const page = await listItems(call(), { status: 'on_sale', after: null, size: 40 })
    const items = shelf().filter(({ banner }) => banner === '')
    assert.equal(page.next, null)
    assert.deepEqual(sent, [
      'items.onsale.get',
      ...Array.from({ length: Math.ceil(items.length / 20) }, () => 'items.seller.list.get'),
    ])
    const specs = new Map(found(page.items).map((listing) => [listing.platformSkuId, listing.spec]))
    const sku = items.flatMap(({ skus }) => skus).find(({ properties }) => properties.includes(';'))
    assert.ok(sku)
    assert.equal(
      specs.get(sku.skuId),
      sku.properties
        .split(';')
        .map((part) => part.split(':')[1])
        .join(' / '),
    )
  })

  it('finds what sold out and what broke a rule among what is not on sale', async () => {
    const [a, b] = shelf().filter(({ banner }) => banner === '')
    assert.ok(a && b)
    await control(sandbox, 'listings', { shop: 'tm', numIid: a.numIid, banner: 'sold_out' })
    await control(sandbox, 'listings', { shop: 'tm', numIid: b.numIid, banner: 'violation_off_shelf' })
    const ids = await idsOffSale(40)
    assert.ok(ids.includes(a.numIid) && ids.includes(b.numIid))
    assert.deepEqual(ids, numbersOffSale())
  })

  it('reads all listings off sale, though it is longer than the pages that the platform shows', async () => {
    const shop = sandbox.world.shops[0]
    const plain = shelf().find(({ skus }) => skus.length === 0)
    assert.ok(shop && plain)
    const kept = shop.listings
    const more = Array.from({ length: 320 }, (_, index) => ({
      ...plain,
      numIid: String(900_000_000_000 + index),
      banner: 'off_shelf',
      // Eight of them changed in one second, so that it fills pages of its own.
      modified: plain.modified - Math.max(0, index - 8),
    }))
    shop.listings = [...kept, ...more]
    try {
      const ids = await idsOffSale(3)
      assert.ok(ids.length > 320)
      assert.deepEqual(ids, numbersOffSale())
    } finally {
      shop.listings = kept
    }
  })

  it('never takes an item for one without SKUs because its details were cut off', async () => {
    await control(sandbox, 'faults', { kind: 'empty-list', method: 'taobao.items.seller.list.get', count: 1 })
    await assert.rejects(
      listItems(call(), { status: 'on_sale', after: null, size: 40 }),
      (error) => error instanceof PlatformError && error.kind === 'retry' && error.code === 'bad_answer',
    )
  })
})

describe('stock of Taobao and Tmall', () => {
  const outcomes = async (items: StockInput['items']) =>
    (await updateStock(call(), { items })).map(({ platformSkuId, outcome }) => [platformSkuId, outcome])

  it('sets up to twenty SKUs of an item with one request, and an item without SKUs by its own method', async () => {
    const [item] = shelf().filter(({ skus }) => skus.length > 1)
    const plain = shelf().find(({ skus }) => skus.length === 0)
    assert.ok(item && plain)
    const skus = item.skus.slice(0, 2)
    const items = [
      ...skus.map(({ skuId }) => ({ itemId: item.numIid, platformSkuId: skuId, quantity: 11 })),
      { itemId: plain.numIid, platformSkuId: '', quantity: 12 },
    ]
    assert.deepEqual(await outcomes(items), [...skus.map(({ skuId }) => [skuId, 'done']), ['', 'done']])
    assert.deepEqual(sent, ['skus.quantity.update', 'item.quantity.update'])
    assert.deepEqual([...skus.map(({ quantity }) => quantity), plain.quantity], [11, 11, 12])
    const many = Array.from({ length: 41 }, (_, index) => ({
      itemId: '7',
      platformSkuId: String(index + 1),
      quantity: 0,
    }))
    assert.ok((await outcomes(many)).every(([, outcome]) => outcome === 'gone'))
    assert.deepEqual(sent, Array(3).fill('skus.quantity.update'))
  })

  it('finds the one SKU that is gone among those that are not', async () => {
    const item = shelf().find(({ skus }) => skus.length > 3)
    assert.ok(item)
    const ids = ['1', ...item.skus.slice(0, 3).map(({ skuId }) => skuId)]
    const items = ids.map((platformSkuId) => ({ itemId: item.numIid, platformSkuId, quantity: 21 }))
    assert.deepEqual(
      await outcomes(items),
      ids.map((id) => [id, id === '1' ? 'gone' : 'done']),
    )
    assert.equal(sent.length, 5)
    assert.deepEqual(
      item.skus.slice(0, 3).map(({ quantity }) => quantity),
      [21, 21, 21],
    )
  })

  it('gives the platform’s words for what it refuses', async () => {
    const item = shelf().find(({ skus }) => skus.length > 1)
    assert.ok(item)
    const items = [{ itemId: item.numIid, platformSkuId: '', quantity: 1 }]
    const [result] = await updateStock(call(), { items })
    assert.equal(result?.outcome, 'refused')
    assert.match(result?.message ?? '', /含有销售属性/)
  })
})
