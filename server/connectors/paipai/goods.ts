import { PlatformError } from '../../lib/platform-error.ts'
import type { BadItem, Call, Listing, ListingAsk, ListingPage, ListingStatus } from '../connector.ts'
import {
  type Fields,
  idAt,
  isFields,
  listAt,
  listIn,
  longest,
  rawOf,
  textAt,
  wholeAt,
  wholeFenAt,
  wordAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { nextNumber, pageNumberOf, rowsAfter } from '../lists.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { callPaipai, sellerOf } from './client.ts'
import { goneOf } from './errors.ts'
import { momentAt, totalOf } from './fields.ts'
import { specOf } from './lines.ts'

/**
 * item/sellerSearchItemList, and item/getItem of each, because the items of the list have no SKUs. The list takes the state of items as numbers
 * that no document explains, so all are listed and the state that each has decides.
 */
export async function listGoods(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const number = pageNumberOf(after)
  const { body } = await callPaipai(call, 'item/sellerSearchItemList', {
    ...sellerOf(call),
    pageIndex: String(number),
    pageSize: String(size),
  })
  const rows = listAt(body, 'itemList', '')
  const hasNext = rowsAfter(totalOf(body), rows, { number, size })
  const items: (Listing | BadItem)[] = []
  for (const row of rows) {
    if (statusOf(row) !== status) continue
    const item = await itemOf(call, row)
    if (item) items.push(...parseItem(item, row))
  }
  return { items, next: nextNumber(number, hasNext) }
}

function statusOf(value: unknown): ListingStatus {
  return isFields(value) && wordAt(value, 'itemState') === 'IS_FOR_SALE' ? 'on_sale' : 'in_stock'
}

/** Returns the item of a row; undefined: it was deleted since, so only this item is missed. */
async function itemOf(call: Call, row: unknown): Promise<Fields | undefined> {
  const itemCode = isFields(row) ? idAt(row, 'itemCode') : ''
  if (itemCode === '') return {}
  try {
    const { body } = await callPaipai(call, 'item/getItem', { ...sellerOf(call), itemCode })
    needed(listIn(body.stockList), 'stockList')
    return body
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'rejected' && goneOf(error) === 'item')
      return undefined
    throw error
  }
}

/** Parses an item with its SKUs into one listing for each SKU. Never throws; an item without a number is parked. */
export function parseItem(item: Fields, row: unknown): (Listing | BadItem)[] {
  const itemId = idAt(item, 'itemCode')
  if (!itemId) return [{ kind: 'bad', id: null, reason: 'no itemCode', raw: rawOf(row) }]
  const stocks = listAt(item, 'stockList', '')
  if (stocks.length === 0) return [listingOf(item, item, { itemId, platformSkuId: '' })]
  return stocks.filter(isKept).map((each) => {
    const stock = isFields(each) ? each : {}
    const platformSkuId = idAt(stock, 'skuId')
    if (platformSkuId) return listingOf(item, stock, { itemId, platformSkuId })
    return { kind: 'bad', id: itemId, reason: 'a SKU without skuId', raw: rawOf(each) }
  })
}

/** `status` 9: the SKU is about to be deleted. */
const isKept = (stock: unknown): boolean => !isFields(stock) || textAt(stock, 'status', 8) !== '9'

/** `of`: the SKU, or the item itself if it has none. */
function listingOf(item: Fields, of: Fields, ids: { itemId: string; platformSkuId: string }): Listing {
  return {
    ...ids,
    outerItemId: textAt(item, 'itemLocalCode', longest.name),
    outerSkuId: textAt(of, 'stockLocalCode', longest.name),
    title: textAt(item, 'itemName', longest.title),
    spec: specOf(textAt(of, 'stockAttr', longest.title)),
    pictureUrl: textAt(item, 'picLink', longest.url),
    priceFen: wholeFenAt(of, 'stockPrice') ?? wholeFenAt(item, 'itemPrice'),
    quantity: wholeAt(of, 'stockCount', 0, 2_000_000_000) ?? 0,
    status: statusOf(item),
    modifiedAt: momentAt(item, 'lastModifyTime'),
  }
}

/** item/modifyItemStock, one SKU in each call. `stockCount` sets the number, which may be done twice. */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  return setInGroups(
    sound(input).map((row) => [row]),
    async ([row]) => {
      if (!row) return
      await callPaipai(call, 'item/modifyItemStock', {
        ...sellerOf(call),
        itemCode: row.itemId,
        skuId: row.platformSkuId,
        stockCount: String(row.quantity),
      })
    },
    goneOf,
  )
}
