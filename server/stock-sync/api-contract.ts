import { exactCount, tabCounts } from '../core/lists/list-contract.ts'
import {
  startedRun,
  stockSyncFilter,
  stockSyncList,
  stockSyncListQuery,
  stockSyncShop,
  stockSyncShopInput,
} from './contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const stockSyncApi = {
  'GET /stock-upload-shops/:id': { response: stockSyncShop },
  'POST /stock-upload-shops/:id/resync': { response: startedRun },
  'PUT /stock-upload-shops/:id': { body: stockSyncShopInput },
  'GET /stock-uploads': { query: stockSyncListQuery, response: stockSyncList },
  'GET /stock-uploads/count': { query: stockSyncFilter, response: exactCount },
  'GET /stock-uploads/counts': { query: stockSyncFilter, response: tabCounts },
}
