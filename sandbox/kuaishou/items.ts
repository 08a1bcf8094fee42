import type { Json } from '../json-parts.ts'
import type { Listing, Sku } from '../world/goods.ts'
import { listingOf, setQuantity } from '../world/shelf.ts'
import { recordActivity } from '../world/world.ts'
import { badParam, done, type KsMethod, long, longIn, wholeIn, wrong } from './call.ts'
import { skuWords } from './order-json.ts'

const MOST = 9_999_999
const noItem = wrong(21, '商品不存在')

/** open.item.list.get: 10 to 100 rows a page; it filters by "on the shelf" only. */
export const itemList: KsMethod = ({ param, shop, sandbox }) => {
  const [page, size] = [wholeIn(param, 'pageNumber') ?? 1, wholeIn(param, 'pageSize') ?? 100]
  if (page < 1) return badParam('pageNumber')
  if (size < 10 || size > 100) return badParam('pageSize', '范围为10～100')
  for (const name of ['itemStatus', 'onOfflineStatus'])
    if ((wholeIn(param, name) ?? 1) !== 1) return badParam(name, '仅支持1')
  const shown = shop.listings.filter(({ banner }) => param['onOfflineStatus'] === undefined || banner === '')
  const items = shown.slice((page - 1) * size, page * size)
  return {
    data: {
      totalItemCount: shown.length,
      currentPageItemCount: items.length,
      currentPageNumber: page,
      totalPage: Math.ceil(shown.length / size),
      items: items.map((listing) => itemJson(listing, sandbox.world.url)),
    },
  }
}

const itemJson = (listing: Listing, url: string): Json => ({
  kwaiItemId: long(listing.numIid),
  relItemId: long(listing.outerIid || '0'),
  title: listing.title,
  details: '',
  mainImageUrl: url + listing.picture,
  linkUrl: '',
  categoryId: listing.cid,
  price: Math.min(...listing.skus.map(({ price }) => price)),
  createTime: 0,
  updateTime: listing.modified * 1000,
  auditStatus: 2,
  shelfStatus: listing.banner === '' ? 1 : 0,
  itemStatus: 1,
  itemType: 1,
  multipleStock: false,
  skuList: listing.skus.map((sku) => skuJson(listing, sku)),
})

const skuJson = (listing: Listing, sku: Sku): Json => ({
  kwaiSkuId: long(sku.skuId),
  kwaiItemId: long(listing.numIid),
  relSkuId: 0,
  skuNick: sku.outerId,
  skuStock: sku.quantity,
  skuSalePrice: sku.price,
  specification: skuWords(sku.properties),
  isValid: 1,
  imageUrl: '',
  createTime: 0,
  updateTime: listing.modified * 1000,
})

export const skuList: KsMethod = ({ param, shop }) => {
  const id = longIn(param, 'kwaiItemId')
  if (id === '') return badParam('kwaiItemId')
  const listing = listingOf(shop, id)
  if (listing === undefined) return noItem
  return {
    data: { skuCount: listing.skus.length, skuList: listing.skus.map((sku) => skuJson(listing, sku)) },
  }
}

/** open.item.sku.stock.update: adds (1) or takes away (2); the same call twice counts twice. */
export const stockUpdate: KsMethod = ({ param, shop, sandbox }) => {
  const [itemId, skuId] = [longIn(param, 'kwaiItemId'), longIn(param, 'skuId')]
  const [change, type] = [wholeIn(param, 'skuChangeStock'), wholeIn(param, 'changeType')]
  if (itemId === '' || skuId === '' || (type !== 1 && type !== 2))
    return badParam('kwaiItemId, skuId, changeType')
  if (change === undefined || change < 1 || change >= MOST) return badParam('skuChangeStock')
  const listing = listingOf(shop, itemId)
  if (listing === undefined) return noItem
  const sku = listing.skus.find((known) => known.skuId === skuId)
  if (sku === undefined) return wrong(21, 'sku不存在')
  const before = sku.quantity
  const quantity = type === 1 ? before + change : before - change
  // K1001
  if (quantity < 0) return wrong(21, '当前库存不足，请减少预留库存')
  if (quantity > MOST) return badParam('skuChangeStock')
  setQuantity(sandbox.world, listing, sku, quantity)
  recordActivity(sandbox.world, shop, {
    action: 'stock',
    key: `${itemId} ${skuId}`,
    accepted: true,
    detail: { before: String(before), quantity: String(quantity) },
  })
  return done
}
