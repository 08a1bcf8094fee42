import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { usesOfSkus } from '../../inventory/uses.ts'
import { codes } from '../../testing/run.ts'
import { skuParts } from '../relations.ts'
import { aCatalog, type Catalog, clerk } from '../testing.ts'
import { skuRows } from '../view-queries.ts'
import { setBundles } from './bundles.ts'
import { createProducts, editProducts, retireProducts } from './products.ts'
import { saveSkus } from './save-skus.ts'
import { editSkus, retireSkus, reviveSkus } from './skus.ts'

let catalog: Catalog
before(async () => {
  catalog = await aCatalog()
})
after(() => catalog[Symbol.asyncDispose]())
beforeEach(() => catalog.empty())

const edit = (...edits: Parameters<typeof editSkus>[1]) => catalog.run((tx) => editSkus(tx, edits, clerk))
const bundle = (...bundles: Parameters<typeof setBundles>[1]) =>
  catalog.run((tx) => setBundles(tx, bundles, clerk, usesOfSkus))
const retire = (...ids: string[]) => catalog.run((tx) => retireSkus(tx, ids, clerk))
const rowOf = async (id: string) => (await skuRows(catalog.db, [id], wholeScope))[0] ?? assert.fail()

test('SKUs of one product come with it; what a second save leaves out stays', async () => {
  const save = (...rows: Parameters<typeof saveSkus>[1]) => catalog.run((tx) => saveSkus(tx, rows, clerk))
  const saved = await save(
    { code: 'SY-1-B', productCode: 'SY-1', name: '四件套', category: '床品', spec: '雾蓝', priceFen: 26900 },
    { code: 'SY-1-W', productCode: 'SY-1', spec: '米白', barcodes: ['6901', '6902'] },
    { code: 'SY-1-W', productCode: 'SY-1', spec: '重复' },
    { code: 'SY-2', spec: '没有名称' },
  )
  assert.deepEqual(codes(saved), ['done', 'done', 'code_twice', 'name_missing'])
  const ids = saved.map((one) => (one.done ? one.id : ''))
  await save({ code: 'SY-1-B', weightG: 1800, name: '长绒棉四件套' })
  const row = await rowOf(ids[0] ?? '')
  assert.deepEqual(
    [row.productCode, row.name, row.category, row.spec, row.priceFen, row.weightG, row.referenceFen],
    ['SY-1', '长绒棉四件套', '床品', '雾蓝', 26900, 1800, null],
  )
  const other = await rowOf(ids[1] ?? '')
  assert.deepEqual([other.name, other.barcodes, other.priceFen], ['长绒棉四件套', ['6901', '6902'], null])
  const words = await sql<{ words: string }>`select words from sku where code = 'SY-1-W'`.execute(catalog.db)
  assert.equal(words.rows[0]?.words, 'sy-1-w 长绒棉四件套 米白 sy-1 ')
})

test('a code and a barcode belong to one SKU; an older version is told', async () => {
  const [one = '', two = ''] = await catalog.skus({ code: 'A', barcodes: ['690'] }, { code: 'B' })
  assert.deepEqual(
    codes(
      await edit(
        { id: two, code: 'A' },
        { id: two, barcodes: ['690'] },
        { id: '999999', spec: '' },
        { id: one, version: 1, spec: '旧' },
        { id: one, code: 'A', barcodes: ['690', '691'], priceFen: null },
      ),
    ),
    ['code_taken', 'barcode_taken', 'not_found', 'conflict', 'done'],
  )
  assert.deepEqual((await rowOf(one)).barcodes, ['690', '691'])
  const again = await edit({ id: one, version: 1 }, { id: one, spec: '先' }, { id: one, spec: '后' })
  assert.deepEqual(codes(again), ['conflict', 'done', 'code_twice'])
  assert.equal((await rowOf(one)).spec, '先')
  assert.deepEqual((await rowOf(two)).code, 'B')
  const taken = await catalog.run((tx) =>
    saveSkus(
      tx,
      [
        { code: 'A', name: '又' },
        { code: 'C', name: '新', barcodes: ['691'] },
      ],
      clerk,
      { onlyNew: true },
    ),
  )
  assert.deepEqual(codes(taken), ['code_taken', 'barcode_taken'])
})

test('neither does a bundle hold a bundle nor itself, in whichever order it is tried', async () => {
  const [set = '', sheet = '', pillow = '', other = ''] = await catalog.skus(
    { code: 'SET' },
    { code: 'SHEET' },
    { code: 'PILLOW' },
    { code: 'OTHER' },
  )
  const part = (skuId: string, quantity = 1) => ({ skuId, quantity })
  assert.deepEqual(
    codes(
      await bundle({ id: set, parts: [part(sheet), part(pillow, 2)] }, { id: other, parts: [part(set)] }),
    ),
    ['done', 'nested_bundle'],
  )
  const refused = async (id: string, ...parts: { skuId: string; quantity: number }[]) =>
    codes(await bundle({ id, parts }))[0]
  assert.equal(await refused(other, part(other)), 'holds_itself')
  assert.equal(await refused(other, part(set)), 'nested_bundle')
  assert.equal(await refused(sheet, part(other)), 'in_bundle')
  assert.equal(await refused(other, part(sheet), part(sheet)), 'part_twice')
  assert.equal(await refused(other, part('999999')), 'sku_not_found')
  const row = await rowOf(set)
  assert.deepEqual([row.isBundle, row.partCount], [true, 2])
  assert.equal((await rowOf(other)).isBundle, false)
})

test('two people who would make two bundles of each other are told one after the other', async () => {
  const [one = '', two = ''] = await catalog.skus({ code: 'ONE' }, { code: 'TWO' })
  const tries = await Promise.all([
    bundle({ id: one, parts: [{ skuId: two, quantity: 1 }] }),
    bundle({ id: two, parts: [{ skuId: one, quantity: 1 }] }),
  ])
  assert.equal(codes(tries.flat()).filter((code) => code === 'done').length, 1)
})

test('a bundle explodes into its parts, everything else is itself', async () => {
  const [set = '', sheet = '', pillow = ''] = await catalog.skus(
    { code: 'SET' },
    { code: 'SHEET' },
    { code: 'PILLOW' },
  )
  await bundle({
    id: set,
    parts: [
      { skuId: sheet, quantity: 1 },
      { skuId: pillow, quantity: 2 },
    ],
  })
  const exploded = () =>
    sql`select sku_id, part_id, quantity from ${skuParts} as part
        order by array_position(array[${set}, ${sheet}, ${pillow}]::bigint[], sku_id), quantity`.execute(
      catalog.db,
    )
  assert.deepEqual((await exploded()).rows, [
    { sku_id: set, part_id: sheet, quantity: 1 },
    { sku_id: set, part_id: pillow, quantity: 2 },
    { sku_id: sheet, part_id: sheet, quantity: 1 },
    { sku_id: pillow, part_id: pillow, quantity: 1 },
  ])
  await bundle({ id: set, parts: [] })
  assert.deepEqual((await exploded()).rows[0], { sku_id: set, part_id: set, quantity: 1 })
  assert.equal((await rowOf(set)).isBundle, false)
})

test('what an active bundle holds is not retired before it, but may be with it', async () => {
  const [set = '', sheet = ''] = await catalog.skus({ code: 'SET' }, { code: 'SHEET' })
  await bundle({ id: set, parts: [{ skuId: sheet, quantity: 1 }] })
  assert.deepEqual(codes(await retire(sheet)), ['in_bundle'])
  assert.equal((await rowOf(sheet)).active, true)
  assert.deepEqual(codes(await retire(sheet, set, set)), ['done', 'done'])
  assert.deepEqual(codes(await retire(set, '999999')), ['already', 'not_found'])
})

test('products are added, renamed and retired with all their SKUs', async () => {
  const made = await catalog.run((tx) =>
    createProducts(
      tx,
      [
        { code: 'P1', name: '被芯', brand: '三易' },
        { code: 'P2', name: '枕芯' },
      ],
      clerk,
    ),
  )
  assert.deepEqual(codes(made), ['done', 'done'])
  const [p1 = '', p2 = ''] = made.map((one) => one.ref ?? '')
  const [sku = ''] = await catalog.skus({ code: 'K', productCode: 'P1', name: '蚕丝被芯' })
  const edited = await catalog.run((tx) =>
    editProducts(
      tx,
      [
        { id: p1, name: '羽绒被芯' },
        { id: p1, name: '又' },
        { id: p2, code: 'P1' },
        { id: '999999', name: '无' },
      ],
      clerk,
    ),
  )
  assert.deepEqual(codes(edited), ['done', 'code_twice', 'code_taken', 'not_found'])
  const words = await sql<{ words: string }>`select words from sku`.execute(catalog.db)
  assert.deepEqual(words.rows, [{ words: 'k 羽绒被芯  p1 三易' }])
  assert.deepEqual(codes(await catalog.run((tx) => retireProducts(tx, [p1, p2], clerk))), ['done', 'done'])
  assert.equal((await rowOf(sku)).active, false)
})

test('a bundle comes back with its parts or after them, and never before', async () => {
  const [set = '', sheet = '', pillow = ''] = await catalog.skus(
    { code: 'SET-BACK' },
    { code: 'SHEET-BACK' },
    { code: 'PILLOW-BACK' },
  )
  const parts = [sheet, pillow].map((skuId) => ({ skuId, quantity: 1 }))
  await bundle({ id: set, parts })
  const reviving = async (...ids: string[]) => codes(await catalog.run((tx) => reviveSkus(tx, ids, clerk)))
  await catalog.run((tx) => retireSkus(tx, [set, sheet, pillow], clerk))
  assert.deepEqual(await reviving(set), ['part_retired'])
  assert.deepEqual(await reviving(set, sheet), ['part_retired', 'done'])
  assert.deepEqual([(await rowOf(set)).active, (await rowOf(sheet)).active], [false, true])
  assert.deepEqual(await reviving(set, pillow), ['done', 'done'])
})
