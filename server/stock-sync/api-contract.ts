import { exactCount, idsInput, outcomes, tabCounts } from '../core/lists/list-contract.ts'
import {
  ruleInput,
  startedRun,
  uploadFilter,
  uploadList,
  uploadListQuery,
  uploadShop,
  uploadShopInput,
} from './contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const uploadApi = {
  'GET /stock-upload-shops/:id': { response: uploadShop },
  'POST /stock-upload-shops/:id/resync': { response: startedRun },
  'PUT /stock-upload-shops/:id': { body: uploadShopInput },
  'GET /stock-uploads': { query: uploadListQuery, response: uploadList },
  'GET /stock-uploads/count': { query: uploadFilter, response: exactCount },
  'GET /stock-uploads/counts': { query: uploadFilter, response: tabCounts },
  'POST /stock-uploads/pause': { body: idsInput, response: outcomes },
  'POST /stock-uploads/resume': { body: idsInput, response: outcomes },
  'POST /stock-uploads/resync': { body: idsInput, response: outcomes },
  'POST /stock-uploads/rule': { body: ruleInput, response: outcomes },
}
