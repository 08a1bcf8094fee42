import { answer, type Outcome } from './http.ts'
import { type Body, fail, neededText, number, text } from './json-body.ts'
import type { Listing } from './world/goods.ts'
import type { Shop } from './world/model.ts'
import { listingOf, setQuantity, touchListing } from './world/shelf.ts'
import type { World } from './world/world.ts'

/** Returns every listing of a shop: ids, codes, pieces, prices in fen, times in epoch seconds. */
export function listingBooks(shop: Shop): Outcome {
  return answer(JSON.stringify({ listings: shop.listings.map(bookOf) }))
}

/**
 * Changes a listing as its merchant would: title, outerIid and banner ('' puts it on sale), or with `skuId` the outerId of that SKU;
 * quantity for both. `gone: true` deletes the listing.
 */
export function changeListing(world: World, shop: Shop, body: Body): Outcome {
  const numIid = neededText(body, 'numIid')
  const listing = listingOf(shop, numIid) ?? fail(`shop ${shop.key} has no listing ${numIid}`)
  const skuId = text(body, 'skuId')
  const sku = listing.skus.find((known) => known.skuId === skuId) ?? null
  if (skuId !== undefined && sku === null) fail(`listing ${numIid} has no SKU ${skuId}`)
  const outerId = text(body, 'outerId')
  if (outerId !== undefined && sku === null) fail("outerId is a SKU's; a listing has outerIid")
  const quantity = number(body, 'quantity')
  if (quantity !== undefined && sku === null && listing.skus.length > 0) fail('quantity needs a skuId here')
  listing.title = text(body, 'title') ?? listing.title
  listing.outerIid = text(body, 'outerIid') ?? listing.outerIid
  listing.banner = text(body, 'banner') ?? listing.banner
  if (sku !== null && outerId !== undefined) sku.outerId = outerId
  if (quantity !== undefined) setQuantity(world, listing, sku, quantity)
  if (body['gone'] === true) shop.listings = shop.listings.filter((other) => other !== listing)
  touchListing(world, listing)
  return answer(JSON.stringify(bookOf(listing)))
}

function bookOf(listing: Listing): Record<string, unknown> {
  return { ...listing, status: listing.banner === '' ? 'onsale' : 'instock' }
}
