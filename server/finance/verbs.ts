import type { By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { defineVerb, rowsOfDeclared, rowsOfList, type VerbRows } from '../core/verbs.ts'
import { settlementVoidFields } from './contract.ts'
import { settlements } from './lists.ts'
import { explainTrades, reopenTrades } from './recon.ts'
import { billTradeFilter, explainFields } from './recon-contract.ts'
import { billTradeQuery, billTradeTable } from './recon-list.ts'
import { moveSettlements } from './settlement-verbs.ts'
import { billVerbs, settlementVerbs } from './verbs-contract.ts'

export const settlementVerbRows = {
  of: 'settlement',
  tag: 'finance',
  walk: rowsOfDeclared(settlements, 'no'),
} satisfies VerbRows

const billTrades: VerbRows = {
  of: 'billTrade',
  tag: 'finance',
  walk: rowsOfList({
    filter: billTradeFilter,
    table: billTradeTable,
    query: (filter, scope) => billTradeQuery(filter, scope, 'at'),
    numbers: 'tid',
  }),
}

const step = (event: 'approve' | 'unapprove' | 'post' | 'settle') => ({
  rows: settlementVerbRows,
  run: (tx: Tx, ids: readonly string[], _: object, by: By) => moveSettlements(tx, ids, { event }, by),
})

export const financeVerbs = [
  defineVerb(settlementVerbs.approve, step('approve')),
  defineVerb(settlementVerbs.unapprove, step('unapprove')),
  defineVerb(settlementVerbs.post, step('post')),
  defineVerb(settlementVerbs.settle, step('settle')),
  defineVerb(settlementVerbs.void, {
    rows: settlementVerbRows,
    input: settlementVoidFields,
    run: (tx, ids, { reason }, by) => moveSettlements(tx, ids, { event: 'void', reason: reason.trim() }, by),
  }),
  defineVerb(billVerbs.explain, {
    rows: billTrades,
    input: explainFields,
    run: (tx, ids, { reason }, by) => explainTrades(tx, ids, reason, by),
  }),
  defineVerb(billVerbs.reopen, {
    rows: billTrades,
    run: (tx, ids, _, by) => reopenTrades(tx, ids, by),
  }),
]
