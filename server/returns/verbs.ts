import type { Tx } from '../core/db/db.ts'
import { type By, defineVerb, plain, rowsOfList, type VerbRows } from '../core/verbs.ts'
import type { KeyRing } from '../lib/seal.ts'
import { problemFields, returnFilter, returnVoidFields, writeBackAgainFields } from './contract.ts'
import { makeExchanges } from './exchange.ts'
import { stockParcels } from './parcels/parcels.ts'
import { resolveDiscrepancies } from './receiving/problems.ts'
import { receiveReturns } from './receiving/receive.ts'
import { writeBackReceiptsAgain } from './receiving/tell-again.ts'
import { returnQuery, returnTable } from './return-list.ts'
import { moveReturns } from './transition.ts'
import { returnVerbs as declared, receivingVerbs } from './verbs-contract.ts'

const rows: VerbRows = {
  of: 'return',
  tag: 'returns',
  walk: rowsOfList({
    filter: returnFilter,
    table: returnTable,
    query: (filter, scope) => returnQuery(filter, scope, 'createdAt'),
    numbers: 'no',
  }),
}

const step = (event: 'confirm' | 'unconfirm' | 'settle') => ({
  rows,
  run: (tx: Tx, ids: readonly string[], _: object, { actor, scope }: By) =>
    moveReturns(tx, ids, { event }, actor, scope),
})

export const returnVerbs = (ring: KeyRing) => [
  defineVerb(declared.confirm, step('confirm')),
  defineVerb(declared.unconfirm, step('unconfirm')),
  defineVerb(declared.receive, {
    rows,
    run(tx, ids, _, { actor, scope }) {
      const receipts = ids.map((id) => ({ id }))
      return receiveReturns(tx, receipts, actor, scope)
    },
  }),
  defineVerb(declared.settle, step('settle')),
  defineVerb(declared.exchange, {
    rows,
    run: (tx, ids, _, { actor, scope }) => makeExchanges(tx, ring, ids, actor, scope),
  }),
  defineVerb(declared.writeBackAgain, {
    rows,
    input: writeBackAgainFields,
    run: (tx, ids, { reason }, { actor, scope }) => writeBackReceiptsAgain(tx, ids, reason, actor, scope),
  }),
  defineVerb(declared.void, {
    rows,
    input: returnVoidFields,
    run: (tx, ids, { reason }, { actor, scope }) =>
      moveReturns(tx, ids, { event: 'void', detail: { reason: reason.trim() } }, actor, scope),
  }),
  defineVerb(receivingVerbs.resolveDiscrepancy, {
    rows: { of: 'discrepancy', tag: 'returns' },
    input: problemFields,
    run: (tx, ids, { note }, { actor, scope }) => resolveDiscrepancies(tx, ids, note.trim(), actor, scope),
  }),
  defineVerb(receivingVerbs.stockParcel, {
    rows: { of: 'parcel', tag: 'returns' },
    run: plain(stockParcels),
  }),
]
