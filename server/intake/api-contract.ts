import Type, { type Static } from 'typebox'
import { exactCount, idsInput, personalView, revealBody, tabCounts } from '../core/lists/list-contract.ts'
import {
  afterSalesFilter,
  afterSalesList,
  afterSalesListQuery,
  statistics,
  statisticsQuery,
} from './aftersales/desk-contract.ts'
import {
  agreeInput,
  downloadInput,
  queueCounts,
  queueFilter,
  queueList,
  queueListQuery,
  queueOutcomes,
  refundDetail,
  refundDownloadInput,
  refundFilter,
  refundList,
  refundListQuery,
  refuseInput,
  refuseReasons,
  tradeDetail,
  tradeFilter,
  tradeList,
  tradeListQuery,
} from './contract.ts'
import { coverageAnswer, coverageQuery } from './coverage/contract.ts'
import {
  parkedCounts,
  parkedFilter,
  parkedIds,
  parkedList,
  parkedOutcomes,
  parkedQuery,
  parkedText,
} from './parked/parked-contract.ts'

export const runStarted = Type.Object({ runId: Type.String() })
/** What leaves for the platform is told of by its platform action. */
export const accepted = Type.Object({ accepted: Type.Literal(true) })

const cappedCount = Type.Object({ count: Type.Integer(), capped: Type.Boolean() })
export const goLivePreview = Type.Object({
  rows: Type.Array(Type.Object({ shopId: Type.String(), recent: cappedCount, convertible: cappedCount })),
})
export type GoLivePreview = Static<typeof goLivePreview>
export const goLiveQuery = Type.Object(
  {
    shop: Type.String({ pattern: '^[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,49}$' }),
    /** The go-live time that is being thought of. */
    at: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
)

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const intakeApi = {
  'GET /aftersale': { query: afterSalesListQuery, response: afterSalesList },
  'GET /aftersale/count': { query: afterSalesFilter, response: exactCount },
  'GET /aftersale/counts': { query: afterSalesFilter, response: tabCounts },
  'GET /aftersale/statistics': { query: statisticsQuery, response: statistics },
  'GET /coverage': { query: coverageQuery, response: coverageAnswer },
  'GET /download-queue': { query: queueListQuery, response: queueList },
  'GET /download-queue/counts': { query: queueFilter, response: queueCounts },
  'POST /download-queue/download': { body: idsInput, response: queueOutcomes },
  'POST /download-queue/remove': { body: idsInput, response: queueOutcomes },
  'GET /go-live-preview': { query: goLiveQuery, response: goLivePreview },
  'GET /parked-items': { query: parkedQuery, response: parkedList },
  'GET /parked-items/counts': { query: parkedFilter, response: parkedCounts },
  'POST /parked-items/:id/reveal': { body: revealBody, response: parkedText },
  'POST /parked-items/retry': { body: parkedIds, response: parkedOutcomes },
  'GET /staged-refunds': { query: refundListQuery, response: refundList },
  'GET /staged-refunds/:id': { response: refundDetail },
  'GET /staged-refunds/:id/refuse-reasons': { response: refuseReasons },
  'GET /staged-refunds/count': { query: refundFilter, response: exactCount },
  'GET /staged-refunds/counts': { query: refundFilter, response: tabCounts },
  'POST /staged-refunds/:id/agree': { body: agreeInput, response: accepted },
  'POST /staged-refunds/:id/refuse': { body: refuseInput, response: accepted },
  'POST /staged-refunds/download': { body: refundDownloadInput, response: runStarted },
  'GET /staged-trades': { query: tradeListQuery, response: tradeList },
  'GET /staged-trades/:id': { response: tradeDetail },
  'GET /staged-trades/count': { query: tradeFilter, response: exactCount },
  'GET /staged-trades/counts': { query: tradeFilter, response: tabCounts },
  'POST /staged-trades/:id/reveal': { body: revealBody, response: personalView },
  'POST /staged-trades/download': { body: downloadInput, response: runStarted },
}
