import { sql } from 'kysely'
import { defineList, defineOwnList } from '../core/lists/define.ts'
import { type Asking, split } from '../core/lists/define-query.ts'
import { capped, countCap } from '../core/lists/list-table.ts'
import { bins } from './bins/lists.ts'
import { documentRow, stockRow } from './contract.ts'
import { countTasks } from './counting/lists.ts'
import { documentRows } from './documents/document-queries.ts'
import { documentList, stockList } from './lists-contract.ts'
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
    const found = await stockPage(db, tab, stockFilterOf(filter, scope), {
      after: place,
      limit: limit + 1,
    })
    const rows = await withNames(db, found.slice(0, limit))
    return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null }
  },
  async counts({ db, scope }, filter) {
    const { all, short, locked } = await stockCounts(db, stockFilterOf(filter, scope), countCap)
    return { all: capped(all), short: capped(short), locked: capped(locked) }
  },
})

/** A transfer belongs to both of its warehouses. */
const documents = defineList(documentList, {
  tag: 'stock documents',
  table: {
    name: 'stock_document',
    group: { column: 'status' },
    sorts: { id: { value: sql`t.id`, cast: 'int8' } },
  },
  scope: { warehouse: ['warehouse_id', 'to_warehouse_id'] },
  row: documentRow,
  rows: documentRows,
  where: {
    q: (text) => sql`t.no ilike ${text.replace(/[\\%_]/g, '\\$&')} || '%'`,
    warehouse: (asked) =>
      sql`(t.warehouse_id = any(${split(asked)}::bigint[]) or t.to_warehouse_id = any(${split(asked)}::bigint[]))`,
  },
})

export const inventoryLists = [stock, documents, bins, countTasks]
