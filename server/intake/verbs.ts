import Type from 'typebox'
import type { By } from '../core/access/actor.ts'
import { type BatchAction, batchAction } from '../core/batches/batch.ts'
import type { Tx } from '../core/db/db.ts'
import { defineVerb, plain, rowsOfDeclared } from '../core/verbs.ts'
import { decisionFields } from '../fulfilment/intercepts/aftersale-contract.ts'
import type { KeyRing } from '../lib/seal.ts'
import { agreeFields, dutyFields, refuseFields } from './aftersales/desk-contract.ts'
import { agreeMany, decideInterceptsOfRefunds, refuseMany, sayDuty } from './aftersales/desk-verbs.ts'
import { afterSales } from './aftersales/lists.ts'
import { doubtFields } from './contract.ts'
import { acceptRefundDoubts, acceptTradeDoubts } from './doubts/take-doubts.ts'
import { convertRefunds } from './refunds/convert-refunds.ts'
import { stagedRefunds } from './refunds/lists.ts'
import { processRefunds, unprocessRefunds } from './refunds/refund-decisions.ts'
import { convertInstead } from './trades/duplicates.ts'
import { trades as tradesList } from './trades/lists.ts'
import { processTrades, removeTrades, unprocessTrades } from './trades/trades.ts'
import { afterSalesVerbs, refundVerbs, tradeVerbs } from './verbs-contract.ts'

export function intakeVerbs(ring: KeyRing) {
  const trades = tradeVerbRows(ring)
  const refunds = refundRows(ring)
  return [
    defineVerb(tradeVerbs.convertInstead, { rows: trades, run: plain(convertInstead) }),
    defineVerb(tradeVerbs.acceptDoubts, {
      rows: trades,
      input: doubtFields,
      run: (tx, ids, { versions }, by) => acceptTradeDoubts(tx, ids, versions, by),
    }),
    defineVerb(tradeVerbs.process, { rows: trades, run: plain(processTrades) }),
    defineVerb(tradeVerbs.unprocess, { rows: trades, run: plain(unprocessTrades) }),
    defineVerb(tradeVerbs.remove, { rows: trades, run: plain(removeTrades) }),
    defineVerb(refundVerbs.convert, { rows: refunds, run: plain(convertRefunds) }),
    defineVerb(refundVerbs.acceptDoubts, {
      rows: refunds,
      input: doubtFields,
      run: (tx, ids, { versions }, by) => acceptRefundDoubts(tx, ids, versions, by),
    }),
    defineVerb(refundVerbs.process, { rows: refunds, run: plain(processRefunds) }),
    defineVerb(refundVerbs.unprocess, { rows: refunds, run: plain(unprocessRefunds) }),
    ...afterSalesVerbsOf(ring),
  ]
}

function afterSalesVerbsOf(ring: KeyRing) {
  const rows = afterSalesRows(ring)
  const decide = (event: 'pull' | 'ask' | 'miss' | 'money') => ({
    rows,
    input: decisionFields,
    run: (tx: Tx, ids: readonly string[], { note }: { note?: string }, by: By) =>
      decideInterceptsOfRefunds(tx, ids, { event, note: note?.trim() }, by),
  })
  return [
    defineVerb(afterSalesVerbs.agree, {
      rows,
      input: agreeFields,
      run: (tx, ids, input, by) => agreeMany(tx, ring, { ids, ...input }, by),
    }),
    defineVerb(afterSalesVerbs.refuse, {
      rows,
      input: refuseFields,
      run: (tx, ids, input, by) => refuseMany(tx, ring, { ids, ...input }, by),
    }),
    defineVerb(afterSalesVerbs.pull, decide('pull')),
    defineVerb(afterSalesVerbs.ask, decide('ask')),
    defineVerb(afterSalesVerbs.miss, decide('miss')),
    defineVerb(afterSalesVerbs.money, decide('money')),
    defineVerb(afterSalesVerbs.assignFault, {
      rows,
      input: dutyFields,
      run: (tx, ids, { duty, note }, by) => sayDuty(tx, ids, { duty, note: note?.trim() }, by),
    }),
  ]
}

export function afterSalesBulkActions(ring: KeyRing): BatchAction[] {
  const { walk } = afterSalesRows(ring)
  const input = Type.Object({}, { additionalProperties: false })
  return [
    batchAction(walk, {
      action: 'aftersale.convert',
      permission: refundVerbs.convert.permission,
      name: { zh: '售后批量转退单', en: 'Convert refunds' },
      input,
      run: plain(convertRefunds),
    }),
    batchAction(walk, {
      action: 'aftersale.process',
      permission: refundVerbs.process.permission,
      name: { zh: '售后批量标记已处理', en: 'Mark refunds processed' },
      input,
      run: plain(processRefunds),
    }),
  ]
}

export const tradeVerbRows = (ring: KeyRing) => ({
  of: 'trade',
  tag: 'trades',
  walk: rowsOfDeclared(tradesList(ring), 'tid', 'paidAt'),
})

const refundRows = (ring: KeyRing) => ({
  of: 'refund',
  tag: 'refunds',
  walk: rowsOfDeclared(stagedRefunds(ring), 'refund_no', 'modifiedAt'),
})

const afterSalesRows = (ring: KeyRing) => ({
  of: 'refund',
  tag: 'aftersale',
  walk: rowsOfDeclared(afterSales(ring), 'refund_no', 'modifiedAt'),
})
