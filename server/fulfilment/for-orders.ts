import { type RawBuilder, sql } from 'kysely'
import { goodsLike } from '../catalog/goods.ts'

/** The orders of a waybill. It is injected into the slice of the orders, which may not import this one. */
const ordersOfWaybill = (waybill: string): RawBuilder<unknown> =>
  sql`select order_id from delivery where waybill_no = ${waybill.toUpperCase()} and waybill_no <> '' and status <> 'cancelled'`

/** Searches of orders that need other slices. */
export const orderSearch = { itemsLike: goodsLike, ordersOfWaybill }
