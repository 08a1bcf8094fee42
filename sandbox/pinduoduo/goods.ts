import { quote } from '../wire.ts'
import type { Listing } from '../world/goods.ts'
import { byModified, listingOf, setQuantity, totalQuantity } from '../world/shelf.ts'
import { recordActivity } from '../world/world.ts'
import { business, missing, type PopCall, type PopMethod, readNumber } from './call.ts'

/** pdd.goods.list.get: at most 100 goods a page, on sale or off sale. The list has no prices and no times. */
export const goodsList: PopMethod = (call) => {
  const page = readNumber(call.params, 'page', 1)
  if (typeof page !== 'number') return page
  const size = readNumber(call.params, 'page_size', 100)
  if (typeof size !== 'number') return size
  if (page < 1) return business('50001', '页码从1开始')
  if (size < 1 || size > 100) return business('50001', 'page_size最大100')
  const asked = call.params.get('is_onsale') ?? ''
  if (!['', '0', '1'].includes(asked)) return business('50001', 'is_onsale不合法')
  const found = byModified(call.shop.listings).filter(
    (listing) => asked === '' || (asked === '1') === (listing.banner === ''),
  )
  const shown = found.slice((page - 1) * size, page * size).map((listing) => goodsJson(call, listing))
  return {
    root: 'goods_list_get_response',
    inner: `"total_count":${found.length},"goods_list":[${shown.join(',')}]`,
  }
}

/** pdd.goods.quantity.update: one SKU, by its number or its code; update_type 1 sets the quantity, 2 adds to it. */
export const goodsQuantity: PopMethod = (call) => {
  const goodsId = call.params.get('goods_id') ?? ''
  if (goodsId === '') return missing('goods_id')
  const amount = readNumber(call.params, 'quantity')
  if (typeof amount !== 'number') return amount
  const type = readNumber(call.params, 'update_type', 1)
  if (typeof type !== 'number') return type
  if (type !== 1 && type !== 2) return business('50001', 'update_type不合法')
  const skuId = call.params.get('sku_id') ?? ''
  const outerId = call.params.get('outer_id') ?? ''
  if (skuId === '' && outerId === '') return missing('sku_id')
  const listing = listingOf(call.shop, goodsId)
  if (listing === undefined) return business('50001', '商品不存在')
  const sku = listing.skus.find((known) => (skuId === '' ? known.outerId === outerId : known.skuId === skuId))
  if (sku === undefined) return business('50001', 'sku不存在')
  const before = sku.quantity
  const quantity = type === 2 ? before + amount : amount
  if (quantity < 0) return business('50001', '库存不能小于0')
  setQuantity(call.sandbox.world, listing, sku, quantity)
  recordActivity(call.sandbox.world, call.shop, {
    action: 'stock',
    key: `${listing.numIid} ${sku.skuId}`,
    accepted: true,
    detail: {
      before: String(before),
      quantity: String(quantity),
    },
  })
  return { root: 'goods_quantity_update_response', inner: '"is_success":true' }
}

function goodsJson(call: PopCall, listing: Listing): string {
  const picture = quote(call.sandbox.world.url + listing.picture)
  const onSale = listing.banner === '' ? 1 : 0
  const skus = listing.skus.map(
    (sku) =>
      `{"sku_id":${sku.skuId},"spec":${quote(sku.properties)},"sku_quantity":${sku.quantity},"outer_id":${quote(sku.outerId)},"outer_goods_id":${quote(listing.outerIid)},"is_sku_onsale":${onSale},"reserve_quantity":0}`,
  )
  return `{"goods_id":${listing.numIid},"goods_name":${quote(listing.title)},"thumb_url":${picture},"image_url":${picture},"is_more_sku":${listing.skus.length > 1 ? 1 : 0},"goods_quantity":${totalQuantity(listing)},"goods_reserve_quantity":0,"is_onsale":${onSale},"sku_list":[${skus.join(',')}]}`
}
