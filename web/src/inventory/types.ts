import type { Static } from 'typebox'
import type { BinRow as Bin } from '../../../server/inventory/bins/contract.ts'
import type {
  DocumentDetail as Detail,
  documentRow,
  movementRow,
  reservationRow,
  stockRow,
  warehouse,
} from '../../../server/inventory/contract.ts'
import type { CountTask, CountResults as Results } from '../../../server/inventory/counting/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type Warehouse = Json<Static<typeof warehouse>>
export type BinRow = Json<Bin>
export type CountRow = Json<CountTask>
export type CountResults = Json<Results>
export type StockRow = Json<Static<typeof stockRow>>
export type Movement = Json<Static<typeof movementRow>>
export type Reservation = Json<Static<typeof reservationRow>>
export type DocumentRow = Json<Static<typeof documentRow>>
export type DocumentDetail = Json<Detail>
