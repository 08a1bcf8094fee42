import Type from 'typebox'
import type { Actor, Scope } from '../../core/access/actor.ts'
import { type BatchAction, defineBatchAction } from '../../core/batches/batch.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { extentOf, listIds, numbersOf } from '../../core/lists/list.ts'
import { decisionFields } from '../../fulfilment/intercepts/aftersale-contract.ts'
import type { KeyRing } from '../../lib/seal.ts'
import type { Permission } from '../../users/permissions.ts'
import { convertRefunds } from '../refunds/convert-refunds.ts'
import { processRefunds } from '../refunds/refund-decisions.ts'
import { refundTable } from '../refunds/refund-list.ts'
import {
  type AfterSalesFilter,
  afterSalesFilter,
  agreeFields,
  dutyFields,
  refuseFields,
} from './desk-contract.ts'
import { afterSalesQuery } from './desk-list.ts'
import { agreeMany, decideInterceptsOfRefunds, refuseMany, sayDuty } from './desk-verbs.ts'

const closed = { additionalProperties: false }
const none = Type.Object({}, closed)
type Verb = (tx: Tx, ids: readonly string[], actor: Actor, scope: Scope) => Promise<Outcome[]>

/** Over a filter of the desk. */
export function afterSalesBatchActions(ring: KeyRing): BatchAction[] {
  const walk = walkOf(ring)
  const plain = (action: string, permission: Permission, zh: string, en: string, verb: Verb) =>
    defineBatchAction({
      action,
      permission,
      name: { zh, en },
      input: none,
      ...walk,
      run: (tx, ids, _, actor, scope) => verb(tx, ids, actor, scope),
    })
  const parcels = (
    event: 'pull' | 'ask' | 'miss' | 'money',
    permission: Permission,
    zh: string,
    en: string,
  ) =>
    defineBatchAction({
      action: `aftersale.${event}`,
      permission,
      name: { zh, en },
      input: Type.Object(decisionFields, closed),
      ...walk,
      run: (tx, ids, { note }, actor, scope) =>
        decideInterceptsOfRefunds(tx, ids, { event, note }, actor, scope),
    })
  return [
    plain('aftersale.convert', 'refunds.convert', '售后批量转退单', 'Convert refunds', convertRefunds),
    plain(
      'aftersale.process',
      'refunds.process',
      '售后批量标记已处理',
      'Mark refunds processed',
      processRefunds,
    ),
    parcels('pull', 'fulfilment.unship', '售后批量拦到', 'Parcels pulled out'),
    parcels('ask', 'aftersale.intercept', '售后批量请快递拦截', 'Couriers asked'),
    parcels('miss', 'aftersale.intercept', '售后批量没拦到', 'Parcels missed'),
    parcels('money', 'aftersale.intercept', '售后批量只退钱', 'Money only'),
    defineBatchAction({
      action: 'aftersale.agree',
      permission: 'refunds.agree',
      name: { zh: '批量同意退款', en: 'Agree to refunds' },
      input: Type.Object(agreeFields, closed),
      ...walk,
      run: (tx, ids, input, actor, scope) => agreeMany(tx, ring, ids, input, actor, scope),
    }),
    defineBatchAction({
      action: 'aftersale.refuse',
      permission: 'refunds.refuse',
      name: { zh: '批量拒绝退款', en: 'Refuse refunds' },
      input: Type.Object(refuseFields, closed),
      ...walk,
      run: (tx, ids, input, actor, scope) => refuseMany(tx, ring, ids, input, actor, scope),
    }),
    defineBatchAction({
      action: 'aftersale.duty',
      permission: 'refunds.duty',
      name: { zh: '批量判定责任', en: 'Say who bears them' },
      input: Type.Object(dutyFields, closed),
      ...walk,
      run: (tx, ids, input, actor, scope) => sayDuty(tx, ids, input, actor, scope),
    }),
  ]
}

/** Sorted by what no verb here changes, so the walk neither skips nor repeats. */
function walkOf(ring: KeyRing) {
  const query = (filter: AfterSalesFilter, scope: Scope) => afterSalesQuery(ring, filter, scope, 'modifiedAt')
  return {
    filter: afterSalesFilter,
    count: (tx: Tx, filter: AfterSalesFilter, scope: Scope) =>
      extentOf(tx, refundTable, query(filter, scope)),
    resolve: async (tx: Tx, filter: AfterSalesFilter, scope: Scope, cap: number, after: string | null) => {
      const page = { limit: cap, after: after ?? undefined }
      const { ids, next } = await listIds(tx, refundTable, query(filter, scope), page)
      return { ids, after: next }
    },
    numbers: (db: Database, ids: readonly string[]) => numbersOf(db, refundTable, 'refund_no', ids),
  }
}
