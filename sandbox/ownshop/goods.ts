import { rows, textIn } from '../json-parts.ts'
import { changeMemo } from '../world/change.ts'
import { listingOf, setQuantity } from '../world/shelf.ts'
import { recordActivity } from '../world/world.ts'
import { askedTrade, type MallEvent, wrong } from './call.ts'

/** trade.memo: replaces the note; a flag that is left out stays. */
export const setMemo: MallEvent = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const { memo, flag } = call.data
  if (typeof memo !== 'string') return wrong('parameter', '没有备注')
  changeMemo(call.sandbox.world, trade, memo, typeof flag === 'number' ? flag : undefined)
  recordActivity(call.sandbox.world, call.shop, {
    ...{ action: 'memo', key: trade.tid, accepted: true },
    detail: { memo, ...(typeof flag === 'number' ? { flag: String(flag) } : {}) },
  })
  return {}
}

/** stock.changed: the pieces of a product by variety; all of them or none. */
export const setStocks: MallEvent = ({ sandbox: { world }, shop, data }) => {
  const listing = listingOf(shop, textIn(data, 'itemId'))
  if (listing === undefined) return wrong('listing_not_found', '没有这个商品')
  const stocks = rows(data, 'stocks').map((one) => ({
    sku: listing.skus.find(({ skuId }) => skuId === one['skuId']) ?? null,
    isKnown:
      one['skuId'] === undefined
        ? listing.skus.length === 0
        : listing.skus.some(({ skuId }) => skuId === one['skuId']),
    quantity: typeof one['quantity'] === 'number' ? one['quantity'] : -1,
  }))
  if (stocks.some(({ isKnown }) => !isKnown)) return wrong('listing_not_found', '没有这个规格')
  if (stocks.some(({ quantity }) => quantity < 0)) return wrong('parameter', '数量不对')
  for (const { sku, quantity } of stocks) {
    const from = String(sku ? sku.quantity : listing.quantity)
    setQuantity(world, listing, sku, quantity)
    const key = sku?.skuId ?? listing.numIid
    recordActivity(world, shop, {
      action: 'stock',
      key,
      accepted: true,
      detail: { from, to: String(quantity) },
    })
  }
  return {}
}
