import Type from 'typebox'
import type { Scope } from '../../core/access/actor.ts'
import { type BatchAction, defineBatchAction } from '../../core/batches/batch.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { extentOf, listIds } from '../../core/lists/list.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { Permission } from '../../users/permissions.ts'
import {
  decisionFields,
  type InterceptFilter,
  interceptFilter,
  type PutBackFilter,
  putBackFilter,
} from './aftersale-contract.ts'
import { interceptQuery, interceptTable, putBackQuery, putBackTable } from './aftersale-lists.ts'
import { deliveryNumbers } from './aftersale-view.ts'
import type { InterceptEvent, PutBackEnd } from './intercept-lifecycle.ts'
import { decideIntercepts } from './intercept-verbs.ts'
import { finishPutBacks } from './put-backs.ts'

const closed = { additionalProperties: false }

/** Sorted by what no verb here changes, so the walk neither skips nor repeats. */
const interceptWalk = {
  filter: interceptFilter,
  count: (tx: Tx, filter: InterceptFilter, scope: Scope) =>
    extentOf(tx, interceptTable, interceptQuery(filter, scope, 'createdAt')),
  resolve: async (tx: Tx, filter: InterceptFilter, scope: Scope, cap: number, after: string | null) => {
    const page = { limit: cap, after: after ?? undefined }
    const { ids, next } = await listIds(tx, interceptTable, interceptQuery(filter, scope, 'createdAt'), page)
    return { ids, after: next }
  },
  numbers: (db: Database, ids: readonly string[]) => deliveryNumbers(db, interceptTable.name, ids),
}

const putBackWalk = {
  filter: putBackFilter,
  count: (tx: Tx, filter: PutBackFilter, scope: Scope) =>
    extentOf(tx, putBackTable, putBackQuery(filter, scope, 'createdAt')),
  resolve: async (tx: Tx, filter: PutBackFilter, scope: Scope, cap: number, after: string | null) => {
    const page = { limit: cap, after: after ?? undefined }
    const { ids, next } = await listIds(tx, putBackTable, putBackQuery(filter, scope, 'createdAt'), page)
    return { ids, after: next }
  },
  numbers: (db: Database, ids: readonly string[]) => deliveryNumbers(db, putBackTable.name, ids),
}

function decide(event: InterceptEvent, permission: Permission, name: LocalizedText): BatchAction {
  return defineBatchAction({
    action: `intercepts.${event}`,
    name,
    permission,
    input: Type.Object(decisionFields, closed),
    ...interceptWalk,
    run: (tx, ids, { note }, actor, scope) => decideIntercepts(tx, ids, { event, note }, actor, scope),
  })
}

function finish(state: PutBackEnd, name: LocalizedText): BatchAction {
  return defineBatchAction({
    action: `put_backs.${state}`,
    name,
    permission: 'aftersale.put_back',
    input: Type.Object({}, closed),
    ...putBackWalk,
    run: (tx, ids, _, actor, scope) => finishPutBacks(tx, ids, state, actor, scope),
  })
}

export const aftersaleBatchActions: readonly BatchAction[] = [
  decide('pull', 'fulfilment.unship', { zh: '批量拦到', en: 'Pulled out' }),
  decide('ask', 'aftersale.intercept', { zh: '批量请快递拦截', en: 'Couriers asked' }),
  decide('return', 'aftersale.intercept', { zh: '批量追回', en: 'Brought back' }),
  decide('miss', 'aftersale.intercept', { zh: '批量没拦到', en: 'Missed' }),
  decide('money', 'aftersale.intercept', { zh: '批量只退钱', en: 'Money only' }),
  finish('done', { zh: '批量放回', en: 'Put back' }),
  finish('unpicked', { zh: '批量没有拣过', en: 'Never picked' }),
]
