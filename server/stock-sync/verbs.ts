import { listingsById } from '../catalog/names.ts'
import { defineVerb, plain, rowsOfList, type VerbRows } from '../core/verbs.ts'
import { ruleFields, stockSyncFilter } from './contract.ts'
import { pauseListings, resumeListings } from './pause.ts'
import { resyncListings } from './resync.ts'
import { setStockSyncRule } from './settings.ts'
import { stockSyncQuery, stockSyncTable } from './upload-list.ts'
import { stockSyncVerbs as declared } from './verbs-contract.ts'

/**
 * All standings in the order of their birth: rows that a verb moves from one tab to another are met once all the same,
 * since each standing is walked behind the same place.
 */
const rows: VerbRows = {
  of: 'listing',
  tag: 'stock uploads',
  walk: rowsOfList({
    filter: stockSyncFilter,
    table: stockSyncTable,
    query: (filter, scope) => stockSyncQuery(filter, scope, 'createdAt'),
    numbers: listingsById,
  }),
}

export const stockSyncVerbs = [
  defineVerb(declared.resync, { rows, run: plain(resyncListings) }),
  defineVerb(declared.pause, { rows, run: plain(pauseListings) }),
  defineVerb(declared.resume, { rows, run: plain(resumeListings) }),
  defineVerb(declared.rule, {
    rows,
    input: ruleFields,
    run: (tx, ids, { rule }, by) => setStockSyncRule(tx, ids, rule, by),
  }),
]
