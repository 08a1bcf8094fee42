import { defineOwnList } from '../../core/lists/define.ts'
import { pageById } from '../../core/lists/list.ts'
import { parkedList } from './lists-contract.ts'
import { parkedRow } from './parked-contract.ts'
import { parkedCount, parkedRows } from './parked-queries.ts'

export const parkedItems = defineOwnList(parkedList, {
  tag: 'intake',
  row: parkedRow,
  page: ({ db, scope }, filter, page) => pageById(page, (place) => parkedRows(db, filter, scope, place)),
  counts: async ({ db, scope }, filter) => ({
    open: await parkedCount(db, { ...filter, tab: 'open' }, scope),
    settled: await parkedCount(db, { ...filter, tab: 'settled' }, scope),
  }),
})
