import { type Json, rows } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { plainYuan } from '../wire.ts'
import { type Listing, listingPrice, type Sku } from '../world/goods.ts'
import { listingOf, setQuantity, touchListing } from '../world/shelf.ts'
import { recordActivity, type World } from '../world/world.ts'
import {
  badParam,
  fieldsOf,
  gmt,
  local,
  pageIn,
  type WooCall,
  type WooError,
  type WooMethod,
  wrong,
} from './call.ts'
import { attributesOf } from './order-json.ts'

const STATUS: Readonly<Record<string, string>> = {
  '': 'publish',
  off_shelf: 'draft',
  never_on_shelf: 'pending',
  violation_off_shelf: 'private',
}
const statusOf = ({ banner }: Listing): string => STATUS[banner] ?? 'publish'

/** Products whose stock the shop does not count, until a client sets it. */
const uncounted = keptMap<World, Set<string>>('woocommerce uncounted')
const isCounted = ({ numIid }: Listing, world: World): boolean => !uncounted.get(world)?.has(numIid)

/** Lets a shop stop counting the pieces of a product. */
export function stopCounting(world: World, numIid: string): void {
  uncounted.set(world, new Set([...(uncounted.get(world) ?? []), numIid]))
}

/** GET /products: a row for each product; those of a product with variations are asked for by another call. */
export const list: WooMethod = ({ shop, params, sandbox: { world } }) => {
  const paged = pageIn(params)
  if ('code' in paged) return paged
  const { page, size } = paged
  const status = params.get('status') ?? 'any'
  if (!['any', 'draft', 'pending', 'private', 'publish'].includes(status)) return badParam('status')
  const type = params.get('type')
  if (type !== undefined && !['simple', 'grouped', 'external', 'variable'].includes(type))
    return badParam('type')
  const found = shop.listings.filter(
    (listing) =>
      (status === 'any' || statusOf(listing) === status) &&
      (type === undefined || (listing.skus.length === 0 ? 'simple' : 'variable') === type),
  )
  return {
    rows: found
      .slice((page - 1) * size, page * size)
      .map((listing) => fieldsOf(params, productJson(listing, world))),
    total: found.length,
    size,
  }
}

export const variations: WooMethod = ({ shop, ids, params, sandbox: { world } }) => {
  const listing = listingOf(shop, ids[0] ?? '')
  if (listing === undefined) return wrong(404, 'woocommerce_rest_product_invalid_id', 'Invalid ID.')
  const paged = pageIn(params)
  if ('code' in paged) return paged
  const { page, size } = paged
  return {
    rows: listing.skus
      .slice((page - 1) * size, page * size)
      .map((sku) => fieldsOf(params, variationJson(listing, sku, world))),
    total: listing.skus.length,
    size,
  }
}

const stockJson = (listing: Listing, quantity: number, world: World): Json => ({
  manage_stock: isCounted(listing, world),
  stock_quantity: isCounted(listing, world) ? quantity : null,
  stock_status: quantity > 0 || !isCounted(listing, world) ? 'instock' : 'outofstock',
  backorders: 'no',
})

const timesJson = ({ modified }: Listing): Json => ({
  date_modified: local(modified),
  date_modified_gmt: gmt(modified),
})

function productJson(listing: Listing, world: World): Json {
  const { numIid, title, outerIid, picture, skus } = listing
  const price = plainYuan(skus[0]?.price ?? listingPrice(listing))
  return {
    id: Number(numIid),
    name: title,
    type: skus.length === 0 ? 'simple' : 'variable',
    status: statusOf(listing),
    sku: outerIid,
    price,
    regular_price: price,
    sale_price: '',
    ...timesJson(listing),
    ...(skus.length === 0
      ? stockJson(listing, listing.quantity, world)
      : { manage_stock: false, stock_quantity: null, stock_status: 'instock', backorders: 'no' }),
    images: [{ id: 1, src: world.url + picture, name: '', alt: '' }],
    attributes: [],
    variations: skus.map(({ skuId }) => Number(skuId)),
  }
}

/** A variation without a code of its own shows that of its product. */
function variationJson(listing: Listing, sku: Sku, world: World): Json {
  return {
    id: Number(sku.skuId),
    sku: sku.outerId || listing.outerIid,
    status: 'publish',
    price: plainYuan(sku.price),
    regular_price: plainYuan(sku.price),
    sale_price: '',
    ...timesJson(listing),
    ...stockJson(listing, sku.quantity, world),
    image: null,
    attributes: attributesOf(sku.properties).map((attribute, id) => ({ id, ...attribute })),
  }
}

const MOST = 100

/** POST /products/batch and /products/{id}/variations/batch: each row has its own answer, and the whole is a success. */
export const batch: WooMethod = (call) =>
  inBatch(call, ({ shop }, id) => {
    const listing = listingOf(shop, id)
    return listing === undefined ? undefined : { listing, sku: null }
  })

export const variationBatch: WooMethod = (call) =>
  inBatch(call, ({ shop, ids }, id) => {
    const listing = listingOf(shop, ids[0] ?? '')
    const sku = listing?.skus.find(({ skuId }) => skuId === id)
    return listing === undefined || sku === undefined ? undefined : { listing, sku }
  })

type Found = { listing: Listing; sku: Sku | null }

function inBatch(
  call: WooCall,
  find: (call: WooCall, id: string) => Found | undefined,
): ReturnType<WooMethod> {
  const update = rows(call.body, 'update')
  if (update.length > MOST)
    return wrong(
      413,
      'woocommerce_rest_request_entity_too_large',
      `Unable to accept more than ${MOST} items.`,
    )
  return { data: { update: update.map((row) => updated(call, row, find(call, String(row['id'] ?? '')))) } }
}

function updated({ sandbox: { world }, shop }: WooCall, row: Json, found: Found | undefined): Json {
  const problem = found === undefined ? invalidId : problemOf(row)
  const [id, quantity] = [String(row['id'] ?? ''), Number(row['stock_quantity'])]
  recordActivity(world, shop, {
    action: 'stock',
    key: id,
    accepted: problem === undefined,
    detail: { quantity: String(row['stock_quantity']) },
  })
  if (problem !== undefined || found === undefined)
    return {
      id: Number(id),
      error: { code: problem?.code, message: problem?.message, data: { status: problem?.status } },
    }
  const { listing, sku } = found
  // A product whose pieces are not counted keeps no number.
  if (row['manage_stock'] === true) uncounted.get(world)?.delete(listing.numIid)
  if (isCounted(listing, world)) setQuantity(world, listing, sku, quantity)
  touchListing(world, listing)
  return sku === null ? productJson(listing, world) : variationJson(listing, sku, world)
}

const invalidId = wrong(400, 'woocommerce_rest_product_invalid_id', 'Invalid ID.')

function problemOf(row: Json): WooError | undefined {
  const quantity = row['stock_quantity']
  return typeof quantity === 'number' && Number.isInteger(quantity)
    ? undefined
    : wrong(400, 'rest_invalid_param', 'stock_quantity is not of type integer.')
}
