import { hash } from 'node:crypto'
import { chunksOf } from '../../lib/chunks.ts'
import { sharedMs } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { BadItem, Call, Listing, ListingAsk, ListingPage, ListingStatus } from '../connector.ts'
import { fieldsAt, idAt, isFields, listAt, longest, rawOf, textAt, wholeAt, yuanAt } from '../fields.ts'
import { needed } from '../gateway.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { ask, change, rowsOf } from './client.ts'
import { appOf } from './credentials.ts'
import { goneOf, isStale, noVariant } from './errors.ts'
import { gid, numberAt, utcAt } from './fields.ts'
import { specOf } from './lines.ts'
import { countItem, setQuantities, variantList, variantStock } from './queries.ts'
import { sizes } from './sizes.ts'

const searches: Readonly<Record<ListingStatus, string>> = {
  on_sale: 'product_status:ACTIVE',
  in_stock: 'product_status:DRAFT,ARCHIVED,UNLISTED',
}

/** A page of varieties, each of which is a listing. `after` is the platform's own cursor. */
export async function listGoods(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const { data } = await ask(call, variantList, { first: size, after, search: searches[status] })
  const { rows, next } = rowsOf(fieldsAt(data, 'productVariants'))
  return { items: rows.map((row) => listingOf(row, status)), next }
}

/** The listing of a variety. Never throws. */
export function listingOf(value: unknown, status: ListingStatus): Listing | BadItem {
  const variant = isFields(value) ? value : {}
  const product = fieldsAt(variant, 'product')
  const [itemId, platformSkuId] = [numberAt(product, 'id'), numberAt(variant, 'id')]
  if (itemId === '' || platformSkuId === '')
    return { kind: 'bad', id: platformSkuId || null, reason: 'no id', raw: rawOf(value) }
  const picture = fieldsAt(fieldsAt(fieldsAt(product, 'featuredMedia'), 'preview'), 'image')
  return {
    itemId,
    platformSkuId,
    outerItemId: '',
    outerSkuId: textAt(variant, 'sku', longest.name),
    title: textAt(product, 'title', longest.title),
    spec: specOf(variant, 'title'),
    pictureUrl: textAt(fieldsAt(variant, 'image'), 'url', longest.url) || textAt(picture, 'url', longest.url),
    priceFen: yuanAt(variant, 'price'),
    // It is below nothing where the shop sells more than it has.
    quantity: wholeAt(variant, 'inventoryQuantity', 0, 2_000_000_000) ?? 0,
    status,
    modifiedAt: utcAt(variant, 'updatedAt'),
  }
}

type Row = StockInput['items'][number]

/** Sets quantities forty in a call, of one product or of several. */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  return setInGroups(chunksOf(sound(input), sizes.levelsAtOnce), (group) => setRows(call, group), goneOf)
}

/**
 * Reads the present numbers and sets ours in their place; if pieces were sold meanwhile, both once more. The group is rejected after that, so that it is halved until the variety that
 * sells so fast is alone and keeps back no others; it is set later.
 */
async function setRows(call: Call, rows: readonly Row[]): Promise<void> {
  try {
    await setOnce(call, rows)
  } catch (error) {
    if (!isStale(error)) throw error
    await setOnce(call, rows).catch((again: unknown) => {
      if (!isStale(again)) throw again
      const kind = rows.length > 1 ? 'rejected' : 'retry'
      throw new PlatformError(kind, 'not_done', 'The number changes all the time; it is set later.')
    })
  }
}

async function setOnce(call: Call, rows: readonly Row[]): Promise<void> {
  const levels = await levelsOf(call, rows)
  const quantities: object[] = []
  for (const [at, { quantity }] of rows.entries()) {
    const { item, location, present, isCounted } = needed(levels[at], 'level')
    // A number counts only where the shop counts pieces, so that is switched on.
    if (!isCounted) await change(call, countItem, { id: item })
    quantities.push({
      ...{ inventoryItemId: item, locationId: location, quantity },
      changeFromQuantity: present,
    })
  }
  const input = { name: 'available', reason: 'correction', quantities }
  // The same change again, at another time, is another one.
  const key = hash('sha256', JSON.stringify([input, sharedMs()]), 'hex')
  await change(call, setQuantities, { input, key })
}

type Level = { item: string; location: string; present: number; isCounted: boolean }

async function levelsOf(call: Call, rows: readonly Row[]): Promise<Level[]> {
  const isNumber = ({ itemId, platformSkuId }: Row) =>
    /^\d{1,19}$/.test(platformSkuId) && /^\d+$/.test(itemId)
  if (!rows.every(isNumber)) throw new PlatformError('rejected', noVariant, 'A variety has a number here.')
  const ids = rows.map(({ platformSkuId }) => gid('ProductVariant', platformSkuId))
  const { data } = await ask(call, variantStock, { ids })
  const nodes = listAt(data, 'nodes', '')
  if (nodes.length < rows.length) throw new PlatformError('retry', 'bad_answer', 'The answer lacks rows.')
  const { locationId } = appOf(call.credentials)
  return rows.map((row, at) => levelOf(row, nodes[at], locationId))
}

/** @throws {PlatformError} if there is no such variety, or if it is not known at which of several places its goods lie. */
function levelOf({ itemId }: Row, node: unknown, locationId: string): Level {
  if (!isFields(node) || numberAt(fieldsAt(node, 'product'), 'id') !== itemId)
    throw new PlatformError('rejected', noVariant, 'The shop has no such variety.')
  const item = fieldsAt(node, 'inventoryItem')
  const levels = listAt(fieldsAt(item, 'inventoryLevels'), 'nodes', '')
    .filter(isFields)
    .filter((level) => fieldsAt(level, 'location').isActive !== false)
  const chosen =
    locationId === '0'
      ? levels
      : levels.filter((level) => numberAt(fieldsAt(level, 'location'), 'id') === locationId)
  const [level] = chosen
  if (!level || chosen.length > 1)
    throw new PlatformError(
      'rejected',
      'parameter',
      level
        ? 'The goods lie at several locations: enter the number of ours with the credentials of the shop.'
        : 'The goods are not kept at this location.',
    )
  const [quantity] = listAt(level, 'quantities', '').filter(isFields)
  return {
    item: gid('InventoryItem', numberAt(item, 'id')),
    location: gid(
      'Location',
      needed(idAt({ id: numberAt(fieldsAt(level, 'location'), 'id') }, 'id') || null, 'location'),
    ),
    present: needed(wholeAt(quantity ?? {}, 'quantity', -2_000_000_000, 2_000_000_000), 'quantity'),
    isCounted: item.tracked !== false,
  }
}
