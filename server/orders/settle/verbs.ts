import { batchRows } from '../../core/batches/batch.ts'
import { numbersOf } from '../../core/lists/list.ts'
import { defineVerb, plain, type VerbRows } from '../../core/verbs.ts'
import { countExtraRefunds, extraRefundIds } from '../../finance/extra-refunds.ts'
import { settlementVerbRows } from '../../finance/verbs.ts'
import { extraRefundFilter } from './contract.ts'
import { approveExtraRefunds, voidExtraRefunds } from './extra-refunds.ts'
import { extraRefundFilterOf } from './input.ts'
import { reviveSettlements } from './settlements.ts'
import { settleVerbs as declared } from './verbs-contract.ts'

const extraRefunds: VerbRows = {
  of: 'extraRefund',
  tag: 'extra refunds',
  walk: batchRows({
    filter: extraRefundFilter,
    count: (tx, filter, scope) => countExtraRefunds(tx, extraRefundFilterOf(filter), scope),
    async resolve(tx, filter, scope, from) {
      const ids = await extraRefundIds(tx, extraRefundFilterOf(filter), scope, from)
      return { ids, after: ids.length < from.cap ? null : (ids.at(-1) ?? null) }
    },
    numbers: (db, ids) => numbersOf(db, { name: 'extra_refund' }, 'no', ids),
  }),
}

export const settleVerbs = [
  defineVerb(declared.revive, { rows: settlementVerbRows, run: plain(reviveSettlements) }),
  defineVerb(declared.approveExtraRefunds, { rows: extraRefunds, run: plain(approveExtraRefunds) }),
  defineVerb(declared.voidExtraRefunds, { rows: extraRefunds, run: plain(voidExtraRefunds) }),
]
