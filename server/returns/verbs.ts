import type { By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { defineRowVerb, defineVerb, plain, rowsOfDeclared, type VerbRows } from '../core/verbs.ts'
import type { KeyRing } from '../lib/seal.ts'
import {
  editReturnFields,
  problemFields,
  receiptInput,
  returnVoidFields,
  writeBackAgainFields,
} from './contract.ts'
import { editReturns } from './edit.ts'
import { makeExchanges } from './exchange.ts'
import { returns } from './lists.ts'
import { stockParcels } from './parcels/parcels.ts'
import { withSkus } from './receiving/counted.ts'
import { resolveDiscrepancies } from './receiving/problems.ts'
import { receiveReturns } from './receiving/receive.ts'
import { moveReturns } from './transition.ts'
import { returnVerbs as declared, receivingVerbs } from './verbs-contract.ts'
import { writeBackReceiptsAgain } from './write-back/tell-again.ts'

const rows: VerbRows = {
  of: 'return',
  tag: 'returns',
  walk: rowsOfDeclared(returns, 'no'),
}

const step = (event: 'confirm' | 'unconfirm' | 'settle') => ({
  rows,
  run: (tx: Tx, ids: readonly string[], _: object, by: By) => moveReturns(tx, ids, { event }, by),
})

export const returnVerbs = (ring: KeyRing) => [
  defineVerb(declared.confirm, step('confirm')),
  defineVerb(declared.unconfirm, step('unconfirm')),
  defineVerb(declared.edit, {
    rows,
    input: editReturnFields,
    run: (tx, ids, { waybillNo, reason, ...edit }, by) =>
      editReturns(tx, ids, { ...edit, waybillNo: waybillNo?.toUpperCase(), reason: reason?.trim() }, by),
  }),
  defineVerb(declared.receive, {
    rows,
    run(tx, ids, _, by) {
      const receipts = ids.map((id) => ({ id }))
      return receiveReturns(tx, receipts, by)
    },
  }),
  defineVerb(declared.settle, step('settle')),
  defineVerb(declared.exchange, {
    rows,
    run: (tx, ids, _, by) => makeExchanges(tx, ring, ids, by),
  }),
  defineVerb(declared.writeBackAgain, {
    rows,
    input: writeBackAgainFields,
    run: (tx, ids, { reason }, by) => writeBackReceiptsAgain(tx, ids, reason, by),
  }),
  defineVerb(declared.void, {
    rows,
    input: returnVoidFields,
    run: (tx, ids, { reason }, by) =>
      moveReturns(tx, ids, { event: 'void', detail: { reason: reason.trim() } }, by),
  }),
  defineRowVerb(receivingVerbs.receipts, {
    rows,
    body: receiptInput,
    run: async (tx, body, by) => receiveReturns(tx, await withSkus(tx, body), by),
  }),
  defineVerb(receivingVerbs.resolveDiscrepancy, {
    rows: { of: 'discrepancy', tag: 'returns' },
    input: problemFields,
    run: (tx, ids, { note }, by) => resolveDiscrepancies(tx, ids, note.trim(), by),
  }),
  defineVerb(receivingVerbs.stockParcel, {
    rows: { of: 'parcel', tag: 'returns' },
    run: plain(stockParcels),
  }),
]
