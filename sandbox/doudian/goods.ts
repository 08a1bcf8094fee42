import { type Json, rows, textIn } from '../json-parts.ts'
import { quote } from '../wire.ts'
import type { Listing, Sku } from '../world/goods.ts'
import { byModified, listingOf, setQuantity } from '../world/shelf.ts'
import { recordActivity } from '../world/world.ts'
import {
  business,
  type DoudianCall,
  type DoudianError,
  type DoudianMethod,
  done,
  invalid,
  missing,
  readLong,
  readNumber,
} from './call.ts'
import { specOf } from './spec.ts'

const REACH = 10_000

/**
 * product/listV2: pages are counted from 1, up to 100 products each, and end at ten thousand products; with `use_cursor` the list goes on
 * after the product that `cursor_id` names. status 0 is on sale, 1 off sale.
 */
export const productList: DoudianMethod = (call) => {
  const page = readNumber(call.body, 'page')
  if (typeof page !== 'number') return page
  const size = readNumber(call.body, 'size')
  if (typeof size !== 'number') return size
  if (page < 1 || page > 100) return invalid('page取值范围1~100')
  if (size < 1 || size > 100 || page * size > REACH) return invalid('size取值范围1~100')
  const status = readNumber(call.body, 'status', -1)
  if (typeof status !== 'number') return status
  const found = byModified(call.shop.listings).filter(
    (listing) => status < 0 || (status === 0) === (listing.banner === ''),
  )
  const pages = call.body['use_cursor'] === true ? afterCursor(found, textIn(call.body, 'cursor_id')) : found
  const shown = pages.slice((page - 1) * size, page * size)
  const rowsJson = shown.map((listing) => productJson(call, listing)).join(',')
  const cursor = quote(shown.at(-1)?.numIid ?? '')
  return {
    data: `{"data":[${rowsJson}],"total":${found.length},"page":${page},"size":${size},"cursor_id":${cursor}}`,
  }
}

function afterCursor(found: readonly Listing[], cursor: string): Listing[] {
  const order = ({ numIid }: Listing) => BigInt(numIid)
  const sorted = found.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
  return cursor === '' ? sorted : sorted.filter((listing) => order(listing) > BigInt(cursor))
}

/** sku/list: the SKUs of one product. */
export const skuList: DoudianMethod = ({ body, shop }) => {
  const listing = askedProduct(body, shop)
  if ('code' in listing) return listing
  return { data: `[${listing.skus.map((sku) => skuJson(listing, sku)).join(',')}]` }
}

/** sku/syncStock: the quantity of one SKU; incremental adds and needs its idempotent_id. */
export const syncStock: DoudianMethod = (call) => set(call, [call.body])

/** sku/syncStockBatch: SKUs of one product, all or nothing. */
export const syncStockBatch: DoudianMethod = (call) => {
  const list = rows(call.body, 'sku_sync_list')
  if (list.length === 0) return missing('sku_sync_list')
  if (typeof call.body['incremental'] !== 'boolean') return missing('incremental')
  for (const row of list) {
    const type = readNumber(row, 'sku_type')
    if (typeof type !== 'number') return type
    if (type !== 0) return invalid('sku_type不合法')
  }
  return set(call, list)
}

function set(call: DoudianCall, list: readonly Json[]) {
  const listing = askedProduct(call.body, call.shop)
  if ('code' in listing) return listing
  const changes: { sku: Sku; quantity: number }[] = []
  for (const row of list) {
    const skuId = readLong(row, 'sku_id')
    if (typeof skuId !== 'string') return skuId
    const amount = readNumber(row, 'stock_num')
    if (typeof amount !== 'number') return amount
    const sku = listing.skus.find((one) => one.skuId === skuId)
    if (sku === undefined) return invalid('查询商品信息失败，请检查参数后重试', 2010013)
    const isDelta = call.body['incremental'] === true
    if (isDelta && textIn(call.body, 'idempotent_id') === '') return missing('idempotent_id')
    const quantity = isDelta ? sku.quantity + amount : amount
    if (quantity < 0) return business(2010012, '更新库存数失败: 库存不足')
    changes.push({ sku, quantity })
  }
  for (const { sku, quantity } of changes) {
    const before = sku.quantity
    setQuantity(call.sandbox.world, listing, sku, quantity)
    recordActivity(call.sandbox.world, call.shop, {
      action: 'stock',
      key: `${listing.numIid} ${sku.skuId}`,
      accepted: true,
      detail: { before: String(before), quantity: String(quantity) },
    })
  }
  return done
}

function askedProduct(body: Json, shop: DoudianCall['shop']): Listing | DoudianError {
  const id = readLong(body, 'product_id')
  if (typeof id !== 'string') return id
  return listingOf(shop, id) ?? business(2010058, '商品不存在或已彻底删除')
}

function productJson({ sandbox }: DoudianCall, listing: Listing): string {
  const price = listing.skus[0]?.price ?? 0
  return `{"product_id":${listing.numIid},"status":${listing.banner === '' ? 0 : 1},"check_status":3,"discount_price":${price},"market_price":${price},"img":${quote(sandbox.world.url + listing.picture)},"name":${quote(listing.title)},"product_type":0,"create_time":${listing.modified},"update_time":${listing.modified},"outer_product_id":${quote(listing.outerIid)},"is_package_product":false}`
}

function skuJson(listing: Listing, sku: Sku): string {
  const [one, two] = specOf(sku.properties)
  return `{"id":${sku.skuId},"product_id":${listing.numIid},"product_id_str":"${listing.numIid}","out_sku_id":0,"code":${quote(sku.outerId)},"price":${sku.price},"sku_type":0,"stock_num":${sku.quantity},"prehold_stock_num":0,"spec_detail_name1":${quote(one?.value ?? '')},"spec_detail_name2":${quote(two?.value ?? '')},"spec_detail_name3":"","create_time":${listing.modified}}`
}
