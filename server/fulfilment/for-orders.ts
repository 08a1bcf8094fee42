import { type RawBuilder, sql } from 'kysely'
import { goodsLike } from '../catalog/goods.ts'
import { deliveriesOfPackages } from './numbers.ts'

/**
 * SQL for the ids of the orders whose live delivery has this waybill. It is injected into the slice orders, which may not import this one.
 */
const ordersOfWaybill = (waybill: string): RawBuilder<unknown> =>
  sql`select order_id from delivery where waybill_no = ${waybill.toUpperCase()} and waybill_no <> '' and status <> 'cancelled'
    union all select order_id from (${deliveriesOfPackages(sql`${[waybill.toUpperCase()]}::text[]`)}) of_package`

/** Courier and waybill of each order's delivery, once it has one. */
const waybills = sql`(select order_id, courier, waybill_no from delivery where status <> 'cancelled' and waybill_no <> '')`

/** What the order list needs of other slices. */
export const orderSearch = { itemsLike: goodsLike, ordersOfWaybill, waybills }
