import { defineOwnList } from '../core/lists/define.ts'
import type { Asking } from '../core/lists/define-query.ts'
import { capped, countCap } from '../core/lists/list-table.ts'
import { stockRow } from './contract.ts'
import { stockList } from './lists-contract.ts'
import { pairOf, stockFilterOf, withNames } from './view.ts'
import { stockCounts, stockPage } from './view-queries.ts'

/**
 * The list of all balances, one row for each SKU in each warehouse. A row has no id of its own, so the cursor of a page contains both ids.
 */
const stock = defineOwnList(stockList, {
  tag: 'stock',
  row: stockRow,
  async page({ db, scope }: Asking, { tab = 'all', ...filter }, { after, limit }) {
    const place = after === undefined ? undefined : pairOf(after)
    const found = await stockPage(db, tab, await stockFilterOf(db, filter, scope), {
      after: place,
      limit: limit + 1,
    })
    const rows = await withNames(db, found.slice(0, limit))
    return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null }
  },
  async counts({ db, scope }, filter) {
    const { all, short, locked } = await stockCounts(db, await stockFilterOf(db, filter, scope), countCap)
    return { all: capped(all), short: capped(short), locked: capped(locked) }
  },
})

export const inventoryLists = [stock]
