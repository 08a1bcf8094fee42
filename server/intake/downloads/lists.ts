import { defineOwnList } from '../../core/lists/define.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { queueRow } from '../contract.ts'
import { queueList } from './lists-contract.ts'
import { queuePage } from './queue-list.ts'

/** 待下载订单. Its counts also say since when the oldest row has waited, so they have a route of their own. */
export const downloadQueue = (ring: KeyRing) =>
  defineOwnList(queueList, {
    tag: 'download-queue',
    row: queueRow,
    page: ({ db, scope }, filter, page) => queuePage(db, ring, filter, { scope, page }),
  })
