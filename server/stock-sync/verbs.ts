import { listingsById } from '../catalog/names.ts'
import { defineVerb, plain, rowsOfDeclared, type VerbRows } from '../core/verbs.ts'
import { ruleFields } from './contract.ts'
import { stockSync } from './lists.ts'
import { pauseListings, resumeListings } from './pause.ts'
import { resyncListings } from './resync.ts'
import { setStockSyncRule } from './settings.ts'
import { stockSyncVerbs as declared } from './verbs-contract.ts'

const rows: VerbRows = {
  of: 'listing',
  tag: 'stock uploads',
  walk: rowsOfDeclared(stockSync, listingsById),
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
