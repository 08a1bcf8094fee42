import { type Json, part, rows, textIn } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import type { Listing, Sku } from '../world/goods.ts'
import type { Shop } from '../world/model.ts'
import { setQuantity, touchListing } from '../world/shelf.ts'
import { recordActivity } from '../world/world.ts'
import {
  CallError,
  connection,
  gid,
  numberIn,
  page,
  type Resolver,
  type ShopifyCall,
  userError,
  utc,
} from './call.ts'
import { locationsOf } from './pieces.ts'

/** 颜色分类:雾蓝;尺寸:1.8m床 → 雾蓝 / 1.8m床 */
export const titleOf = (properties: string): string =>
  properties
    .split(';')
    .map((pair) => pair.split(':')[1] ?? '')
    .filter(Boolean)
    .join(' / ')

const STATUS: Readonly<Record<string, string>> = {
  '': 'ACTIVE',
  off_shelf: 'DRAFT',
  never_on_shelf: 'DRAFT',
  violation_off_shelf: 'ARCHIVED',
}
const statusOf = ({ banner }: Listing): string => STATUS[banner] ?? 'ACTIVE'

export const productObject = (listing: Listing, { sandbox }: ShopifyCall) => ({
  __typename: 'Product',
  id: gid('Product', listing.numIid),
  legacyResourceId: listing.numIid,
  title: listing.title,
  status: statusOf(listing),
  updatedAt: utc(listing.modified),
  featuredMedia: {
    __typename: 'MediaImage',
    id: gid('MediaImage', listing.numIid),
    preview: { image: { id: gid('ImageSource', listing.numIid), url: sandbox.world.url + listing.picture } },
  },
})

/** The goods whose pieces the shop does not count, until a client says so. */
const uncounted = keptMap<Sku, true>('shopify uncounted')
export const stopCounting = (sku: Sku): void => void uncounted.set(sku, true)

/** A stock item has the number of its variant with a 5 in front. */
const itemNumber = ({ skuId }: Sku) => `5${skuId}`

export const variantObject = (listing: Listing, sku: Sku, call: ShopifyCall) => ({
  __typename: 'ProductVariant',
  id: gid('ProductVariant', sku.skuId),
  legacyResourceId: sku.skuId,
  sku: sku.outerId === '' ? null : sku.outerId,
  barcode: null,
  title: titleOf(sku.properties),
  displayName: `${listing.title} - ${titleOf(sku.properties)}`,
  price: (sku.price / 100).toFixed(2),
  inventoryQuantity: sku.quantity,
  updatedAt: utc(listing.modified),
  image: null,
  product: () => productObject(listing, call),
  inventoryItem: () => itemObject(sku, call),
})

const itemObject = (sku: Sku, { shop, now }: ShopifyCall) => ({
  __typename: 'InventoryItem',
  id: gid('InventoryItem', itemNumber(sku)),
  sku: sku.outerId === '' ? null : sku.outerId,
  tracked: !uncounted.has(sku),
  inventoryLevels: connection(
    locationsOf(shop).map(({ id, name }, place) => ({
      id: gid('InventoryLevel', `${id}${itemNumber(sku)}`),
      location: { id: gid('Location', id), name, isActive: true },
      // All pieces lie at the first place.
      quantities: ({ names }: Json) =>
        (Array.isArray(names) ? names : []).map((one: unknown) => {
          if (!['available', 'on_hand', 'committed'].includes(String(one)))
            throw new CallError('BAD_REQUEST', `Invalid name ${String(one)}`)
          return {
            name: one,
            quantity: place === 0 && one !== 'committed' ? sku.quantity : 0,
            updatedAt: utc(now),
          }
        }),
    })),
  ),
})

type Found = { listing: Listing; sku: Sku }

const everyVariant = ({ listings }: Shop): Found[] =>
  listings.flatMap((listing) => listing.skus.map((sku) => ({ listing, sku })))

/** Query.productVariants, by number, of products with the statuses of the search. */
export const productVariants: Resolver = (args, call) => {
  const query = typeof args['query'] === 'string' ? args['query'].trim() : ''
  const asked = /^product_status:([A-Z,]+)$/i.exec(query)?.[1]?.toUpperCase().split(',')
  if (query !== '' && asked === undefined) throw new CallError('BAD_REQUEST', `unknown search ${query}`)
  if (args['sortKey'] !== 'ID') throw new CallError('BAD_REQUEST', 'only ID is simulated')
  const found = everyVariant(call.shop)
    .filter(({ listing }) => asked?.includes(statusOf(listing)) ?? true)
    .toSorted((one, other) => (one.sku.skuId < other.sku.skuId ? -1 : 1))
  const rowsFound = page(found, args, ({ sku }) => sku.skuId.padStart(20, '0'))
  return {
    ...rowsFound,
    nodes: rowsFound.nodes.map(({ listing, sku }) => variantObject(listing, sku, call)),
    edges: rowsFound.edges.map(({ node, cursor }) => ({
      cursor,
      node: variantObject(node.listing, node.sku, call),
    })),
  }
}

/** Query.nodes: null for a number that nothing has. */
export const nodes: Resolver = ({ ids }, call) =>
  (Array.isArray(ids) ? ids : []).map((id: unknown) => {
    const number = numberIn('ProductVariant', id)
    const found = number === '' ? undefined : everyVariant(call.shop).find(({ sku }) => sku.skuId === number)
    return found ? variantObject(found.listing, found.sku, call) : null
  })

const MOST = 1_000_000_000
const seen = keptMap<Shop, Map<string, { input: string; answer: unknown }>>('shopify answers')

/** Mutation.inventorySetQuantities: all rows or none, each only if the number is the one that the client last saw. */
export const inventorySetQuantities: Resolver = (args, call) => {
  const { key, shop } = call
  if (key === undefined)
    throw new CallError(
      'BAD_REQUEST',
      'The @idempotent directive is required for this mutation but was not provided.',
    )
  const known = seen.get(shop) ?? new Map<string, { input: string; answer: unknown }>()
  seen.set(shop, known)
  const input = JSON.stringify(args)
  const before = known.get(key)
  if (before !== undefined)
    return before.input === input
      ? before.answer
      : refused(
          'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
          null,
          'The same idempotency key was used with other parameters.',
        )
  const answer = setQuantities(part(args, 'input'), call)
  known.set(key, { input, answer })
  return answer
}

const refused = (code: string, field: readonly string[] | null, message: string) => ({
  inventoryAdjustmentGroup: null,
  userErrors: [userError(field, message, code)],
})

function setQuantities(input: Json, call: ShopifyCall) {
  const { sandbox, shop, now } = call
  const { world } = sandbox
  if (!['available', 'on_hand'].includes(textIn(input, 'name')))
    return refused(
      'INVALID_NAME',
      ['input', 'name'],
      'The quantity name must be either available or on_hand.',
    )
  const asked = rows(input, 'quantities')
  const changes: (Found & { quantity: number })[] = []
  for (const [at, row] of asked.entries()) {
    const found = everyVariant(shop).find(
      ({ sku }) => itemNumber(sku) === numberIn('InventoryItem', row['inventoryItemId']),
    )
    const quantity = Number(row['quantity'])
    const problem = problemOf(row, found, shop)
    recordActivity(world, shop, {
      action: 'stock',
      key: found?.sku.skuId ?? '',
      accepted: problem === undefined,
      detail: { quantity: String(quantity) },
    })
    if (problem !== undefined) return refused(problem[0], ['input', 'quantities', String(at)], problem[1])
    if (found) changes.push({ ...found, quantity })
  }
  for (const { listing, sku, quantity } of changes) {
    setQuantity(world, listing, sku, quantity)
    touchListing(world, listing)
  }
  const group = {
    id: gid('InventoryAdjustmentGroup', now),
    createdAt: utc(now),
    reason: textIn(input, 'reason'),
  }
  return { inventoryAdjustmentGroup: group, userErrors: [] }
}

function problemOf(
  row: Json,
  found: Found | undefined,
  shop: Shop,
): [code: string, message: string] | undefined {
  if (!('changeFromQuantity' in row))
    throw new CallError('BAD_REQUEST', 'changeFromQuantity must be provided, null skips the comparison.')
  if (found === undefined)
    return ['INVALID_INVENTORY_ITEM', 'The specified inventory item could not be found.']
  const [first, ...more] = locationsOf(shop)
  const location = numberIn('Location', row['locationId'])
  if (![first, ...more].some((one) => String(one?.id) === location))
    return ['INVALID_LOCATION', 'The specified location could not be found.']
  const [quantity, from] = [Number(row['quantity']), row['changeFromQuantity']]
  if (quantity > MOST)
    return ['INVALID_QUANTITY_TOO_HIGH', "The quantity can't be higher than 1,000,000,000."]
  const present = String(first?.id) === location ? found.sku.quantity : 0
  return from !== null && from !== present
    ? [
        'CHANGE_FROM_QUANTITY_STALE',
        'The changeFromQuantity argument no longer matches the persisted quantity.',
      ]
    : undefined
}

/** Mutation.inventoryItemUpdate: whether the pieces of an item are counted. */
export const inventoryItemUpdate: Resolver = (args, call) => {
  const number = numberIn('InventoryItem', args['id'])
  const found = everyVariant(call.shop).find(({ sku }) => itemNumber(sku) === number)
  if (found === undefined)
    return { inventoryItem: null, userErrors: [userError(['id'], 'Inventory item does not exist')] }
  if (part(args, 'input')['tracked'] === true) uncounted.delete(found.sku)
  return { inventoryItem: itemObject(found.sku, call), userErrors: [] }
}
