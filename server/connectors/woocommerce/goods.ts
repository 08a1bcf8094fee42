import { chunksOf } from '../../lib/chunks.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { scrub } from '../../wire/scrub.ts'
import type { BadItem, Call, Listing, ListingAsk, ListingPage, ListingStatus } from '../connector.ts'
import {
  type Fields,
  fieldsAt,
  idAt,
  isFields,
  listAt,
  longest,
  rawOf,
  textAt,
  wholeAt,
  yuanAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { nextNumber, pageNumberOf } from '../lists.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { sendWoo } from './client.ts'
import { goneOf, invalidProduct } from './errors.ts'
import { utcAt } from './fields.ts'
import { everyRow, pageOf } from './lists.ts'

const fields = 'id,name,type,status,sku,price,stock_quantity,date_modified_gmt,images,variations'
const variationFields = 'id,sku,status,price,stock_quantity,date_modified_gmt,image,attributes'

/** GET /products: a row for each product. Those with variations are asked for them, because only they have prices and pieces. */
export async function listGoods(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const number = pageNumberOf(after)
  const params = {
    status: status === 'on_sale' ? 'publish' : 'any',
    orderby: 'id',
    order: 'asc',
    _fields: fields,
  }
  const read = (row: unknown) => ({ row })
  const page = await pageOf(call, { path: 'products', params, read }, { number, size, mode: 'rows' })
  const items: (Listing | BadItem)[] = []
  for (const item of page.items) {
    const product = 'row' in item && isFields(item.row) ? item.row : {}
    if (status === 'in_stock' && textAt(product, 'status', 16) === 'publish') continue
    items.push(...listingsOf(product, await variationsOf(call, product), status))
  }
  return { items, next: nextNumber(number, page.hasNext) }
}

async function variationsOf(call: Call, product: Fields): Promise<readonly unknown[]> {
  if (textAt(product, 'type', longest.word) !== 'variable') return []
  const path = `products/${needed(/^\d+$/.exec(idAt(product, 'id'))?.[0], 'product')}/variations`
  return everyRow(call, path, { orderby: 'id', order: 'asc', _fields: variationFields })
}

/** The listings of a product. A product that is sold elsewhere, or is a mere group of others, is none. Never throws. */
export function listingsOf(
  product: Fields,
  variations: readonly unknown[],
  status: ListingStatus,
): (Listing | BadItem)[] {
  const itemId = idAt(product, 'id')
  const type = textAt(product, 'type', longest.word)
  if (itemId === '') return [{ kind: 'bad', id: null, reason: 'no id', raw: rawOf(product) }]
  if (type === 'grouped' || type === 'external') return []
  const [picture] = listAt(product, 'images', '').filter(isFields)
  const whole: Listing = {
    itemId,
    platformSkuId: '',
    outerItemId: textAt(product, 'sku', longest.name),
    outerSkuId: '',
    title: textAt(product, 'name', longest.title),
    spec: '',
    pictureUrl: textAt(picture ?? {}, 'src', longest.url),
    priceFen: yuanAt(product, 'price'),
    quantity: piecesOf(product),
    status,
    modifiedAt: utcAt(product, 'date_modified_gmt'),
  }
  if (type !== 'variable') return [whole]
  return variations.map((variation) => variationOf(whole, isFields(variation) ? variation : {}))
}

/** Null: the shop does not count the pieces. */
const piecesOf = (of: Fields): number => wholeAt(of, 'stock_quantity', 0, 2_000_000_000) ?? 0

function variationOf(product: Listing, variation: Fields): Listing | BadItem {
  const platformSkuId = idAt(variation, 'id')
  if (platformSkuId === '')
    return { kind: 'bad', id: product.itemId, reason: 'no id of the variation', raw: rawOf(variation) }
  const sku = textAt(variation, 'sku', longest.name)
  return {
    ...product,
    platformSkuId,
    // A variation without a code of its own shows that of its product.
    outerSkuId: sku === product.outerItemId ? '' : sku,
    spec: listAt(variation, 'attributes', '')
      .filter(isFields)
      .map((attribute) => textAt(attribute, 'option', longest.name).trim())
      .filter(Boolean)
      .join(' / ')
      .slice(0, longest.title)
      .toWellFormed(),
    pictureUrl: textAt(fieldsAt(variation, 'image'), 'src', longest.url) || product.pictureUrl,
    priceFen: yuanAt(variation, 'price'),
    quantity: piecesOf(variation),
    modifiedAt: utcAt(variation, 'date_modified_gmt') ?? product.modifiedAt,
  }
}

type Row = StockInput['items'][number]
const mostRows = 100

/** Sets quantities a hundred in a call: products without variations together, variations by their product. */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  const byPath = Map.groupBy(sound(input), ({ itemId, platformSkuId }) =>
    platformSkuId === '' ? 'products/batch' : `products/${itemId}/variations/batch`,
  )
  const groups = [...byPath].flatMap(([path, rows]) =>
    chunksOf(rows, mostRows).map((chunk) => ({ path, chunk })),
  )
  const pathOf = new Map(groups.flatMap(({ path, chunk }) => chunk.map((row) => [row, path] as const)))
  return setInGroups(
    groups.map(({ chunk }) => chunk),
    (group) => setRows(call, needed(group[0] && pathOf.get(group[0]), 'path'), group),
    goneOf,
  )
}

/** A quantity counts only where the shop counts pieces, so that is switched on. A batch succeeds as a whole, and each row has its own answer. */
async function setRows(call: Call, path: string, rows: readonly Row[]): Promise<void> {
  if (
    rows.some(
      ({ itemId, platformSkuId }) => !/^\d{1,16}$/.test(platformSkuId || itemId) || !/^\d+$/.test(itemId),
    )
  )
    throw new PlatformError('rejected', invalidProduct, 'A product has a number here.')
  const update = rows.map(({ itemId, platformSkuId, quantity }) => ({
    id: Number(platformSkuId || itemId),
    manage_stock: true,
    stock_quantity: quantity,
  }))
  const { data } = await sendWoo(call, 'POST', path, { update })
  const answers = listAt(data, 'update', '').filter(isFields)
  for (const answer of answers) {
    const error = fieldsAt(answer, 'error')
    const code = textAt(error, 'code', longest.word)
    if (code !== '')
      throw new PlatformError(
        'rejected',
        code,
        scrub(`${code} · ${textAt(error, 'message', longest.text)}`, []),
      )
  }
  if (answers.length < rows.length)
    throw new PlatformError('retry', 'bad_answer', 'The answer lacks rows.', { unclear: true })
}
