import {
  batch,
  batchesAnswer,
  batchesQuery,
  itemsAnswer,
  itemsQuery,
  newBatchAnswer,
  newBatchBody,
  refusalGroupsAnswer,
} from './contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const batchesApi = {
  'GET /batches': { query: batchesQuery, response: batchesAnswer },
  'GET /batches/:id': { response: batch },
  'GET /batches/:id/items': { query: itemsQuery, response: itemsAnswer },
  'GET /batches/:id/reasons': { response: refusalGroupsAnswer },
  'POST /batches': { body: newBatchBody, response: newBatchAnswer },
  'POST /batches/:id/retry': { response: newBatchAnswer },
  'POST /batches/:id/stop': {},
}
