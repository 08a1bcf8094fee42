import { listingOf, setQuantity } from '../world/shelf.ts'
import { recordActivity } from '../world/world.ts'
import { badBody, idIn, type WxMethod, wholeIn, wrong } from './call.ts'

/** product/stock/update: one SKU; diff_type 1 adds, 2 takes off, 3 sets. */
export const stockUpdate: WxMethod = (call) => {
  const { body, sandbox, shop } = call
  const [productId, skuId] = [idIn(body, 'product_id'), idIn(body, 'sku_id')]
  const [type, num] = [wholeIn(body, 'diff_type'), wholeIn(body, 'num')]
  if (productId === '' || skuId === '' || num === undefined || num < 0)
    return wrong(10020051, '参数错误,请开发者按照文档传参')
  if (type !== 1 && type !== 2 && type !== 3) return badBody('diff_type')
  const listing = listingOf(shop, productId)
  if (listing === undefined) return wrong(10020052, '商品不存在')
  if (listing.banner === 'never_on_shelf')
    return wrong(10020289, '该商品从未曾经上架成功过,不允许直接更新库存')
  const sku = listing.skus.find((known) => known.skuId === skuId)
  if (sku === undefined) return wrong(10020054, '更新库存失败，product_id和sku_id不匹配')
  if (type !== 3 && num === 0) return wrong(10020218, '增加减少数量为0')
  const before = sku.quantity
  const quantity = type === 3 ? num : type === 1 ? before + num : before - num
  if (quantity < 0) return wrong(10020219, '库存不足以减扣')
  setQuantity(sandbox.world, listing, sku, quantity)
  recordActivity(sandbox.world, shop, {
    action: 'stock',
    key: `${productId} ${skuId}`,
    accepted: true,
    detail: { before: String(before), quantity: String(quantity) },
  })
  return {}
}
