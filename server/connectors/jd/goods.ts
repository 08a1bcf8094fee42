import { sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { BadItem, Call, Listing, ListingAsk, ListingPage, ListingStatus } from '../connector.ts'
import {
  type Fields,
  fieldsAt,
  idAt,
  isFields,
  isTrueAt,
  listAt,
  longest,
  rawOf,
  textAt,
  wholeAt,
  yuanAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { nextNumber, pageNumberOf, rowsAfter } from '../lists.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { askJd } from './client.ts'
import { goneOf } from './errors.ts'
import { momentAt } from './fields.ts'
import { skuPage, stockDefaults } from './unverified.ts'

/** `skuStatuValue` (sic): 1 上架, 2 下架. */
const shelf: Readonly<Record<ListingStatus, string>> = { on_sale: '1', in_stock: '2' }
const fields = 'skuId,wareId,wareTitle,skuName,outerId,jdPrice,stockNum,status,logo,modified,saleAttrs'

/** jingdong.sku.read.searchSkuList: the SKUs of all products, so that a page holds listings and `total` counts them. */
export async function listGoods(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const number = pageNumberOf(after)
  const pageSize = Math.min(size, skuPage)
  const { result } = await askJd(
    call,
    'jingdong.sku.read.searchSkuList',
    {
      skuStatuValue: shelf[status],
      orderFiled: 'skuId',
      orderType: 'asc',
      pageNo: String(number),
      page_size: String(pageSize),
      field: fields,
    },
    'page',
  )
  const total = needed(wholeAt(result, 'totalItem', 0, Number.MAX_SAFE_INTEGER), 'totalItem')
  const rows = Array.isArray(result.data) ? result.data : []
  return {
    items: rows.map((row) => parseSku(row, status)),
    next: nextNumber(number, rowsAfter(total, rows, { number, size: pageSize })),
  }
}

/** Parses a SKU. Never throws; one without its number or that of its product is parked. */
export function parseSku(value: unknown, status: ListingStatus): Listing | BadItem {
  const sku = isFields(value) ? value : {}
  const [itemId, platformSkuId] = [idAt(sku, 'wareId'), idAt(sku, 'skuId')]
  if (!itemId || !platformSkuId)
    return { kind: 'bad', id: itemId || null, reason: itemId ? 'no skuId' : 'no wareId', raw: rawOf(value) }
  return {
    itemId,
    platformSkuId,
    outerItemId: '',
    outerSkuId: textAt(sku, 'outerId', longest.name),
    title: textAt(sku, 'wareTitle', longest.title) || textAt(sku, 'skuName', longest.title),
    spec: specOf(sku),
    pictureUrl: textAt(sku, 'logo', longest.url),
    priceFen: yuanAt(sku, 'jdPrice'),
    quantity: wholeAt(sku, 'stockNum', 0, 2_000_000_000) ?? 0,
    status,
    modifiedAt: momentAt(sku, 'modified'),
  }
}

/** saleAttrs: [{"attrValueAlias":["雾蓝"]}, …] → "雾蓝 / 1.8m床" */
const specOf = (sku: Fields): string =>
  listAt(sku, 'saleAttrs', '')
    .filter(isFields)
    .flatMap((attribute) => listAt(attribute, 'attrValueAlias', ''))
    .map((alias) => textAt({ alias }, 'alias', longest.name).trim())
    .filter(Boolean)
    .join(' / ')
    .slice(0, longest.title)
    .toWellFormed()

/**
 * jingdong.ware.stock.sku.set writes absolute numbers, and answers for each row. The number of a request must not repeat: it has the time of the
 * update and the place of the row.
 */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  const at = (call.now?.() ?? sharedNow()).getTime()
  let place = 0
  return setInGroups(
    sound(input).map((row) => [row]),
    async ([row]) => {
      place += 1
      if (row) await setStock(call, row, `${row.platformSkuId}-${row.quantity}-${at}-${place}`)
    },
    goneOf,
  )
}

async function setStock(
  call: Call,
  { platformSkuId, quantity }: StockInput['items'][number],
  stockRfId: string,
): Promise<void> {
  const { updateModel, ...store } = stockDefaults
  const { result } = await askJd(
    call,
    'jingdong.ware.stock.sku.set',
    {
      req: {
        updateModel,
        stockRfId,
        skuStocks: [{ skuId: platformSkuId, stockNum: String(quantity), ...store }],
      },
    },
    'returnType',
  )
  const [row] = listAt(fieldsAt(result, 'obj'), 'updateStockResult', '').filter(isFields)
  const outcome = needed(row, 'result of the row')
  if (!isTrueAt(outcome, 'success'))
    throw new PlatformError(
      'rejected',
      'not_done',
      textAt(outcome, 'message', longest.name) || 'The row was refused.',
    )
}
