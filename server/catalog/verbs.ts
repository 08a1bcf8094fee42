import { defineVerb, plain, rowsOfDeclared, type VerbRows } from '../core/verbs.ts'
import { matchFields } from './contract.ts'
import { matchAgain, matchListings, unmatchListings } from './listings/match.ts'
import * as lists from './lists.ts'
import { retireSkus, reviveSkus } from './skus/skus.ts'
import { listingVerbs, skuVerbs } from './verbs-contract.ts'

const listings: VerbRows = {
  of: 'listing',
  tag: 'catalog',
  walk: rowsOfDeclared(lists.listings, 'title'),
}

const skus: VerbRows = {
  of: 'sku',
  tag: 'catalog',
  walk: rowsOfDeclared(lists.skus, 'code'),
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
