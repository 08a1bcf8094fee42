import Type from 'typebox'
import type { Scope } from '../core/access/actor.ts'
import { type BatchAction, defineBatchAction } from '../core/batches/batch.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { extentOf, listIds, numbersOf } from '../core/lists/list.ts'
import { orderWalk } from '../orders/batch-actions.ts'
import type { SearchParts } from '../orders/list/order-list.ts'
import { type CheckRefunds, checkRefundsBeforeShipping } from './asking/asking.ts'
import { againFields, type DeliveryFilter, deliveryFilter } from './contract.ts'
import { deliveryQuery, deliveryTable } from './delivery-list.ts'
import { aftersaleBatchActions } from './intercepts/aftersale-batch-actions.ts'
import { releaseOrders, unreleaseDeliveries } from './release.ts'
import { shipDeliveries, unshipDeliveries } from './ship.ts'
import { writeBackAgain } from './write-again.ts'

const closed = { additionalProperties: false }
const none = Type.Object({}, closed)

/** Releasing over a filter of orders; all else over a filter of deliveries. `ask`: of the process that performs them. */
export function fulfilmentBatchActions(parts: SearchParts, ask?: CheckRefunds): BatchAction[] {
  return [
    ...aftersaleBatchActions,
    defineBatchAction({
      action: 'orders.release',
      name: { zh: '批量通知配货', en: 'Release orders' },
      permission: 'fulfilment.release',
      input: none,
      ...orderWalk(parts),
      run: (tx, ids, _, actor, scope) => releaseOrders(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'deliveries.unrelease',
      name: { zh: '批量取消配货', en: 'Take deliveries back' },
      permission: 'fulfilment.release',
      input: none,
      ...walk,
      run: (tx, ids, _, actor, scope) => unreleaseDeliveries(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'deliveries.ship',
      name: { zh: '批量发货', en: 'Ship deliveries' },
      permission: 'fulfilment.ship',
      input: none,
      ...walk,
      ...(ask ? { before: (db, ids, scope) => checkRefundsBeforeShipping(db, ask, ids, scope) } : {}),
      run: (tx, ids, _, actor, scope) => shipDeliveries(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'deliveries.unship',
      name: { zh: '批量撤销发货', en: 'Undo shipping' },
      permission: 'fulfilment.unship',
      input: none,
      ...walk,
      run: (tx, ids, _, actor, scope) => unshipDeliveries(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'deliveries.write_again',
      name: { zh: '批量重新回写', en: 'Write back again' },
      permission: 'fulfilment.ship',
      input: Type.Object(againFields, closed),
      ...walk,
      run: (tx, ids, { reason }, actor, scope) => writeBackAgain(tx, ids, reason, actor, scope),
    }),
  ]
}

/** Sorted by what no verb here changes, so the walk neither skips nor repeats. */
const walk = {
  filter: deliveryFilter,
  count: (tx: Tx, filter: DeliveryFilter, scope: Scope) =>
    extentOf(tx, deliveryTable, deliveryQuery(filter, scope, 'createdAt')),
  resolve: async (tx: Tx, filter: DeliveryFilter, scope: Scope, cap: number, after: string | null) => {
    const page = { limit: cap, after: after ?? undefined }
    const { ids, next } = await listIds(tx, deliveryTable, deliveryQuery(filter, scope, 'createdAt'), page)
    return { ids, after: next }
  },
  numbers: (db: Database, ids: readonly string[]) => numbersOf(db, deliveryTable, 'no', ids),
}
