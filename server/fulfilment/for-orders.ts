import { type RawBuilder, sql } from 'kysely'
import { goodsLike } from '../catalog/goods.ts'

/**
 * SQL for the ids of the orders whose live delivery has this waybill. It is injected into the slice orders, which may not import this one.
 */
const ordersOfWaybill = (waybill: string): RawBuilder<unknown> =>
  sql`select order_id from delivery where waybill_no = ${waybill.toUpperCase()} and waybill_no <> '' and status <> 'cancelled'`

export const orderSearch = { itemsLike: goodsLike, ordersOfWaybill }
