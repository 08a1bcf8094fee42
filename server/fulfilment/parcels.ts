import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { deliveryFactsOf } from '../orders/holds/shipping.ts'

/**
 * Separates pending deliveries whose orders have left their merged shipments. Such a delivery loses the waybill, which stays with the rest
 * of the shipment; a shipment of one delivery ends. The caller has locked these orders and the other orders of their shipments.
 */
export async function partDeliveries(tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return
  const facts = await deliveryFactsOf(tx, orderIds)
  const apart = [...facts.values()].filter(({ parcel }) => parcel === null).map(({ orderId }) => orderId)
  const left = await sql<Row<'parcel_order', 'parcel'>>`
    update delivery t set parcel = null, beside = false, courier = '', waybill_no = ''
    from (select id, parcel from delivery where order_id = any(${apart}::bigint[]) and status = 'pending' and parcel is not null) was
    where t.id = was.id returning was.parcel`.execute(tx)
  const parcels = [...new Set(left.rows.map(({ parcel }) => parcel))]
  if (parcels.length === 0) return
  await sql`
    update delivery t set parcel = case when rest.members > 1 then t.parcel end, beside = rest.members > 1 and t.order_id <> rest.first
    from (
      select parcel, count(*) as members, min(order_id) as first from delivery
      where parcel = any(${parcels}::bigint[]) and status = 'pending' group by parcel
    ) rest
    where t.parcel = rest.parcel and t.status = 'pending'`.execute(tx)
}
