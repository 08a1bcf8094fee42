import { defineVerb, plain, rowsOfList, type VerbRows } from '../core/verbs.ts'
import { listingFilter, matchFields, skuFilter } from './contract.ts'
import { listingQuery, listingTable } from './listings/listing-list.ts'
import { matchAgain, matchListings, unmatchListings } from './listings/match.ts'
import { skuQuery, skuTable } from './sku-list.ts'
import { retireSkus, reviveSkus } from './skus/skus.ts'
import { listingVerbs, skuVerbs } from './verbs-contract.ts'

const listings: VerbRows = {
  of: 'listing',
  tag: 'catalog',
  walk: rowsOfList({
    filter: listingFilter,
    table: listingTable,
    query: (filter, scope) => listingQuery(filter, scope, 'createdAt'),
    numbers: 'title',
  }),
}

const skus: VerbRows = {
  of: 'sku',
  tag: 'catalog',
  walk: rowsOfList({
    filter: skuFilter,
    table: skuTable,
    query: (filter, scope, tx) => skuQuery(tx, filter, scope, 'createdAt'),
    numbers: 'code',
  }),
}

export const catalogVerbs = [
  defineVerb(listingVerbs.match, {
    rows: listings,
    input: matchFields,
    run(tx, ids, { skuId }, by) {
      const pairs = ids.map((id) => ({ id, skuId }))
      return matchListings(tx, pairs, 'hand', by)
    },
  }),
  defineVerb(listingVerbs.again, { rows: listings, run: plain(matchAgain) }),
  defineVerb(listingVerbs.unmatch, { rows: listings, run: plain(unmatchListings) }),
  defineVerb(skuVerbs.retire, { rows: skus, run: (tx, ids, _, { actor }) => retireSkus(tx, ids, actor) }),
  defineVerb(skuVerbs.revive, { rows: skus, run: (tx, ids, _, { actor }) => reviveSkus(tx, ids, actor) }),
]
