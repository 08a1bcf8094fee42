import type { Static } from 'typebox'
import type {
  ReturnView,
  returnableLines,
  returnDetail,
  scanAnswer,
} from '../../../server/returns/contract.ts'
import type { candidateList, ParcelView } from '../../../server/returns/parcels/parcel-contract.ts'
import type { Json } from '../ui/base/json.ts'

export type ReturnRow = Json<ReturnView>
export type ReturnDetail = Json<Static<typeof returnDetail>>
export type Returnable = Json<Static<typeof returnableLines>>
export type Scanned = Json<Static<typeof scanAnswer>>
export type ParcelRow = Json<ParcelView>
export type Candidates = Json<Static<typeof candidateList>>
