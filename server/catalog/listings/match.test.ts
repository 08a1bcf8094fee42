import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { type Scope, wholeScope } from '../../core/access/actor.ts'
import { facet, idFacet } from '../../lib/facets.ts'
import { aShop } from '../../testing/orders.ts'
import { codes } from '../../testing/run.ts'
import { skuOfListing } from '../relations.ts'
import { editSkus, retireSkus, reviveSkus } from '../skus/skus.ts'
import { aCatalog, type Catalog, clerk, listed, seen } from '../testing.ts'
import { noteListings, saveListings } from './listings.ts'
import { matchAgain, matchListings, unmatchListings } from './match.ts'

let catalog: Catalog
before(async () => {
  catalog = await aCatalog()
})
after(() => catalog[Symbol.asyncDispose]())
beforeEach(async () => {
  await catalog.empty()
  await catalog.news()
})

const note = (...items: Parameters<typeof noteListings>[2]) => noteListings(catalog.db, catalog.shopId, items)
const save = (...items: Parameters<typeof saveListings>[2]) =>
  catalog.run((tx) => saveListings(tx, catalog.shopId, items))
async function idOf(itemId: string, skuId = ''): Promise<string> {
  const found = await sql<{ id: string }>`
    select id from listing where item_id = ${itemId} and platform_sku_id = ${skuId}`.execute(catalog.db)
  return found.rows[0]?.id ?? ''
}
const match = (ids: string[], skuId: string, scope: Scope = wholeScope) =>
  catalog.run((tx) =>
    matchListings(
      tx,
      ids.map((id) => ({ id, skuId })),
      'hand',
      { actor: clerk, scope },
    ),
  )
const unmatch = (...ids: string[]) =>
  catalog.run((tx) => unmatchListings(tx, ids, { actor: clerk, scope: wholeScope }))
const again = (...ids: string[]) =>
  catalog.run((tx) => matchAgain(tx, ids, { actor: clerk, scope: wholeScope }))

test('a listing that arrives finds the SKU of its outer code, and orders are told of it once', async () => {
  await catalog.skus({ code: 'SY-1' }, { code: 'SY-2' })
  await note(
    seen('i1', 's1', { outerSkuId: ' SY-1 ' }),
    seen('i1', 's2', { outerSkuId: 'SY-9', outerItemId: 'SY-2' }),
  )
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-1 outer_id', 'i1/s2': '' })
  assert.deepEqual(await catalog.news(), ['i1/s1'])
  await note(seen('i1', 's1', { outerSkuId: 'SY-1' }))
  assert.deepEqual(await catalog.news(), [])
})

test('a SKU that is added finds the listings of its code in every shop', async () => {
  const other = await aShop(catalog.db)
  await note(seen('i1', 's1', { outerSkuId: 'SY-1' }), seen('i1', 's2', { outerSkuId: 'SY-2' }))
  await noteListings(catalog.db, other, [seen('i9', '', { outerItemId: 'SY-1' })])
  assert.deepEqual(await catalog.news(), [])
  await catalog.skus({ code: 'SY-1' })
  assert.deepEqual(await catalog.matches(), {
    'i1/s1': 'SY-1 outer_id',
    'i1/s2': '',
    'i9/': 'SY-1 outer_id',
  })
  assert.deepEqual(await catalog.news(), ['i1/s1', 'i9/'])
})

test('the code of the item counts only while the item has one platform SKU', async () => {
  await catalog.skus({ code: 'SY-1' })
  await note(seen('i1', 's1', { outerItemId: 'SY-1' }))
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-1 outer_id' })
  await note(seen('i1', 's2', { outerItemId: 'SY-1' }))
  assert.deepEqual(await catalog.matches(), { 'i1/s1': '', 'i1/s2': '' })
})

test('a listing and a SKU that come at the same moment find each other', async () => {
  const numbers = Array.from({ length: 24 }, (_, at) => at)
  await Promise.all(
    numbers.flatMap((n) => [
      note(seen(`i${n}`, 's', { outerSkuId: `SY-${n}` })),
      catalog.skus({ code: `SY-${n}` }),
    ]),
  )
  const matches = await catalog.matches()
  assert.deepEqual(
    numbers.map((n) => matches[`i${n}/s`]),
    numbers.map((n) => `SY-${n} outer_id`),
  )
  assert.equal((await catalog.news()).length, 24)
})

test('of goods that only trades told of, the newest trade counts; the shop’s own list counts over trades', async () => {
  await catalog.skus({ code: 'SY-1' }, { code: 'SY-2' }, { code: 'SY-3' })
  const at = (day: number) => new Date(Date.UTC(2026, 10, day))
  await note(seen('i1', 's1', { outerSkuId: 'SY-1', seenAt: at(10) }))
  await note(seen('i1', 's1', { outerSkuId: 'SY-2', seenAt: at(9) }))
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-1 outer_id' })
  await note(seen('i1', 's1', { outerSkuId: 'SY-2', seenAt: at(11) }))
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-2 outer_id' })
  await save(listed('i1', 's1', { outerSkuId: 'SY-3', modifiedAt: at(1) }))
  await note(seen('i1', 's1', { outerSkuId: 'SY-1', seenAt: at(20) }))
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-3 outer_id' })
  assert.deepEqual(await catalog.news(), ['i1/s1', 'i1/s1', 'i1/s1'])
})

test('a code that changes to one that nobody has takes the match away: those goods are others now', async () => {
  await catalog.skus({ code: 'SY-1' })
  await save(listed('i1', 's1', { outerSkuId: 'SY-1' }))
  assert.deepEqual(await save(listed('i1', 's1', { outerSkuId: 'SY-X' })), {
    created: 0,
    updated: 1,
    same: 0,
  })
  assert.deepEqual(await catalog.matches(), { 'i1/s1': '' })
})

test('what a person matched stays, whatever the codes say later', async () => {
  const [one = '', two = ''] = await catalog.skus({ code: 'SY-1' }, { code: 'SY-2' })
  await save(listed('i1', 's1', { outerSkuId: 'SY-1' }))
  await catalog.news()
  const id = await idOf('i1', 's1')
  assert.deepEqual(codes(await match([id, '999999'], two)), ['done', 'not_found'])
  assert.deepEqual(await catalog.news(), ['i1/s1'])
  await save(listed('i1', 's1', { outerSkuId: 'SY-2' }))
  await save(listed('i1', 's1', { outerSkuId: 'SY-1' }))
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-2 hand' })
  assert.deepEqual(codes(await again(id)), ['matched_by_person'])
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-2 hand' })
  assert.deepEqual(codes(await match([id], '999999')), ['sku_not_found'])
  await catalog.run((tx) => retireSkus(tx, [one], clerk))
  assert.deepEqual(codes(await match([id], one)), ['sku_retired'])
  assert.deepEqual(await catalog.news(), [])
})

test('unmatched by a person it stays so until it is asked for again', async () => {
  await catalog.skus({ code: 'SY-1' })
  await save(listed('i1', 's1', { outerSkuId: 'SY-1' }), listed('i2', 's1', { outerSkuId: 'SY-9' }))
  const id = await idOf('i1', 's1')
  assert.deepEqual(codes(await unmatch(id)), ['done'])
  assert.deepEqual(codes(await unmatch(id)), ['not_matched'])
  await save(listed('i1', 's1', { outerSkuId: 'SY-1', outerItemId: 'X' }))
  assert.equal((await catalog.matches())['i1/s1'], '')
  await catalog.news()
  assert.deepEqual(codes(await again(id, await idOf('i2', 's1'))), ['done', 'no_sku_of_code'])
  assert.equal((await catalog.matches())['i1/s1'], 'SY-1 outer_id')
  assert.deepEqual(await catalog.news(), ['i1/s1'])
})

test('a SKU with another code lets the old listings go and takes the new ones', async () => {
  const [id = ''] = await catalog.skus({ code: 'SY-1' })
  await save(listed('i1', 's1', { outerSkuId: 'SY-1' }), listed('i2', 's1', { outerSkuId: 'SY-2' }))
  await catalog.run((tx) => editSkus(tx, [{ id, code: 'SY-2' }], clerk))
  assert.deepEqual(await catalog.matches(), { 'i1/s1': '', 'i2/s1': 'SY-2 outer_id' })
})

test('a retired SKU keeps its listings and gets no new ones; back in use it does', async () => {
  const [id = ''] = await catalog.skus({ code: 'SY-1' })
  await save(listed('i1', 's1', { outerSkuId: 'SY-1' }))
  await catalog.run((tx) => retireSkus(tx, [id], clerk))
  await save(
    listed('i2', 's1', { outerSkuId: 'SY-1' }),
    listed('i1', 's1', { outerSkuId: 'SY-1', spec: '新' }),
  )
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-1 outer_id', 'i2/s1': '' })
  await catalog.run((tx) => reviveSkus(tx, [id], clerk))
  assert.equal((await catalog.matches())['i2/s1'], 'SY-1 outer_id')
})

test('a listing outside the scope is not found, and stays', async () => {
  const [sku = ''] = await catalog.skus({ code: 'SY-1' })
  await save(listed('i1', 's1'))
  const id = await idOf('i1', 's1')
  const nowhere: Scope = { shops: ['999'], warehouses: 'all' }
  assert.deepEqual(codes(await match([id], sku, nowhere)), ['not_found'])
  assert.deepEqual(
    codes(await catalog.run((tx) => unmatchListings(tx, [id], { actor: clerk, scope: nowhere }))),
    ['not_found'],
  )
  assert.deepEqual(codes(await catalog.run((tx) => matchAgain(tx, [id], { actor: clerk, scope: nowhere }))), [
    'not_found',
  ])
  assert.deepEqual(await catalog.matches(), { 'i1/s1': '' })
})

test('who matched what is in the audit', async () => {
  const [sku = ''] = await catalog.skus({ code: 'SY-1' })
  await save(listed('i1', 's1'))
  await match([await idOf('i1', 's1')], sku)
  const found = await sql`
    select actor_name, action, subject_id, shop_id, detail from audit_log where action like 'listing.%'`.execute(
    catalog.db,
  )
  assert.deepEqual(found.rows, [
    {
      actor_name: '林晓',
      action: 'listing.match',
      subject_id: await idOf('i1', 's1'),
      shop_id: catalog.shopId,
      detail: { sku: 'SY-1', how: 'hand' },
    },
  ])
})

test('the facets in the table are those that lists ask for', async () => {
  await catalog.skus({ code: 'SY-1' })
  await save(listed('i1', 's1', { outerSkuId: 'SY-1', status: 'in_stock' }))
  const found = await sql<{ listing: number[]; sku: number[] }>`
    select l.facets as listing, s.facets as sku from listing l join sku s on s.id = l.sku_id`.execute(
    catalog.db,
  )
  assert.deepEqual(found.rows, [
    {
      listing: [idFacet('shop', catalog.shopId), facet('listingStatus', 2), facet('matchedHow', 1)],
      sku: [facet('skuKind', 1)],
    },
  ])
})

test('neighbours ask for the SKU of a listing inside their own statement', async () => {
  const [sku = ''] = await catalog.skus({ code: 'SY-1' })
  await save(listed('i1', 's1', { outerSkuId: 'SY-1' }), listed('i1', 's2'))
  const found = await sql<{ line: number; sku: string | null }>`
    select line, ${skuOfListing(sql`${catalog.shopId}::bigint`, sql`t.item`, sql`t.platform_sku`)} as sku
    from (values (1, 'i1', 's1'), (2, 'i1', 's2'), (3, 'i9', '')) t (line, item, platform_sku) order by line`.execute(
    catalog.db,
  )
  assert.deepEqual(found.rows, [
    { line: 1, sku },
    { line: 2, sku: null },
    { line: 3, sku: null },
  ])
})
