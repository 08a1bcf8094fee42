import type { Static } from 'typebox'
import type { SettlementView } from '../../../server/finance/contract.ts'
import type {
  BillDayView,
  BillTradeView,
  billDayCauses,
  BillTradeDetail as Detail,
} from '../../../server/finance/recon-contract.ts'
import type { Json } from '../ui/base/json.ts'

export type SettlementRow = Json<SettlementView>
export type BillTradeRow = Json<BillTradeView>
export type BillTradeDetail = Json<Detail>
export type BillDayRow = Json<BillDayView>
export type BillDayCauses = Json<Static<typeof billDayCauses>>
