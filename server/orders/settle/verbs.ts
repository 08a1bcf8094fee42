import { defineVerb, plain, rowsOfDeclared, type VerbRows } from '../../core/verbs.ts'
import { extraRefunds } from '../../finance/lists.ts'
import { settlementVerbRows } from '../../finance/verbs.ts'
import { approveExtraRefunds, voidExtraRefunds } from './extra-refunds.ts'
import { reviveSettlements } from './settlements.ts'
import { settleVerbs as declared } from './verbs-contract.ts'

const rows: VerbRows = {
  of: 'extraRefund',
  tag: 'extra refunds',
  walk: rowsOfDeclared(extraRefunds, 'no', 'id'),
}

export const settleVerbs = [
  defineVerb(declared.revive, { rows: settlementVerbRows, run: plain(reviveSettlements) }),
  defineVerb(declared.approveExtraRefunds, { rows, run: plain(approveExtraRefunds) }),
  defineVerb(declared.voidExtraRefunds, { rows, run: plain(voidExtraRefunds) }),
]
