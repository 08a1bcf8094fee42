import type { RawBuilder } from 'kysely'
import { defineList } from '../core/lists/define.ts'
import { orderRow } from './list/contract.ts'
import { orderList } from './list/lists-contract.ts'
import { orderBound, type SearchParts } from './list/order-list.ts'
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

export const orderLists = (parts: ListParts) => [orders(parts)]
