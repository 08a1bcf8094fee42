import Type from 'typebox'
import type { Scope } from '../core/access/actor.ts'
import { type BatchAction, defineBatchAction } from '../core/batches/batch.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { extentOf, listIds, numbersOf } from '../core/lists/list.ts'
import { type ListingFilter, listingFilter, matchFields, type SkuFilter, skuFilter } from './contract.ts'
import { listingQuery, listingTable } from './listings/listing-list.ts'
import { matchAgain, matchListings, unmatchListings } from './listings/match.ts'
import { skuQuery, skuTable } from './sku-list.ts'
import { retireSkus, reviveSkus } from './skus.ts'

const closed = { additionalProperties: false }
const none = Type.Object({}, closed)

/** Every action on SKUs and listings over a selection, or over all that a filter matches. */
export const catalogBatchActions: readonly BatchAction[] = [
  defineBatchAction({
    action: 'listings.match',
    name: { zh: '批量匹配', en: 'Match listings' },
    permission: 'catalog.write',
    input: Type.Object(matchFields, closed),
    ...listingWalk(),
    run: (tx, ids, { skuId }, actor, scope) =>
      matchListings(
        tx,
        ids.map((id) => ({ id, skuId })),
        'hand',
        actor,
        scope,
      ),
  }),
  defineBatchAction({
    action: 'listings.match_again',
    name: { zh: '批量重新自动匹配', en: 'Match listings by code again' },
    permission: 'catalog.write',
    input: none,
    ...listingWalk(),
    run: (tx, ids, _, actor, scope) => matchAgain(tx, ids, actor, scope),
  }),
  defineBatchAction({
    action: 'listings.unmatch',
    name: { zh: '批量取消匹配', en: 'Unmatch listings' },
    permission: 'catalog.write',
    input: none,
    ...listingWalk(),
    run: (tx, ids, _, actor, scope) => unmatchListings(tx, ids, actor, scope),
  }),
  defineBatchAction({
    action: 'skus.retire',
    name: { zh: '批量停用 SKU', en: 'Retire SKUs' },
    permission: 'catalog.write',
    input: none,
    ...skuWalk(),
    run: (tx, ids, _, actor) => retireSkus(tx, ids, actor),
  }),
  defineBatchAction({
    action: 'skus.revive',
    name: { zh: '批量恢复 SKU', en: 'Bring SKUs back' },
    permission: 'catalog.write',
    input: none,
    ...skuWalk(),
    run: (tx, ids, _, actor) => reviveSkus(tx, ids, actor),
  }),
]

/** Sorted by what no verb here changes, so the walk neither skips nor repeats. */
function listingWalk() {
  return {
    filter: listingFilter,
    count: (tx: Tx, filter: ListingFilter, scope: Scope) =>
      extentOf(tx, listingTable, listingQuery(filter, scope, 'createdAt')),
    resolve: async (tx: Tx, filter: ListingFilter, scope: Scope, cap: number, after: string | null) => {
      const page = { limit: cap, after: after ?? undefined }
      const { ids, next } = await listIds(tx, listingTable, listingQuery(filter, scope, 'createdAt'), page)
      return { ids, after: next }
    },
    numbers: (db: Database, ids: readonly string[]) => numbersOf(db, listingTable, 'title', ids),
  }
}

function skuWalk() {
  return {
    filter: skuFilter,
    count: async (tx: Tx, filter: SkuFilter, scope: Scope) =>
      extentOf(tx, skuTable, await skuQuery(tx, filter, scope, 'createdAt')),
    resolve: async (tx: Tx, filter: SkuFilter, scope: Scope, cap: number, after: string | null) => {
      const page = { limit: cap, after: after ?? undefined }
      const { ids, next } = await listIds(tx, skuTable, await skuQuery(tx, filter, scope, 'createdAt'), page)
      return { ids, after: next }
    },
    numbers: (db: Database, ids: readonly string[]) => numbersOf(db, skuTable, 'code', ids),
  }
}
