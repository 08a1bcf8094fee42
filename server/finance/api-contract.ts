import { exactCount, tabCounts } from '../core/lists/list-contract.ts'
import { settlementFilter, settlementList, settlementListQuery, settlementTotals } from './contract.ts'
import {
  billDayCauses,
  billDayQuery,
  billDays,
  billDaysQuery,
  billImportInput,
  billReport,
  billTradeDetail,
  billTradeFilter,
  billTradeList,
  billTradeListQuery,
} from './recon-contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const financeApi = {
  'GET /bill-days': { query: billDaysQuery, response: billDays },
  'GET /bill-days/causes': { query: billDayQuery, response: billDayCauses },
  'GET /bill-trades': { query: billTradeListQuery, response: billTradeList },
  'GET /bill-trades/:id': { response: billTradeDetail },
  'GET /bill-trades/count': { query: billTradeFilter, response: exactCount },
  'GET /bill-trades/counts': { query: billTradeFilter, response: tabCounts },
  'POST /bills/import': { body: billImportInput, response: billReport },
  'GET /settlements': { query: settlementListQuery, response: settlementList },
  'GET /settlements/count': { query: settlementFilter, response: exactCount },
  'GET /settlements/counts': { query: settlementFilter, response: tabCounts },
  'GET /settlements/totals': { query: settlementFilter, response: settlementTotals },
}
