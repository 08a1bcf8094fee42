import { exactCount, idsInput, outcomes, tabCounts } from '../core/lists/list-contract.ts'
import {
  createdReturns,
  createReturnInput,
  editReturnInput,
  receiptInput,
  returnableLines,
  returnDetail,
  returnFilter,
  returnList,
  returnListQuery,
  scanAnswer,
  scanQuery,
} from './contract.ts'
import {
  candidateList,
  claimInput,
  parcelFilter,
  parcelInput,
  parcelList,
  parcelListQuery,
} from './parcels/parcel-contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const returnsApi = {
  'GET /orders/:id/returnable': { response: returnableLines },
  'GET /returns': { query: returnListQuery, response: returnList },
  'GET /returns/:id': { response: returnDetail },
  'GET /returns/count': { query: returnFilter, response: exactCount },
  'GET /returns/counts': { query: returnFilter, response: tabCounts },
  'GET /returns/scan': { query: scanQuery, response: scanAnswer },
  'POST /returns': { body: createReturnInput, response: createdReturns },
  'POST /returns/edit': { body: editReturnInput, response: outcomes },
  'POST /returns/receipts': { body: receiptInput, response: outcomes },
  'POST /returns/refused': { body: idsInput, response: createdReturns },
  'GET /unclaimed-parcels': { query: parcelListQuery, response: parcelList },
  'GET /unclaimed-parcels/:id/candidates': { response: candidateList },
  'GET /unclaimed-parcels/count': { query: parcelFilter, response: exactCount },
  'GET /unclaimed-parcels/counts': { query: parcelFilter, response: tabCounts },
  'POST /unclaimed-parcels': { body: parcelInput, response: outcomes },
  'POST /unclaimed-parcels/claim': { body: claimInput, response: outcomes },
}
