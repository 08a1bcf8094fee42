import { PlatformError } from '../../lib/platform-error.ts'
import type { BadItem, Call, Listing, ListingAsk, ListingPage } from '../connector.ts'
import {
  type Fields,
  fieldsAt,
  idAt,
  instantMsAt,
  isFields,
  listAt,
  listIn,
  longest,
  rawOf,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { nextNumber, pageNumberOf, rowsAfter } from '../lists.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { askKuaishou, sendToKuaishou } from './client.ts'
import { goneItem, goneOf, goneSku } from './errors.ts'
import { numberOf } from './fields.ts'

/** A page of open.item.list.get has 10 to 100 products. */
const shortestPage = 10
/** `shelfStatus` */
const onShelf = 1

/**
 * open.item.list.get: the products that are not deleted. It filters by "on sale" only, so the others are picked from
 * the pages of all products.
 */
export async function listGoods(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const number = pageNumberOf(after)
  const pageSize = Math.max(size, shortestPage)
  const { body } = await askKuaishou(call, 'open.item.list.get', {
    itemStatus: 1,
    itemType: 1,
    pageNumber: number,
    pageSize,
    ...(status === 'on_sale' ? { onOfflineStatus: onShelf } : {}),
  })
  const data = fieldsAt(body, 'data')
  const total = needed(wholeAt(data, 'totalItemCount', 0, Number.MAX_SAFE_INTEGER), 'total')
  const products = listAt(data, 'items', '')
  const hasNext = rowsAfter(total, products, { number, size: pageSize })
  const items: (Listing | BadItem)[] = []
  for (const product of products) {
    if (isOnSale(product) !== (status === 'on_sale')) continue
    items.push(...(await listingsIn(call, product)))
  }
  return { items, next: nextNumber(number, hasNext) }
}

const isOnSale = (product: unknown): boolean => isFields(product) && textAt(product, 'shelfStatus', 8) === '1'

/**
 * The list gives the SKUs with the product, or leaves them to open.item.sku.list.get. A product that ended while the pages are read is missed
 * alone; one whose SKUs are refused for another reason is parked alone.
 */
async function listingsIn(call: Call, product: unknown): Promise<(Listing | BadItem)[]> {
  const listed = isFields(product) ? listAt(product, 'skuList', '') : []
  const itemId = isFields(product) ? idAt(product, 'kwaiItemId') : ''
  if (listed.length > 0 || itemId === '') return parseProduct(product, listed)
  try {
    return parseProduct(product, await skusOf(call, itemId))
  } catch (error) {
    if (!(error instanceof PlatformError) || error.kind !== 'rejected') throw error
    if (isEnded(error)) return []
    return [{ kind: 'bad', id: itemId, reason: `SKUs refused: ${error.code}`, raw: rawOf(product) }]
  }
}

async function skusOf(call: Call, itemId: string): Promise<readonly unknown[]> {
  const { body } = await askKuaishou(call, 'open.item.sku.list.get', {
    kwaiItemId: numberOf(itemId),
    skuStatus: 1,
  })
  return needed(listIn(fieldsAt(body, 'data').skuList), 'SKUs')
}

/** Parses a product and its SKUs into one listing for each SKU that is sold. Never throws; a product without a number is parked. */
export function parseProduct(value: unknown, skus: readonly unknown[]): (Listing | BadItem)[] {
  const product = isFields(value) ? value : {}
  const itemId = idAt(product, 'kwaiItemId')
  if (!itemId) return [{ kind: 'bad', id: null, reason: 'no kwaiItemId', raw: rawOf(value) }]
  return skus.flatMap((each): (Listing | BadItem)[] => {
    const sku = isFields(each) ? each : {}
    if (textAt(sku, 'isValid', 8) === '0') return []
    const platformSkuId = idAt(sku, 'kwaiSkuId')
    if (platformSkuId) return [listingOf(product, sku, { itemId, platformSkuId })]
    return [{ kind: 'bad', id: itemId, reason: 'a SKU without kwaiSkuId', raw: rawOf(each) }]
  })
}

const listingOf = (
  product: Fields,
  sku: Fields,
  ids: { itemId: string; platformSkuId: string },
): Listing => ({
  ...ids,
  outerItemId: idAt(product, 'relItemId'),
  outerSkuId: textAt(sku, 'skuNick', longest.name),
  title: textAt(product, 'title', longest.title),
  spec: textAt(sku, 'specification', longest.title).trim(),
  pictureUrl: textAt(product, 'mainImageUrl', longest.url),
  priceFen: wholeFenAt(sku, 'skuSalePrice'),
  quantity: wholeAt(sku, 'skuStock', 0, 2_000_000_000) ?? 0,
  status: isOnSale(product) ? 'on_sale' : 'in_stock',
  modifiedAt: instantMsAt(product, 'updateTime'),
})

/**
 * open.item.sku.stock.update only adds or takes away, and no key makes a repetition harmless. So the present numbers of an item are read just before, once
 * for all its SKUs, and each difference to the wanted one is sent once; setting it again reads again.
 */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  const skusOfItem = new Map<string, readonly unknown[]>()
  const skusNow = async (itemId: string) => {
    const skus = skusOfItem.get(itemId) ?? (await skusAsked(call, itemId))
    skusOfItem.set(itemId, skus)
    return skus
  }
  return setInGroups(
    sound(input).map((row) => [row]),
    async ([row]) => {
      if (!row) return
      const change = row.quantity - stockIn(await skusNow(row.itemId), row.platformSkuId)
      if (change === 0) return
      await sendToKuaishou(call, 'open.item.sku.stock.update', {
        kwaiItemId: numberOf(row.itemId),
        skuId: numberOf(row.platformSkuId),
        skuChangeStock: Math.abs(change),
        changeType: change > 0 ? 1 : 2,
      })
    },
    goneOf,
  )
}

function stockIn(skus: readonly unknown[], platformSkuId: string): number {
  const sku = skus.filter(isFields).find((one) => idAt(one, 'kwaiSkuId') === platformSkuId)
  if (!sku) throw new PlatformError('rejected', goneSku, 'The product has no such SKU.')
  return needed(wholeAt(sku, 'skuStock', 0, 2_000_000_000), 'stock')
}

async function skusAsked(call: Call, itemId: string): Promise<readonly unknown[]> {
  try {
    return await skusOf(call, itemId)
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'rejected' && isEnded(error))
      throw new PlatformError('rejected', goneItem, error.message)
    throw error
  }
}

/** Which error names a product that does not exist is not documented; its text says so. */
const isEnded = ({ message }: PlatformError): boolean => /商品不存在/.test(message)
