import { batchRows } from '../core/batches/batch.ts'
import { defineOwnList } from '../core/lists/define.ts'
import { pageById } from '../core/lists/list.ts'
import { filterOf } from '../core/lists/list-contract.ts'
import { messageRow } from './contract.ts'
import { messageList } from './lists-contract.ts'
import {
  countMatching,
  countMessages,
  extentOfMessages,
  matchingMessages,
  messageRows,
  numbersOfMessages,
} from './message-queries.ts'

export const tag = 'webhooks'

export const webhookMessages = defineOwnList(messageList, {
  tag,
  row: messageRow,
  page: ({ db, scope }, filter, asked) => pageById(asked, (page) => messageRows(db, filter, scope, page)),
  counts: ({ db, scope }, filter) => countMessages(db, filter, scope),
  count: ({ db, scope }, filter, most) => countMatching(db, filter, scope, most),
})

/** The rows of the list for bulk actions. */
export const messageWalk = batchRows({
  filter: filterOf(messageList),
  count: extentOfMessages,
  async resolve(tx, filter, scope, walk) {
    const ids = await matchingMessages(tx, filter, scope, walk)
    return { ids, after: ids.length < walk.cap ? null : (ids.at(-1) ?? null) }
  },
  numbers: numbersOfMessages,
})
