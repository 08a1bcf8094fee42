import Type from 'typebox'
import type { Scope } from '../core/access/actor.ts'
import { type BatchAction, defineBatchAction } from '../core/batches/batch.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { extentOf, listIds, numbersOf } from '../core/lists/list.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { type SettlementFilter, settlementFilter, settlementVoidFields } from './contract.ts'
import type { SettlementEvent } from './lifecycle.ts'
import { explainTrades, reopenTrades } from './recon.ts'
import { type BillTradeFilter, billTradeFilter, explainFields } from './recon-contract.ts'
import { billTradeQuery, billTradeTable } from './recon-list.ts'
import { settlementQuery, settlementTable } from './settlement-list.ts'
import { moveSettlements } from './settlement-verbs.ts'

const closed = { additionalProperties: false }

/** Sorted by what no verb here changes, so the walk neither skips nor repeats. */
export const settlementWalk = {
  filter: settlementFilter,
  count: (tx: Tx, filter: SettlementFilter, scope: Scope) =>
    extentOf(tx, settlementTable, settlementQuery(filter, scope, 'createdAt')),
  resolve: async (tx: Tx, filter: SettlementFilter, scope: Scope, cap: number, after: string | null) => {
    const page = { limit: cap, after: after ?? undefined }
    const asked = settlementQuery(filter, scope, 'createdAt')
    const { ids, next } = await listIds(tx, settlementTable, asked, page)
    return { ids, after: next }
  },
  numbers: (db: Database, ids: readonly string[]) => numbersOf(db, settlementTable, 'no', ids),
}

const billWalk = {
  filter: billTradeFilter,
  count: (tx: Tx, filter: BillTradeFilter, scope: Scope) =>
    extentOf(tx, billTradeTable, billTradeQuery(filter, scope, 'at')),
  resolve: async (tx: Tx, filter: BillTradeFilter, scope: Scope, cap: number, after: string | null) => {
    const page = { limit: cap, after: after ?? undefined }
    const { ids, next } = await listIds(tx, billTradeTable, billTradeQuery(filter, scope, 'at'), page)
    return { ids, after: next }
  },
  numbers: (db: Database, ids: readonly string[]) => numbersOf(db, billTradeTable, 'tid', ids),
}

function step(
  event: Exclude<SettlementEvent, 'void' | 'revive'>,
  permission: 'finance.approve' | 'finance.post',
  name: LocalizedText,
): BatchAction {
  return defineBatchAction({
    action: `settlements.${event}`,
    name,
    permission,
    input: Type.Object({}, closed),
    ...settlementWalk,
    run: (tx, ids, _, actor, scope) => moveSettlements(tx, ids, { event }, actor, scope),
  })
}

export const financeBatchActions: readonly BatchAction[] = [
  step('approve', 'finance.approve', { zh: '批量审批结算单', en: 'Approve settlements' }),
  step('unapprove', 'finance.approve', { zh: '批量反审批结算单', en: 'Take approvals back' }),
  step('post', 'finance.post', { zh: '批量记账结算单', en: 'Post settlements' }),
  step('settle', 'finance.post', { zh: '批量结算', en: 'Settle settlements' }),
  defineBatchAction({
    action: 'settlements.void',
    name: { zh: '批量作废结算单', en: 'Void settlements' },
    permission: 'finance.approve',
    input: Type.Object(settlementVoidFields, closed),
    ...settlementWalk,
    run: (tx, ids, { reason }, actor, scope) =>
      moveSettlements(tx, ids, { event: 'void', reason }, actor, scope),
  }),
  defineBatchAction({
    action: 'bill_trades.explain',
    name: { zh: '批量说明差异', en: 'Explain differences' },
    permission: 'finance.reconcile',
    input: Type.Object(explainFields, closed),
    ...billWalk,
    run: (tx, ids, { reason }, actor, scope) => explainTrades(tx, ids, reason, { actor, scope }),
  }),
  defineBatchAction({
    action: 'bill_trades.reopen',
    name: { zh: '批量撤销说明', en: 'Take explanations back' },
    permission: 'finance.reconcile',
    input: Type.Object({}, closed),
    ...billWalk,
    run: (tx, ids, _, actor, scope) => reopenTrades(tx, ids, { actor, scope }),
  }),
]
