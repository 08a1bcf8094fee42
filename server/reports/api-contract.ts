import {
  alarmSum,
  alarmsAnswer,
  coverageAnswer,
  coverageQuery,
  foundList,
  overview,
  searchQuery,
} from './contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const reportsApi = {
  'GET /alarms': { response: alarmsAnswer },
  'GET /coverage': { query: coverageQuery, response: coverageAnswer },
  'GET /overview': { response: overview },
  'GET /overview/alarms': { response: alarmSum },
  'GET /search': { query: searchQuery, response: foundList },
}
