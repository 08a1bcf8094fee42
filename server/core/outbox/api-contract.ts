import {
  actionFilter,
  actionsAnswer,
  actionsQuery,
  countsAnswer,
  countsQuery,
  endByHandBody,
  exactCount,
  outcomesAnswer,
} from './contract.ts'

/** The request and response types of this slice's API, used by the pages. */
export const outboxApi = {
  'GET /platform-actions': { query: actionsQuery, response: actionsAnswer },
  'GET /platform-actions/count': { query: actionFilter, response: exactCount },
  'GET /platform-actions/counts': { query: countsQuery, response: countsAnswer },
  'POST /platform-actions/force': { body: endByHandBody, response: outcomesAnswer },
  'POST /platform-actions/manual': { body: endByHandBody, response: outcomesAnswer },
  'POST /platform-actions/retry': { body: endByHandBody, response: outcomesAnswer },
}
