import type { Actor, By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Tx } from '../../core/db/db.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import { wakeTask } from '../../core/tasks/tasks.ts'
import { sendEvent } from '../../events.ts'
import { skuCodes } from '../sku-queries.ts'
import { lockCatalog } from './listing-queries.ts'
import {
  decideByCode,
  forgetDecisions,
  type LockedListing,
  listingsOfCodes,
  lockListingsInScope,
  type Rematched,
  shopsOf,
  writeMatches,
} from './match-queries.ts'

/** The kind of the stock sync task, which must run after a listing's match or the components of its SKU have changed. */
export const stockSyncTaskKind = 'stock_upload'

/** The most listings in one event. */
const newsSize = 1000

async function enqueueMatched(
  tx: Tx,
  listings: readonly { id: string; formerSkuId: string | null }[],
): Promise<void> {
  const payloads: { listingIds: string[]; fromSkuIds?: string[] }[] = []
  for (let from = 0; from < listings.length; from += newsSize) {
    const some = listings.slice(from, from + newsSize)
    const fromSkuIds = [...new Set(some.flatMap(({ formerSkuId }) => formerSkuId ?? []))]
    payloads.push({
      listingIds: some.map(({ id }) => id),
      ...(fromSkuIds.length > 0 ? { fromSkuIds } : {}),
    })
  }
  await sendEvent(tx, 'orders.listings_matched', payloads)
}

async function wakeStockSync(tx: Tx, listingIds: readonly string[]): Promise<void> {
  if (listingIds.length > 0) await wakeTask(tx, stockSyncTaskKind, ...(await shopsOf(tx, listingIds)))
}

/**
 * Matches these listings by their codes and reports new matches to the orders and the stock sync. Call it after listings were added or
 * their codes changed; the caller must have locked the catalogue.
 */
export async function matchByCode(tx: Tx, listingIds: readonly string[]): Promise<Rematched[]> {
  if (listingIds.length === 0) return []
  const changed = await decideByCode(tx, listingIds)
  await enqueueMatched(
    tx,
    changed.filter(({ skuId }) => skuId !== null),
  )
  await wakeStockSync(
    tx,
    changed.map(({ id }) => id),
  )
  return changed
}

/**
 * Matches the listings that the codes of these SKUs concern. Call it after SKUs were added, restored or their codes changed; the caller
 * must have locked the catalogue.
 */
export async function matchSkus(tx: Tx, skuIds: readonly string[]): Promise<Rematched[]> {
  return skuIds.length === 0 ? [] : matchByCode(tx, await listingsOfCodes(tx, skuIds))
}

export type Pair = { id: string; skuId: string }

/** 匹配: matches each listing with the SKU that a user chose or a sheet names, and replaces its former match. */
export async function matchListings(
  tx: Tx,
  pairs: readonly Pair[],
  how: 'hand' | 'import',
  { actor, scope }: By,
): Promise<Outcome[]> {
  await lockCatalog(tx)
  const skuOf = new Map(pairs.map((pair) => [pair.id, pair.skuId]))
  const listings = await lockListingsInScope(tx, [...skuOf.keys()], scope)
  const skus = await skuCodes(tx, [...new Set(skuOf.values())])
  const taken: { listing: LockedListing; skuId: string }[] = []
  const outcomes = [...skuOf].map(([id, skuId]): Outcome => {
    const listing = listings.get(id)
    const sku = skus.get(skuId)
    if (!listing) return { id, done: false, ...noListing }
    const ref = listing.title
    if (!sku) return { id, done: false, ...noSku, ref }
    if (!sku.active) return { id, done: false, ...retired, ref }
    taken.push({ listing, skuId })
    return { id, done: true, ref }
  })
  if (taken.length === 0) return outcomes
  await writeMatches(
    tx,
    taken.map(({ listing, skuId }) => ({ id: listing.id, skuId, how })),
    actor.name,
  )
  const news = taken.filter(({ listing, skuId }) => listing.skuId !== skuId)
  await enqueueMatched(
    tx,
    news.map(({ listing: { id, skuId, formerSkuId } }) => ({ id, formerSkuId: skuId ?? formerSkuId })),
  )
  await auditEach(
    tx,
    'listing.match',
    taken.map(({ listing, skuId }) => ({ listing, detail: { sku: skus.get(skuId)?.code ?? '', how } })),
    actor,
  )
  await wakeStockSync(
    tx,
    news.map(({ listing }) => listing.id),
  )
  return outcomes
}

/** 取消匹配: the listing has no match until a user matches it or lets the codes decide again. */
export async function unmatchListings(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  await lockCatalog(tx)
  const listings = await lockListingsInScope(tx, ids, scope)
  const matched = [...listings.values()].filter((listing) => listing.skuId !== null)
  if (matched.length > 0) {
    await writeMatches(
      tx,
      matched.map(({ id }) => ({ id, skuId: null, how: '' })),
      actor.name,
    )
    await auditEach(
      tx,
      'listing.unmatch',
      matched.map((listing) => ({ listing, detail: {} })),
      actor,
    )
    await wakeStockSync(
      tx,
      matched.map(({ id }) => id),
    )
  }
  return [...new Set(ids)].map((id): Outcome => {
    const listing = listings.get(id)
    if (!listing) return { id, done: false, ...noListing }
    const ref = listing.title
    return listing.skuId === null ? { id, done: false, ...notMatched, ref } : { id, done: true, ref }
  })
}

/** 重新自动匹配: lets the codes decide again about listings that no user or sheet matched, also about those that a user unmatched. */
export async function matchAgain(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  await lockCatalog(tx)
  const before = await lockListingsInScope(tx, ids, scope)
  const open = [...before.values()].filter((listing) => !byPerson(listing))
  await forgetDecisions(
    tx,
    open.map(({ id }) => id),
  )
  const changed = await matchByCode(
    tx,
    open.map(({ id }) => id),
  )
  const after = await lockListingsInScope(tx, ids, scope)
  const asked = changed.flatMap(({ id }) => after.get(id) ?? [])
  await auditEach(
    tx,
    'listing.match_again',
    asked.map((listing) => ({ listing, detail: {} })),
    actor,
  )
  return [...new Set(ids)].map((id): Outcome => {
    const listing = after.get(id)
    if (!listing) return { id, done: false, ...noListing }
    const ref = listing.title
    if (byPerson(listing)) return { id, done: false, ...matchedByPerson, ref }
    return listing.skuId === null ? { id, done: false, ...noSkuOfCode, ref } : { id, done: true, ref }
  })
}

const byPerson = ({ matchedHow }: LockedListing) => matchedHow === 'hand' || matchedHow === 'import'

async function auditEach(
  tx: Tx,
  action: string,
  entries: readonly { listing: LockedListing; detail: Record<string, unknown> }[],
  actor: Actor,
): Promise<void> {
  await audit(
    tx,
    ...entries.map(({ listing, detail }) => ({
      actor,
      action,
      subject: { type: 'listing', id: listing.id },
      shopId: listing.shopId,
      detail,
    })),
  )
}

export const noListing = notFound({ zh: '平台商品', en: 'Listing' })

export const noSku = { code: 'sku_not_found', message: { zh: '没有这个 SKU', en: 'There is no such SKU' } }
export const retired = {
  code: 'sku_retired',
  message: { zh: 'SKU 已停用，先恢复', en: 'The SKU is retired; bring it back first' },
}
const notMatched = { code: 'not_matched', message: { zh: '没有匹配', en: 'Not matched' } }
const matchedByPerson = {
  code: 'matched_by_person',
  message: { zh: '人工匹配的不变；要改先取消匹配', en: 'Matched by a person; unmatch it first' },
}
const noSkuOfCode = {
  code: 'no_sku_of_code',
  message: { zh: '没有 SKU 的编码和它的商家编码相同', en: 'No SKU has its outer code' },
}
