import Type from 'typebox'
import { listingsById } from '../catalog/names.ts'
import type { Scope } from '../core/access/actor.ts'
import { type BatchAction, defineBatchAction } from '../core/batches/batch.ts'
import type { Tx } from '../core/db/db.ts'
import { extentOf, listIds } from '../core/lists/list.ts'
import { ruleFields, type StockSyncFilter, stockSyncFilter } from './contract.ts'
import { pauseListings, resumeListings } from './pause.ts'
import { resyncListings } from './resync.ts'
import { setStockSyncRule } from './settings.ts'
import { stockSyncQuery, stockSyncTable } from './upload-list.ts'

const closed = { additionalProperties: false }
const none = Type.Object({}, closed)
const permission = 'inventory.upload'

/** Every action on listings' uploads over a selection, or over all that a filter matches. */
export const stockSyncBatchActions: readonly BatchAction[] = [
  defineBatchAction({
    action: 'stock_uploads.resync',
    name: { zh: '批量重推库存', en: 'Resync stock' },
    permission,
    input: none,
    ...walk(),
    run: (tx, ids, _, actor, scope) => resyncListings(tx, ids, actor, scope),
  }),
  defineBatchAction({
    action: 'stock_uploads.pause',
    name: { zh: '批量暂停库存同步', en: 'Pause stock upload' },
    permission,
    input: none,
    ...walk(),
    run: (tx, ids, _, actor, scope) => pauseListings(tx, ids, actor, scope),
  }),
  defineBatchAction({
    action: 'stock_uploads.resume',
    name: { zh: '批量恢复库存同步', en: 'Resume stock upload' },
    permission,
    input: none,
    ...walk(),
    run: (tx, ids, _, actor, scope) => resumeListings(tx, ids, actor, scope),
  }),
  defineBatchAction({
    action: 'stock_uploads.set_rule',
    name: { zh: '批量设置库存规则', en: 'Set the rule of stock upload' },
    permission,
    input: Type.Object(ruleFields, closed),
    ...walk(),
    run: (tx, ids, { rule }, actor, scope) => setStockSyncRule(tx, ids, rule, actor, scope),
  }),
]

/**
 * All standings in the order of their birth: rows that a verb moves from one tab to another are met once all the same,
 * since each standing is walked behind the same place.
 */
function walk() {
  return {
    filter: stockSyncFilter,
    count: (tx: Tx, filter: StockSyncFilter, scope: Scope) =>
      extentOf(tx, stockSyncTable, stockSyncQuery(filter, scope, 'createdAt')),
    resolve: async (tx: Tx, filter: StockSyncFilter, scope: Scope, cap: number, after: string | null) => {
      const page = { limit: cap, after: after ?? undefined }
      const { ids, next } = await listIds(
        tx,
        stockSyncTable,
        stockSyncQuery(filter, scope, 'createdAt'),
        page,
      )
      return { ids, after: next }
    },
    numbers: listingsById,
  }
}
