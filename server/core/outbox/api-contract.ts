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

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const outboxApi = {
  'GET /platform-actions': { query: actionsQuery, response: actionsAnswer },
  'GET /platform-actions/count': { query: actionFilter, response: exactCount },
  'GET /platform-actions/counts': { query: countsQuery, response: countsAnswer },
  'POST /platform-actions/force': { body: endByHandBody, response: outcomesAnswer },
  'POST /platform-actions/manual': { body: endByHandBody, response: outcomesAnswer },
  'POST /platform-actions/retry': { body: endByHandBody, response: outcomesAnswer },
}
