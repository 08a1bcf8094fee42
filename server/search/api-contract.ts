import { foundList, searchQuery } from './contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const searchApi = {
  'GET /search': { query: searchQuery, response: foundList },
}
