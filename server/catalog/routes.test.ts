import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import exceljs from 'exceljs'
import { createQueues } from '../core/jobs/job.ts'
import { type Caller, type TestApp, testApp } from '../testing/app.ts'
import { aShop } from '../testing/orders.ts'
import { jobs } from '../worker.ts'
import type { ListingRow, SheetReport, SkuDetail, SkuRowOut, Suggestion } from './contract.ts'
import { saveListings } from './listings/listings.ts'
import { skuNames } from './names.ts'
import { listed } from './testing.ts'

type Page<Row> = { rows: Row[]; next: string | null }
type Results = { results: { id: string; done: boolean; code?: string; ref?: string }[] }

let house: TestApp
let boss: Caller
let shopId: string
let otherId: string

before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  boss = await house.as(['*'])
  shopId = await aShop(house.db)
  otherId = await aShop(house.db)
})
after(() => house[Symbol.asyncDispose]())

async function ask<T>(method: string, path: string, body?: unknown, caller = boss): Promise<T> {
  const answer = await caller.call(method, path, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const read: T = JSON.parse(JSON.stringify(answer.body))
  return read
}
const save = (shop: string, ...items: Parameters<typeof saveListings>[2]) =>
  house.db.transaction().execute((tx) => saveListings(tx, shop, items))
const listings = (query: string, caller = boss) =>
  ask<Page<ListingRow>>('GET', `/api/listings?${query}`, undefined, caller)
const skus = (query: string) => ask<Page<SkuRowOut>>('GET', `/api/skus?${query}`)
const csv = (...lines: string[]) => ({ file: Buffer.from(lines.join('\n')).toString('base64') })

test('SKUs are added, found by code, title and barcode, changed and retired', async () => {
  const added = await ask<Results>('POST', '/api/skus', {
    rows: [
      { code: 'MK-1', name: '麻料靠垫', spec: '灰', barcodes: ['6900000000017'], priceFen: 4900 },
      { code: 'MK-2', productCode: 'MK', name: '棉料靠垫', category: '靠垫' },
      { code: 'MK-1', name: '又一个' },
    ],
  })
  assert.deepEqual(
    added.results.map(({ done, code, ref }) => [done, code ?? '', ref]),
    [
      [true, '', 'MK-1'],
      [true, '', 'MK-2'],
      [false, 'code_twice', 'MK-1'],
    ],
  )
  const found = async (q: string) =>
    (await skus(`q=${encodeURIComponent(q)}&sort=code`)).rows.map((row) => row.code)
  assert.deepEqual(await found('mk-'), ['MK-1', 'MK-2'])
  assert.deepEqual(await found('靠垫'), ['MK-1', 'MK-2'])
  assert.deepEqual(await found('麻'), ['MK-1'])
  assert.deepEqual(await found('靠垫 灰'), ['MK-1'])
  assert.deepEqual(await found('6900000000017'), ['MK-1'])
  assert.deepEqual(await found('%'), [])
  assert.deepEqual(
    (await skus('category=靠垫')).rows.map((row) => row.code),
    ['MK-2'],
  )
  const id = added.results[0]?.id ?? ''
  const changed = await ask<Results>('PATCH', '/api/skus', {
    rows: [{ id, version: 2, priceFen: null, weightG: 300 }],
  })
  assert.equal(changed.results[0]?.done, true)
  const stale = await ask<Results>('PATCH', '/api/skus', { rows: [{ id, version: 2, spec: '黑' }] })
  assert.equal(stale.results[0]?.code, 'conflict')
  const whole = await ask<SkuDetail>('GET', `/api/skus/${id}`)
  assert.deepEqual([whole.priceFen, whole.weightG, whole.spec, whole.version], [null, 300, '灰', 3])
  await ask('POST', '/api/skus/retire', { ids: [id] })
  const { tabs } = await ask<{ tabs: Record<string, { count: number }> }>('GET', '/api/skus/counts?q=MK-')
  assert.deepEqual(
    Object.entries(tabs).map(([tab, { count }]) => [tab, count]),
    [
      ['active', 1],
      ['bundle', 0],
      ['retired', 1],
      ['all', 2],
    ],
  )
  await ask('POST', '/api/skus/revive', { ids: [id] })
  assert.equal((await boss.call('GET', '/api/skus/999999')).status, 404)
})

test('pages follow each other by code without a gap', async () => {
  await ask('POST', '/api/skus', {
    rows: Array.from({ length: 25 }, (_, n) => ({ code: `PG ${n}`, name: '翻页' })),
  })
  const codes: string[] = []
  let after = ''
  do {
    const page: Page<SkuRowOut> = await skus(`q=翻页&sort=-code&limit=10${after && `&after=${after}`}`)
    codes.push(...page.rows.map((row) => row.code))
    after = page.next ?? ''
  } while (after !== '')
  assert.equal(codes.length, 25)
  assert.deepEqual(
    codes,
    codes.toSorted((a, b) => (a < b ? 1 : -1)),
  )
  const all = await skus('sort=code&limit=200')
  assert.ok(all.rows.length > 25)
})

test('listings have tabs, filters and suggestions, and are matched and unmatched', async () => {
  await save(
    shopId,
    listed('800', '1', { title: '麻料靠垫', spec: '灰', outerSkuId: 'OLD-MK-1' }),
    listed('801', '1', { outerSkuId: 'mk-2', title: '别的标题', status: 'in_stock' }),
  )
  await save(otherId, listed('900', '', { title: '麻料靠垫 灰色' }))
  const [first] = (await listings('q=OLD-MK')).rows
  assert.deepEqual(
    [first?.shopId, first?.itemId, first?.skuId, first?.priceFen],
    [shopId, '800', null, 26900],
  )
  const suggest = async (id: string | undefined) =>
    (await ask<{ rows: Suggestion[] }>('GET', `/api/listings/${id}/suggestions`)).rows
  assert.deepEqual((await suggest(first?.id)).map(({ code, why }) => [code, why])[0], ['MK-1', 'title'])
  const [second] = (await listings('status=in_stock')).rows
  assert.deepEqual((await suggest(second?.id)).map(({ code, why }) => [code, why])[0], ['MK-2', 'code'])
  const [sku] = (await skus('q=MK-1')).rows
  const matched = await ask<Results>('POST', '/api/listings/match', { ids: [first?.id], skuId: sku?.id })
  assert.equal(matched.results[0]?.done, true)
  const [row] = (await listings(`tab=matched&skuId=${sku?.id}`)).rows
  assert.deepEqual(
    [row?.skuCode, row?.skuName, row?.matchedHow, row?.matchedBy],
    ['MK-1', '麻料靠垫', 'hand', '林晓'],
  )
  assert.deepEqual(
    (await listings('tab=matched&how=hand')).rows.map(({ itemId }) => itemId),
    ['800'],
  )
  assert.equal((await skus('q=MK-1')).rows[0]?.listingCount, 1)
  const { tabs } = await ask<{ tabs: Record<string, { count: number }> }>('GET', '/api/listings/counts')
  assert.deepEqual([tabs['unmatched']?.count, tabs['matched']?.count, tabs['all']?.count], [2, 1, 3])
  await ask('POST', '/api/listings/unmatch', { ids: [first?.id] })
  const nothing = await ask<Results>('POST', '/api/listings/match-again', { ids: [first?.id] })
  assert.equal(nothing.results[0]?.code, 'no_sku_of_code')
})

test('of SKUs with like codes the one of the same spec and price is suggested first', async () => {
  await ask('POST', '/api/skus', {
    rows: [
      { code: 'CL-QZ-0202', name: '遮光窗帘', spec: '雾灰 2.0×2.7m', priceFen: 31_900 },
      { code: 'CL-QZ-0201-B', name: '遮光窗帘', spec: '雾灰 1.5x2.7m', priceFen: 25_900 },
    ],
  })
  await save(
    shopId,
    listed('850', '1', {
      title: '遮光窗帘 定制',
      spec: '雾灰 1.5×2.7m',
      outerSkuId: 'CL-QZ-020',
      priceFen: 25_900,
    }),
  )
  const [listing] = (await listings('q=CL-QZ-020')).rows
  const { rows } = await ask<{ rows: Suggestion[] }>('GET', `/api/listings/${listing?.id}/suggestions`)
  assert.deepEqual(
    rows.slice(0, 2).map(({ code }) => code),
    ['CL-QZ-0201-B', 'CL-QZ-0202'],
  )
  await ask('POST', '/api/listings/match', { ids: [listing?.id], skuId: rows[0]?.id })
})

test('a clerk of one shop sees and matches its listings only, and counts no others', async () => {
  const clerk = await house.as(['catalog.read', 'catalog.write'], [otherId])
  assert.deepEqual(
    (await listings('tab=all', clerk)).rows.map(({ itemId }) => itemId),
    ['900'],
  )
  const [foreign] = (await listings('q=OLD-MK')).rows
  const [sku] = (await skus('q=MK-1')).rows
  const tried = await ask<Results>(
    'POST',
    '/api/listings/match',
    { ids: [foreign?.id], skuId: sku?.id },
    clerk,
  )
  assert.equal(tried.results[0]?.code, 'not_found')
  assert.equal((await clerk.call('GET', `/api/listings/${foreign?.id}/suggestions`)).status, 404)
  await ask('POST', '/api/listings/match', { ids: [foreign?.id], skuId: sku?.id })
  const whole = await ask<SkuDetail>('GET', `/api/skus/${sku?.id}`, undefined, clerk)
  assert.deepEqual(whole.listings, [])
  const reader = await house.as(['catalog.read'])
  for (const [method, path] of [
    ['POST', '/api/skus'],
    ['PATCH', '/api/skus'],
    ['PUT', '/api/skus/parts'],
    ['POST', '/api/skus/import'],
    ['POST', '/api/listings/match'],
    ['POST', '/api/listings/import'],
    ['POST', '/api/products'],
  ] as const)
    assert.equal((await reader.call(method, path, {})).status, 403, `${method} ${path}`)
})

test('a sheet adds and changes SKUs; each bad row is named with its cell, and holds up no other', async () => {
  const report = await ask<SheetReport>(
    'POST',
    '/api/skus/import',
    csv(
      '商家编码*,商品名称,条码,售价,重量(g),备注',
      'IM-1,蚕丝被,6911 6912,¥1299.00,2500,不认识的列',
      ',没有编码,,,,',
      'IM-2,羽绒被,,很贵,,',
      '',
      'IM-3,,,,,',
      'MK-1,,,59,,',
      'IM-4,凉席,6911,,,',
    ),
  )
  assert.deepEqual([report.rows, report.created, report.updated], [6, 1, 1])
  assert.deepEqual(
    report.refused.map(({ row, column, code }) => [row, column, code]),
    [
      [3, '商家编码', 'bad_cell'],
      [4, '售价', 'bad_cell'],
      [6, '', 'name_missing'],
      [8, '', 'barcode_taken'],
    ],
  )
  const [made] = (await skus('q=6912')).rows
  assert.deepEqual([made?.code, made?.priceFen, made?.weightG], ['IM-1', 129_900, 2500])
  const [known] = (await skus('q=MK-1')).rows
  assert.deepEqual([known?.priceFen, known?.name, known?.barcodes], [5900, '麻料靠垫', ['6900000000017']])
})

test('a workbook matches listings; unknown shops, goods and codes are named', async () => {
  await save(shopId, listed('810', '1'), listed('810', '2'))
  const name = (await ask<{ rows: { id: string; name: string }[] }>('GET', '/api/shops')).rows.find(
    (shop) => shop.id === shopId,
  )?.name
  const book = new exceljs.Workbook()
  book.addWorksheet('匹配').addRows([
    ['店铺', '平台商品ID', '平台规格ID', '商家编码'],
    [name, 810, 1, 'IM-1'],
    [name, '810', '2', 'NO-SUCH'],
    [name, '811', '', 'IM-1'],
    ['没有的店', '810', '2', 'IM-1'],
  ])
  const file = Buffer.from(await book.xlsx.writeBuffer()).toString('base64')
  const report = await ask<SheetReport>('POST', '/api/listings/import', { file })
  assert.deepEqual([report.rows, report.created, report.updated], [4, 0, 1])
  assert.deepEqual(
    report.refused.map(({ row, column, code }) => [row, column, code]),
    [
      [3, '商家编码', 'sku_not_found'],
      [4, '平台商品ID', 'not_found'],
      [5, '店铺', 'bad_cell'],
    ],
  )
  const rows = (await listings('tab=matched&how=import')).rows
  assert.deepEqual(
    rows.map(({ itemId, platformSkuId, skuCode }) => [itemId, platformSkuId, skuCode]),
    [['810', '1', 'IM-1']],
  )
})

test('a file that is no sheet changes nothing and says why', async () => {
  const refused = async (body: unknown) => {
    const answer = await boss.call('POST', '/api/skus/import', body)
    return [answer.status, Reflect.get(Object(answer.body), 'code')]
  }
  assert.deepEqual(await refused(csv('名称', 'x')), [400, 'sheet_unreadable'])
  assert.deepEqual(await refused({ file: Buffer.from([80, 75, 3, 4]).toString('base64') }), [
    400,
    'sheet_unreadable',
  ])
  assert.deepEqual(await refused({ file: '' }), [400, 'invalid_input'])
  assert.deepEqual(await refused(csv(`商家编码\n${'a\n'.repeat(5001)}`)), [413, 'sheet_too_large'])
})

test('what bundles are made of is seen from both sides', async () => {
  const [one, two] = (await skus('q=MK-&sort=code')).rows
  const put = await ask<Results>('PUT', '/api/skus/parts', {
    rows: [{ id: two?.id, version: two?.version, parts: [{ skuId: one?.id, quantity: 3 }] }],
  })
  assert.equal(put.results[0]?.done, true)
  const set = await ask<SkuDetail>('GET', `/api/skus/${two?.id}`)
  assert.deepEqual(
    set.parts.map(({ code, quantity }) => [code, quantity]),
    [['MK-1', 3]],
  )
  const part = await ask<SkuDetail>('GET', `/api/skus/${one?.id}`)
  assert.deepEqual(part.bundles, [{ skuId: two?.id, code: 'MK-2', quantity: 3 }])
  assert.deepEqual(
    (await skus('tab=bundle')).rows.map((row) => row.code),
    ['MK-2'],
  )
})

test('products have a list of their own', async () => {
  const made = await ask<Results>('POST', '/api/products', {
    rows: [{ code: 'PR', name: '摆件', brand: '三易' }],
  })
  const id = made.results[0]?.ref ?? ''
  await ask('PATCH', '/api/products', { rows: [{ id, name: '木摆件' }] })
  type Product = { id: string; name: string; brand: string; skuCount: number }
  const found = await ask<Page<Product>>('GET', '/api/products?q=木摆')
  assert.deepEqual(found.rows, [
    { id, code: 'PR', name: '木摆件', category: '', brand: '三易', skuCount: 0, activeCount: 0 },
  ])
  const idsOf = async (q: string) =>
    (await ask<Page<Product>>('GET', `/api/products?q=${encodeURIComponent(q)}`)).rows.map((row) => row.id)
  assert.deepEqual([await idsOf('摆件 pr'), await idsOf('木 PX'), await idsOf('100%')], [[id], [], []])
})

test('a SKU without a picture shows that of the first listing it is matched with, and its own once it has one', async () => {
  await ask('POST', '/api/skus', { rows: [{ code: 'PIC-1', name: '蒲团' }] })
  const [{ id = '' } = {}] = (await skus('q=PIC-1')).rows
  const shown = async () => {
    const [row] = (await skus('q=PIC-1')).rows
    return [row?.pictureUrl, row?.listingPictureUrl, (await skuNames(house.db, [id])).get(id)?.pictureUrl]
  }
  assert.deepEqual(await shown(), ['', '', ''])
  const item = { outerSkuId: 'PIC-1', title: '蒲团 圆' }
  await save(shopId, listed('pic-0', '', { ...item, pictureUrl: '' }))
  await save(shopId, listed('pic-1', '', { ...item, pictureUrl: 'https://img.test/z.jpg' }))
  await save(otherId, listed('pic-2', '', { ...item, pictureUrl: 'https://img.test/a.jpg' }))
  assert.deepEqual(await shown(), ['', 'https://img.test/z.jpg', 'https://img.test/z.jpg'])
  const whole = await ask<SkuDetail>('GET', `/api/skus/${id}`)
  assert.deepEqual([whole.pictureUrl, whole.listingPictureUrl], ['', 'https://img.test/z.jpg'])
  await ask('PATCH', '/api/skus', {
    rows: [{ id, version: whole.version, pictureUrl: 'https://img.test/own.jpg' }],
  })
  assert.deepEqual(await shown(), [
    'https://img.test/own.jpg',
    'https://img.test/z.jpg',
    'https://img.test/own.jpg',
  ])
})
