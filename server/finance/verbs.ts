import type { By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { defineVerb, rowsOfDeclared, type VerbRows } from '../core/verbs.ts'
import { settlementVoidFields } from './contract.ts'
import { billTrades, settlements } from './lists.ts'
import { explainTrades, reopenTrades } from './recon.ts'
import { explainFields } from './recon-contract.ts'
import { moveSettlements } from './settlement-verbs.ts'
import { billVerbs, settlementVerbs } from './verbs-contract.ts'

export const settlementVerbRows = {
  of: 'settlement',
  tag: 'finance',
  walk: rowsOfDeclared(settlements, 'no'),
} satisfies VerbRows

const billTradeVerbRows: VerbRows = {
  of: 'billTrade',
  tag: 'finance',
  walk: rowsOfDeclared(billTrades, 'tid', 'at'),
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
    rows: billTradeVerbRows,
    input: explainFields,
    run: (tx, ids, { reason }, by) => explainTrades(tx, ids, reason, by),
  }),
  defineVerb(billVerbs.reopen, {
    rows: billTradeVerbRows,
    run: (tx, ids, _, by) => reopenTrades(tx, ids, by),
  }),
]
