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

/** The request and response types of this slice's API, used by the pages. */
export const batchesApi = {
  'GET /batches': { query: batchesQuery, response: batchesAnswer },
  'GET /batches/:id': { response: batch },
  'GET /batches/:id/items': { query: itemsQuery, response: itemsAnswer },
  'GET /batches/:id/reasons': { response: refusalGroupsAnswer },
  'POST /batches': { body: newBatchBody, response: newBatchAnswer },
  'POST /batches/:id/retry': { response: newBatchAnswer },
  'POST /batches/:id/stop': {},
}
