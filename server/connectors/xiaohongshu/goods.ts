import type { BadItem, Call, Listing, ListingAsk, ListingPage, ListingStatus } from '../connector.ts'
import {
  type Fields,
  fieldsAt,
  idAt,
  instantMsAt,
  isFields,
  listAt,
  longest,
  rawOf,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { nextNumber, pageNumberOf } from '../lists.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { askXiaohongshu } from './client.ts'
import { goneOf } from './errors.ts'
import { pageOf } from './lists.ts'

const rows = { method: 'product.getDetailSkuList', rows: 'data', total: 'total' }

/** product.getDetailSkuList: a row for each SKU with its product, so that `total` counts listings. */
export async function listGoods(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const number = pageNumberOf(after)
  const buyable = status === 'on_sale'
  const read = (row: unknown) => parseSku(row, status)
  const page = await pageOf({ ...rows, read }, call, { buyable }, { number, size, mode: 'rows' })
  return { items: page.items, next: nextNumber(number, page.hasNext) }
}

/** Parses a SKU. Never throws; one without its number or that of its product is parked. */
export function parseSku(value: unknown, status: ListingStatus): Listing | BadItem {
  const row = isFields(value) ? value : {}
  const [item, sku] = [fieldsAt(row, 'item'), fieldsAt(row, 'sku')]
  const [itemId, platformSkuId] = [idAt(item, 'id') || idAt(sku, 'itemId'), idAt(sku, 'id')]
  if (!itemId || !platformSkuId)
    return {
      kind: 'bad',
      id: itemId || null,
      reason: itemId ? 'no id of the SKU' : 'no id',
      raw: rawOf(value),
    }
  const [picture] = listAt(item, 'images', '')
  return {
    itemId,
    platformSkuId,
    outerItemId: textAt(item, 'articleNo', longest.name),
    outerSkuId: textAt(sku, 'erpCode', longest.name),
    title: textAt(item, 'name', longest.title) || textAt(sku, 'name', longest.title),
    spec: specOf(sku),
    pictureUrl: textAt(sku, 'specImage', longest.url) || textAt({ picture }, 'picture', longest.url),
    priceFen: wholeFenAt(sku, 'price'),
    quantity: wholeAt(sku, 'stock', 0, 2_000_000_000) ?? 0,
    status,
    modifiedAt: instantMsAt(sku, 'updateTime') ?? instantMsAt(item, 'updateTime'),
  }
}

/** variants: [{"name":"颜色","value":"雾蓝"}, …] → "雾蓝 / 1.8m床" */
export const specOf = (of: Fields): string =>
  listAt(of, 'variants', '')
    .filter(isFields)
    .map((variant) => textAt(variant, 'value', longest.name).trim())
    .filter(Boolean)
    .join(' / ')
    .slice(0, longest.title)
    .toWellFormed()

/**
 * inventory.syncSkuStock sets the total, in which pieces of unpaid orders and of channels are too; its difference to the present total changes
 * the pieces that can be sold. So both numbers are read just before.
 */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  return setInGroups(
    sound(input).map((row) => [row]),
    async ([row]) => {
      if (row) await setStock(call, row.platformSkuId, row.quantity)
    },
    goneOf,
  )
}

async function setStock(call: Call, skuId: string, wanted: number): Promise<void> {
  const { data } = await askXiaohongshu(call, 'inventory.getSkuStock', { skuId })
  const now = fieldsAt(data, 'skuStock')
  const figure = (key: string) => needed(wholeAt(now, key, -2_000_000_000, 2_000_000_000), `${key} stock`)
  const [available, total] = [figure('available'), figure('total')]
  if (available === wanted) return
  await askXiaohongshu(call, 'inventory.syncSkuStock', {
    skuId,
    qty: Math.max(total + wanted - available, 0),
  })
}
