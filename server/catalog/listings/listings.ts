import type { Listing } from '../../connectors/connector.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { lockCatalog, newsAmong, type SeenGoods, upsertListed, upsertSeen } from './listing-queries.ts'
import { matchByCode } from './match.ts'

/**
 * Adds the goods of trades as listings and matches them by their outer codes. Uses the caller's transaction if `db` is one, else its own.
 */
export async function noteListings(db: Database, shopId: string, items: readonly SeenGoods[]): Promise<void> {
  const newest = new Map<string, SeenGoods>()
  for (const item of items) {
    const key = `${item.itemId}\u0001${item.skuId}`
    const other = newest.get(key)
    if (item.itemId !== '' && (!other || other.seenAt <= item.seenAt)) newest.set(key, item)
  }
  if (newest.size === 0) return
  const news = await newsAmong(db, shopId, [...newest.values()])
  if (news.length === 0) return
  const note = async (tx: Tx) => {
    await lockCatalog(tx)
    await matchByCode(tx, await upsertSeen(tx, shopId, news))
  }
  await (isTransaction(db) ? note(db) : db.transaction().execute(note))
}

function isTransaction(db: Database): db is Tx {
  return db.isTransaction
}

export type ListingCounts = { created: number; updated: number; same: number }

/** Stores a page of the shop's own list and matches the listings whose codes are new or changed. */
export async function saveListings(
  tx: Tx,
  shopId: string,
  listings: readonly Listing[],
): Promise<ListingCounts> {
  const last = new Map(
    listings.map((listing) => [`${listing.itemId}\u0001${listing.platformSkuId}`, listing]),
  )
  if (last.size === 0) return { created: 0, updated: 0, same: 0 }
  await lockCatalog(tx)
  const written = await upsertListed(tx, shopId, [...last.values()])
  const recoded = written.filter((row) => row.recoded)
  await matchByCode(
    tx,
    recoded.map((row) => row.id),
  )
  const created = written.filter((row) => row.made).length
  const updated = written.filter((row) => row.changed).length - created
  return { created, updated, same: written.length - created - updated }
}
