import { listingsById } from '../catalog/names.ts'
import { defineVerb, plain, rowsOfList, type VerbRows } from '../core/verbs.ts'
import { ruleFields, stockSyncFilter } from './contract.ts'
import { pauseListings, resumeListings } from './pause.ts'
import { resyncListings } from './resync.ts'
import { setStockSyncRule } from './settings.ts'
import { stockSyncQuery, stockSyncTable } from './upload-list.ts'
import { stockSyncVerbs as declared } from './verbs-contract.ts'

/**
 * Rows of all states, sorted by creation. A row that a verb moves to another state is still met once, since each state is continued from
 * the same position.
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
