import type { BadItem, Call, Listing, ListingAsk, ListingPage } from '../connector.ts'
import { type Fields, fieldsAt, idAt, isFields, listAt, longest, rawOf, textAt, wholeAt } from '../fields.ts'
import { nextNumber, pageNumberOf, rowsAfter } from '../lists.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { callPop } from './client.ts'
import { goneOf } from './errors.ts'
import { specOf, totalOf } from './trades.ts'

/** pdd.goods.list.get. Source, also for pdd.goods.quantity.update: the official metadata of the methods. */
export async function listGoods(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const number = pageNumberOf(after)
  const { body } = await callPop(call, 'pdd.goods.list.get', {
    is_onsale: status === 'on_sale' ? '1' : '0',
    page: String(number),
    page_size: String(size),
  })
  const list = fieldsAt(body, 'goods_list_get_response')
  const goods = listAt(list, 'goods_list', '')
  const hasNext = rowsAfter(totalOf(list), goods, { number, size })
  return { items: goods.flatMap((value) => parseGoods(value)), next: nextNumber(number, hasNext) }
}

/** Parses a product of POP into one listing for each SKU. Never throws; a product without a number is parked. */
export function parseGoods(value: unknown): (Listing | BadItem)[] {
  const goods = isFields(value) ? value : {}
  const itemId = idAt(goods, 'goods_id')
  if (!itemId) return [{ kind: 'bad', id: null, reason: 'no goods_id', raw: rawOf(value) }]
  const skus = listAt(goods, 'sku_list', '')
  if (skus.length === 0) return [listingOf(goods, itemId, {}, '')]
  return skus.map((each) => {
    const sku = isFields(each) ? each : {}
    const skuId = idAt(sku, 'sku_id')
    if (skuId) return listingOf(goods, itemId, sku, skuId)
    return { kind: 'bad', id: itemId, reason: 'a SKU without sku_id', raw: rawOf(value) }
  })
}

/** Makes the listing of a SKU. The list has neither prices nor times. A SKU may be off sale although its product is on sale. */
function listingOf(goods: Fields, itemId: string, sku: Fields, platformSkuId: string): Listing {
  const offSale = (of: Fields, name: string) => wholeAt(of, name, 0, 1) === 0
  const isOffSale = offSale(goods, 'is_onsale') || offSale(sku, 'is_sku_onsale')
  return {
    itemId,
    platformSkuId,
    outerItemId: textAt(sku, 'outer_goods_id', longest.name),
    outerSkuId: textAt(sku, 'outer_id', longest.name),
    title: textAt(goods, 'goods_name', longest.title),
    spec: specOf(textAt(sku, 'spec', longest.title)),
    pictureUrl: textAt(goods, 'thumb_url', longest.url) || textAt(goods, 'image_url', longest.url),
    priceFen: null,
    quantity: piecesAt(sku, 'sku_quantity') ?? piecesAt(goods, 'goods_quantity') ?? 0,
    status: isOffSale ? 'in_stock' : 'on_sale',
    modifiedAt: null,
  }
}

function piecesAt(of: Fields, name: string): number | null {
  return wholeAt(of, name, 0, 2_000_000_000)
}

/** pdd.goods.quantity.update, one SKU in each call. A product in one of the platform's promotions rejects a lower quantity than it has. */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  return setInGroups(
    sound(input).map((row) => [row]),
    async ([row]) => {
      if (!row) return
      await callPop(call, 'pdd.goods.quantity.update', {
        goods_id: row.itemId,
        sku_id: row.platformSkuId,
        quantity: String(row.quantity),
        update_type: '1',
      })
    },
    goneOf,
  )
}
