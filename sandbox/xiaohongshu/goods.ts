import type { Json } from '../json-parts.ts'
import type { Listing, Sku } from '../world/goods.ts'
import type { Shop } from '../world/model.ts'
import { setQuantity } from '../world/shelf.ts'
import { UNPAID } from '../world/story.ts'
import { recordActivity } from '../world/world.ts'
import { badParam, wholeIn, wordIn, wrong, type XhsCall, type XhsError, type XhsMethod } from './call.ts'

/** product.getDetailSkuList: a row for each SKU, with its product; a hundred a page. */
export const skuList: XhsMethod = ({ shop, body, sandbox }) => {
  const [page, size] = [wholeIn(body, 'pageNo') ?? 1, wholeIn(body, 'pageSize') ?? 50]
  if (page < 1 || size < 1 || size > 100) return badParam('pageNo、pageSize不正确')
  const buyable = body['buyable']
  if (buyable !== undefined && typeof buyable !== 'boolean') return badParam('buyable不正确')
  const found = shop.listings
    .filter((listing) => buyable === undefined || (listing.banner === '') === buyable)
    .flatMap((listing) => listing.skus.map((sku) => ({ listing, sku })))
  return {
    data: {
      data: found
        .slice((page - 1) * size, page * size)
        .map(({ listing, sku }) => rowJson(listing, sku, sandbox.world.url)),
      total: found.length,
      pageNO: page,
      pageSize: size,
    },
  }
}

const rowJson = (listing: Listing, sku: Sku, url: string): Json => ({
  item: {
    id: listing.numIid,
    name: listing.title,
    articleNo: listing.outerIid,
    images: [url + listing.picture],
    createTime: listing.modified * 1000,
    updateTime: listing.modified * 1000,
  },
  sku: {
    id: sku.skuId,
    itemId: listing.numIid,
    name: listing.title,
    erpCode: sku.outerId,
    barcode: '',
    price: sku.price,
    originalPrice: sku.price,
    stock: sku.quantity,
    buyable: listing.banner === '',
    variants: sku.properties
      .split(';')
      .filter(Boolean)
      .map((pair) => ({ id: '1', name: pair.split(':')[0] ?? '', value: pair.split(':')[1] ?? '' })),
    createTime: listing.modified * 1000,
    updateTime: listing.modified * 1000,
    isGift: false,
  },
})

/** Pieces in orders that are not paid yet: they are in the total, and cannot be sold. */
const occupied = ({ trades }: Shop, skuId: string): number =>
  [...trades.values()]
    .filter(({ status }) => UNPAID.has(status))
    .flatMap(({ lines }) => lines.filter(({ sku }) => sku?.skuId === skuId))
    .reduce((sum, { num }) => sum + num, 0)

const stockJson = ({ shop }: XhsCall, { skuId, quantity }: Sku): Json => ({
  skuId,
  apiVersion: 'V1',
  skuStock: {
    available: quantity,
    total: quantity + occupied(shop, skuId),
    occupiedQuantity: occupied(shop, skuId),
  },
})

function askedSku({ shop, body }: XhsCall): { listing: Listing; sku: Sku } | XhsError {
  const skuId = wordIn(body, 'skuId')
  if (skuId === '') return badParam('skuId不能为空')
  const found = shop.listings
    .flatMap((listing) => listing.skus.map((sku) => ({ listing, sku })))
    .find(({ sku }) => sku.skuId === skuId)
  return found ?? wrong(-2_000_301, '商品规格不存在')
}

export const getStock: XhsMethod = (call) => {
  const found = askedSku(call)
  return 'code' in found ? found : { data: stockJson(call, found.sku) }
}

/** inventory.syncSkuStock: `qty` is the total; the pieces that can be sold change by its difference to the present one. */
export const syncStock: XhsMethod = (call) => {
  const found = askedSku(call)
  if ('code' in found) return found
  const { listing, sku } = found
  const total = wholeIn(call.body, 'qty')
  if (total === undefined || total < 0 || total > 9_999_999) return badParam('qty不正确')
  const before = sku.quantity
  const wanted = total - occupied(call.shop, sku.skuId)
  if (wanted < 0) return wrong(-2_000_302, '总库存不能小于占用库存')
  const { world } = call.sandbox
  setQuantity(world, listing, sku, wanted)
  recordActivity(world, call.shop, {
    action: 'stock',
    key: sku.skuId,
    accepted: true,
    detail: { from: String(before), to: String(wanted) },
  })
  return { data: stockJson(call, sku) }
}
