import type { Listing, Sku } from './goods.ts'
import type { Shop } from './model.ts'
import { nowSeconds, type World } from './world.ts'

/** Marks a listing as changed now. Call it after every change. */
export function touchListing(world: World, listing: Listing): void {
  listing.modified = Math.max(listing.modified, nowSeconds(world))
}

/** Sets the pieces of one SKU, or of a listing without SKUs. A listing that was sold out is put on sale again, as platforms do. */
export function setQuantity(world: World, listing: Listing, sku: Sku | null, quantity: number): void {
  if (sku === null) listing.quantity = quantity
  else sku.quantity = quantity
  if (listing.banner === 'sold_out' && totalQuantity(listing) > 0) listing.banner = ''
  touchListing(world, listing)
}

export function totalQuantity(listing: Listing): number {
  return listing.skus.length === 0
    ? listing.quantity
    : listing.skus.reduce((sum, sku) => sum + sku.quantity, 0)
}

export function listingOf(shop: Shop, numIid: string): Listing | undefined {
  return shop.listings.find((listing) => listing.numIid === numIid)
}

export function byModified(listings: readonly Listing[]): Listing[] {
  return [...listings].sort((a, b) => b.modified - a.modified || (a.numIid < b.numIid ? -1 : 1))
}
