import type { Actor } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import {
  BadCell,
  fenCell,
  namedRows,
  readEach,
  reportOf,
  textCell,
  wholeCell,
} from '../../core/sheets/sheet-rows.ts'
import type { SheetReport } from '../contract.ts'
import { type SkuRow, saveSkus } from './save-skus.ts'

const heads = {
  code: ['商家编码', 'SKU编码', 'SKU', 'code', 'sku code'],
  name: ['商品名称', '名称', 'name', 'product name'],
  productCode: ['商品编码', '款号', 'product code'],
  spec: ['规格', '颜色规格', 'spec'],
  barcodes: ['条码', '条形码', 'barcode', 'barcodes'],
  category: ['分类', '类目', 'category'],
  brand: ['品牌', 'brand'],
  weightG: ['重量g', '重量克', '重量', 'weight g', 'weight'],
  priceFen: ['售价', '价格', 'price'],
  referenceFen: ['最低价', '参考价', 'lowest price', 'reference price'],
  pictureUrl: ['图片', '图片地址', 'picture', 'picture url'],
} as const
type Head = keyof typeof heads

/** Adds and changes SKUs by a sheet. An empty cell leaves the field as it is. Valid rows are saved, invalid ones reported. */
export async function importSkus(db: Database, bytes: Buffer, actor: Actor): Promise<SheetReport> {
  const rows = await namedRows<Head>(bytes, heads, ['code'])
  const { good, refused } = readEach(rows, skuOf)
  const saved = await db.transaction().execute((tx) =>
    saveSkus(
      tx,
      good.map(({ value }) => value),
      actor,
    ),
  )
  const done = saved.filter((one) => one.done)
  const created = done.filter((one) => one.made).length
  const refusedLater = saved.flatMap((one, at) =>
    one.done ? [] : { row: good[at]?.row ?? 0, column: '', code: one.code, message: one.message },
  )
  return reportOf(rows.length, { created, updated: done.length - created }, [...refused, ...refusedLater])
}

function skuOf(cells: Partial<Record<Head, string>>): SkuRow {
  const label = (head: Head) => heads[head][0]
  const code = textCell(label('code'), cells.code, 64)
  if (code === undefined) throw new BadCell(label('code'), '没有填', 'Empty')
  const barcodes = cells.barcodes?.split(/[\s,，;；、]+/).filter(Boolean)
  if (barcodes?.some((one) => one.length > 64)) throw new BadCell(label('barcodes'), '条码太长', 'Too long')
  const pictureUrl = textCell(label('pictureUrl'), cells.pictureUrl, 1000)
  if (pictureUrl !== undefined && !/^(https?:)?\/\//i.test(pictureUrl))
    throw new BadCell(label('pictureUrl'), '要以 http 开头', 'It must begin with http')
  return {
    code,
    name: textCell(label('name'), cells.name, 200),
    productCode: textCell(label('productCode'), cells.productCode, 64),
    spec: textCell(label('spec'), cells.spec, 200),
    ...(barcodes ? { barcodes: [...new Set(barcodes)] } : {}),
    category: textCell(label('category'), cells.category, 60),
    brand: textCell(label('brand'), cells.brand, 60),
    weightG: wholeCell(label('weightG'), cells.weightG),
    priceFen: fenCell(label('priceFen'), cells.priceFen),
    referenceFen: fenCell(label('referenceFen'), cells.referenceFen),
    pictureUrl,
  }
}
