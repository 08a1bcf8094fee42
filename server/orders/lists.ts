import type { RawBuilder } from 'kysely'
import { defineList, defineOwnList } from '../core/lists/define.ts'
import { pageById } from '../core/lists/list.ts'
import { AppError } from '../errors.ts'
import { blacklistRows } from './buyers/blacklist-queries.ts'
import { blacklistRow } from './buyers/contract.ts'
import { blacklist } from './buyers/lists-contract.ts'
import { orderRow } from './list/contract.ts'
import { orderList } from './list/lists-contract.ts'
import { orderBound, type SearchParts } from './list/order-list.ts'
import { mergeList } from './merge/lists-contract.ts'
import { mergeSuggestion } from './merge/merge-contract.ts'
import { firstHash, mergeSuggestions } from './merge/merge-suggest.ts'
import { orderRows, ordersOut } from './view/view-queries.ts'

/** `waybills`: a relation of orders with their deliveries' couriers and waybills, from the slice of the deliveries. */
export type ListParts = SearchParts & { waybills: RawBuilder<unknown> }

export const orders = (parts: ListParts) =>
  defineList(orderList, {
    tag: 'orders',
    row: orderRow,
    rows: orderRows,
    sheetRows: (db, ids) => ordersOut(db, ids, parts.waybills),
    ...orderBound(parts),
  })

const blacklisted = defineOwnList(blacklist, {
  tag: 'orders',
  row: blacklistRow,
  page: ({ db, scope }, _filter, page) => pageById(page, (place) => blacklistRows(db, place, scope)),
})

/** The cursor is the hash of a receiver. */
const merges = defineOwnList(mergeList, {
  tag: 'orders',
  row: mergeSuggestion,
  async page({ db, scope }, { tab = 'all' }, { after, limit }) {
    const { rows, next } = await mergeSuggestions(db, { from: hashOf(after), limit, tab }, scope)
    const ids = rows.flatMap(({ members }) => members.map(({ id }) => id))
    const cards = new Map((await orderRows(db, ids)).map((row) => [row.id, row]))
    return {
      rows: rows.map(({ members }) => ({
        id: members[0]?.id ?? '',
        orders: members.flatMap(({ id, why }) => {
          const order = cards.get(id)
          return order ? [{ order, why }] : []
        }),
      })),
      next: next === null ? null : String(next),
    }
  },
})

function hashOf(after: string | undefined): number {
  const hash = Number(after ?? firstHash)
  if (after !== undefined && (!/^-?\d{1,10}$/.test(after) || hash < firstHash || hash > 2 ** 31))
    throw new AppError('invalid_cursor', {}, 'after')
  return hash
}

export const orderLists = (parts: ListParts) => [orders(parts), blacklisted, merges]
