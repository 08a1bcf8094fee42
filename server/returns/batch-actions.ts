import Type from 'typebox'
import type { Scope } from '../core/access/actor.ts'
import { type BatchAction, defineBatchAction } from '../core/batches/batch.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { extentOf, listIds, numbersOf } from '../core/lists/list.ts'
import { type ReturnFilter, returnFilter, returnVoidFields, writeBackAgainFields } from './contract.ts'
import { receiveReturns } from './receiving/receive.ts'
import { writeBackReceiptsAgain } from './receiving/tell-again.ts'
import { returnQuery, returnTable } from './return-list.ts'
import { moveReturns } from './transition.ts'

const closed = { additionalProperties: false }
const none = Type.Object({}, closed)

/** Sorted by what no verb here changes, so the walk neither skips nor repeats. */
const walk = {
  filter: returnFilter,
  count: (tx: Tx, filter: ReturnFilter, scope: Scope) =>
    extentOf(tx, returnTable, returnQuery(filter, scope, 'createdAt')),
  resolve: async (tx: Tx, filter: ReturnFilter, scope: Scope, cap: number, after: string | null) => {
    const page = { limit: cap, after: after ?? undefined }
    const { ids, next } = await listIds(tx, returnTable, returnQuery(filter, scope, 'createdAt'), page)
    return { ids, after: next }
  },
  numbers: (db: Database, ids: readonly string[]) => numbersOf(db, returnTable, 'no', ids),
}

export const returnBatchActions: readonly BatchAction[] = [
  defineBatchAction({
    action: 'returns.confirm',
    name: { zh: '批量确认退货单', en: 'Confirm returns' },
    permission: 'returns.write',
    input: none,
    ...walk,
    run: (tx, ids, _, actor, scope) => moveReturns(tx, ids, { event: 'confirm' }, actor, scope),
  }),
  defineBatchAction({
    action: 'returns.receive',
    name: { zh: '批量快速入库', en: 'Receive returns whole' },
    permission: 'returns.receive',
    input: none,
    ...walk,
    run: (tx, ids, _, actor, scope) =>
      receiveReturns(
        tx,
        ids.map((id) => ({ id })),
        actor,
        scope,
      ),
  }),
  defineBatchAction({
    action: 'returns.settle',
    name: { zh: '批量结算退货单', en: 'Settle returns' },
    permission: 'returns.settle',
    input: none,
    ...walk,
    run: (tx, ids, _, actor, scope) => moveReturns(tx, ids, { event: 'settle' }, actor, scope),
  }),
  defineBatchAction({
    action: 'returns.tell_again',
    name: { zh: '批量重新回写收货', en: 'Tell the platform again' },
    permission: 'returns.receive',
    input: Type.Object(writeBackAgainFields, closed),
    ...walk,
    run: (tx, ids, { reason }, actor, scope) => writeBackReceiptsAgain(tx, ids, reason, actor, scope),
  }),
  defineBatchAction({
    action: 'returns.void',
    name: { zh: '批量作废退货单', en: 'Void returns' },
    permission: 'returns.write',
    input: Type.Object(returnVoidFields, closed),
    ...walk,
    run: (tx, ids, { reason }, actor, scope) =>
      moveReturns(tx, ids, { event: 'void', detail: { reason } }, actor, scope),
  }),
]
