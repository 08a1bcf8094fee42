import type { Json } from '../json-parts.ts'
import { type Listing, listingPrice, type Sku } from '../world/goods.ts'
import { byModified, listingOf, setQuantity, totalQuantity } from '../world/shelf.ts'
import { recordActivity } from '../world/world.ts'
import {
  badParameter,
  type PaipaiCall,
  type PaipaiError,
  type PaipaiMethod,
  pageOf,
  refused,
  textOf,
  timeOf,
  wholeOf,
} from './call.ts'

const MOST = 30

/** item/sellerSearchItemList. The numbers of itemState are not known, so the simulator takes none. */
export const sellerSearchItemList: PaipaiMethod = (call) => {
  const page = pageOf(call, MOST)
  if ('errorCode' in page) return page
  if (textOf(call, 'itemState') !== '') return badParameter('itemState')
  const name = textOf(call, 'itemName')
  const found = byModified(call.shop.listings).filter(({ title }) => title.includes(name))
  return {
    pageIndex: page.index,
    countTotal: found.length,
    itemList: found
      .slice(page.skip, page.skip + page.size)
      .map((listing) => itemJson(listing, call.sandbox.world.url)),
  }
}

/** item/getItem: the item with its stock list, which is empty if it has no SKUs. */
export const getItem: PaipaiMethod = (call) => {
  const listing = askedItem(call)
  if ('errorCode' in listing) return listing
  return {
    ...itemJson(listing, call.sandbox.world.url),
    stockList: listing.skus.map((sku) => stockJson(listing, sku)),
  }
}

/** item/modifyItemStock sets the pieces of one SKU, or of an item without any; a count that is left out stays. */
export const modifyItemStock: PaipaiMethod = (call) => {
  const listing = askedItem(call)
  if ('errorCode' in listing) return listing
  const sku = askedSku(call, listing)
  if (sku !== null && 'errorCode' in sku) return sku
  const before = sku === null ? listing.quantity : sku.quantity
  const count = wholeOf(call, 'stockCount', { least: 0, most: 99_999_999, fallback: before })
  if (typeof count !== 'number') return count
  const { world } = call.sandbox
  setQuantity(world, listing, sku, count)
  const skuId = sku?.skuId ?? '0'
  recordActivity(world, call.shop, {
    action: 'stock',
    key: `${listing.numIid} ${sku?.skuId ?? ''}`.trim(),
    accepted: true,
    detail: { before: String(before), quantity: String(count) },
  })
  const stockPrice = String(sku?.price ?? listingPrice(listing))
  return { itemCode: listing.numIid, skuId, stockPrice, stockCount: String(count) }
}

function askedItem(call: PaipaiCall): Listing | PaipaiError {
  const [code, local] = [textOf(call, 'itemCode'), textOf(call, 'itemLocalCode')]
  if (code === '' && local === '') return badParameter('itemCode', '不能为空')
  const found =
    code === '' ? call.shop.listings.find(({ outerIid }) => outerIid === local) : listingOf(call.shop, code)
  return found ?? refused('商品不存在')
}

function askedSku(call: PaipaiCall, { skus }: Listing): Sku | null | PaipaiError {
  const [id, code, attr] = ['skuId', 'stockLocalCode', 'stockAttr'].map((name) => textOf(call, name))
  if (id === '' && code === '' && attr === '')
    return skus.length === 0 ? null : badParameter('skuId', '不能为空')
  const found = skus.find((sku) =>
    id !== '' ? sku.skuId === id : code !== '' ? sku.outerId === code : attrOf(sku) === attr,
  )
  return found ?? refused('库存不存在')
}

const attrOf = ({ properties }: Sku): string => properties.replaceAll(';', '|')

const itemJson = (listing: Listing, url: string): Json => ({
  itemCode: listing.numIid,
  itemName: listing.title,
  itemLocalCode: listing.outerIid,
  itemState: listing.banner === '' ? 'IS_FOR_SALE' : 'IS_IN_STORE',
  itemPrice: String(listing.skus[0]?.price ?? listingPrice(listing)),
  stockCount: String(totalQuantity(listing)),
  classId: String(listing.cid),
  picLink: url + listing.picture,
  createTime: timeOf(listing.modified),
  lastToSaleTime: timeOf(listing.banner === '' ? listing.modified : 0),
  lastModifyTime: timeOf(listing.modified),
})

const stockJson = (listing: Listing, sku: Sku): Json => ({
  skuId: sku.skuId,
  stockLocalCode: sku.outerId,
  stockAttr: attrOf(sku),
  saleAttr: '',
  status: listing.banner === '' ? '2' : '1',
  stockPrice: String(sku.price),
  stockCount: String(sku.quantity),
  soldCount: '0',
  createTime: timeOf(listing.modified),
  lastModifyTime: timeOf(listing.modified),
})
