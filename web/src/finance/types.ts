import type { Static } from 'typebox'
import type { SettlementView, settlementTotals } from '../../../server/finance/contract.ts'
import type { Json } from '../ui/json.ts'

export type SettlementRow = Json<SettlementView>
export type SettlementTotals = Json<Static<typeof settlementTotals>>
