import { PlatformError } from '../../lib/platform-error.ts'
import type { BadItem, Call, Listing, ListingAsk, ListingPage, ListingStatus } from '../connector.ts'
import {
  type Fields,
  fieldsAt,
  idAt,
  instantAt,
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
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { callFxg } from './client.ts'
import { goneOf } from './errors.ts'
import { totalOf } from './fields.ts'
import { goodsCursor, mostSkus } from './unverified.ts'

const statusNumbers = { on_sale: 0, in_stock: 1 } as const

/**
 * product/listV2 by its cursor, because page numbers end at ten thousand products, and sku/list of each product, because the products have
 * no SKUs there. `after`: how many products were read before, and the cursor.
 */
export async function listGoods(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const [, before = '0', cursor = ''] = /^(\d+) (.*)$/s.exec(after ?? '') ?? []
  const { body } = await callFxg(call, 'product/listV2', {
    status: statusNumbers[status],
    size,
    ...goodsCursor,
    ...(cursor === '' ? {} : { cursor_id: cursor }),
  })
  const data = fieldsAt(body, 'data')
  const products = listAt(data, 'data', '')
  const next = placeAfter(data, { read: Number(before), cursor }, products.length, size)
  const items: (Listing | BadItem)[] = []
  for (const product of products) items.push(...parseProduct(product, await skusOf(call, product), status))
  return { items, next }
}

/** @throws {PlatformError} if the answers end before the list does: a part taken for the whole would make the other goods gone. */
function placeAfter(
  data: Fields,
  before: { read: number; cursor: string },
  rows: number,
  size: number,
): string | null {
  const cursor = textAt(data, 'cursor_id', longest.token)
  const read = before.read + rows
  const isPart = read < totalOf(data)
  const isLast = rows === 0 || cursor === '' || cursor === before.cursor
  if (isPart && isLast) needed(null, 'rows')
  return isLast || (rows < size && !isPart) ? null : `${read} ${cursor}`
}

async function skusOf(call: Call, product: unknown): Promise<readonly unknown[]> {
  const id = isFields(product) ? idAt(product, 'product_id') : ''
  if (!/^\d{1,19}$/.test(id)) return []
  const { body } = await callFxg(call, 'sku/list', { product_id: BigInt(id) })
  return needed(listIn(body.data), 'SKUs')
}

/** Parses a product and its SKUs into one listing for each SKU. Never throws; a product without a number is parked. */
export function parseProduct(
  value: unknown,
  skus: readonly unknown[],
  status: ListingStatus,
): (Listing | BadItem)[] {
  const product = isFields(value) ? value : {}
  const itemId = idAt(product, 'product_id')
  if (!itemId) return [{ kind: 'bad', id: null, reason: 'no product_id', raw: rawOf(value) }]
  if (skus.length === 0) return [listingOf(product, {}, { itemId, platformSkuId: '' }, status)]
  return skus.map((each) => {
    const sku = isFields(each) ? each : {}
    const platformSkuId = idAt(sku, 'id')
    if (platformSkuId) return listingOf(product, sku, { itemId, platformSkuId }, status)
    return { kind: 'bad', id: itemId, reason: 'a SKU without id', raw: rawOf(each) }
  })
}

function listingOf(
  product: Fields,
  sku: Fields,
  ids: { itemId: string; platformSkuId: string },
  status: ListingStatus,
): Listing {
  return {
    ...ids,
    outerItemId: textAt(product, 'outer_product_id', longest.name),
    outerSkuId: textAt(sku, 'code', longest.name),
    title: textAt(product, 'name', longest.title),
    spec: specOf(sku),
    pictureUrl: textAt(product, 'img', longest.url),
    priceFen: wholeFenAt(sku, 'price'),
    quantity: wholeAt(sku, 'stock_num', 0, 2_000_000_000) ?? 0,
    status,
    modifiedAt: instantAt(product, 'update_time'),
  }
}

/** `sell_properties`, or the three names of older answers. */
function specOf(sku: Fields): string {
  const named = listAt(sku, 'sell_properties', '')
    .filter(isFields)
    .map((one) => textAt(one, 'value_name', longest.name))
  const older = [1, 2, 3].map((number) => textAt(sku, `spec_detail_name${number}`, longest.name))
  return (named.length > 0 ? named : older)
    .map((part) => part.trim())
    .filter(Boolean)
    .join(' / ')
    .slice(0, longest.title)
    .toWellFormed()
}

/** sku/syncStockBatch: the SKUs of one product, all or nothing; `incremental` false sets the number, which may be done twice. */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  return setInGroups(
    groupsOf(input),
    async (group) => {
      const itemId = group[0]?.itemId ?? ''
      const isNumber = (id: string) => /^\d{1,19}$/.test(id)
      if (!isNumber(itemId) || !group.every((row) => isNumber(row.platformSkuId)))
        throw new PlatformError('rejected', 'parameter', 'A product or SKU of this platform has a number.')
      await callFxg(call, 'sku/syncStockBatch', {
        product_id: BigInt(itemId),
        incremental: false,
        sku_sync_list: group.map((row) => ({
          sku_id: BigInt(row.platformSkuId),
          sku_type: 0,
          stock_num: row.quantity,
        })),
      })
    },
    goneOf,
  )
}

function groupsOf(input: StockInput): StockInput['items'][] {
  const groups: StockInput['items'][] = []
  for (const rows of Map.groupBy(sound(input), ({ itemId }) => itemId).values())
    for (let at = 0; at < rows.length; at += mostSkus) groups.push(rows.slice(at, at + mostSkus))
  return groups
}
