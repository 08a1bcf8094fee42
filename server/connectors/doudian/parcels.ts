import { type Fields, fieldsIn, idAt, instantAt, listAt, longest, textAt, wholeAt } from '../fields.ts'

/** A parcel that the platform shows, with its pieces by the number of their line. */
export type Parcel = {
  deliveryId: string
  waybillNo: string
  at: Date | null
  pieces: ReadonlyMap<string, number>
}

/** Reads `logistics_info` of an order. */
export function parcelsOf(order: Fields): Parcel[] {
  return fieldsIn(listAt(order, 'logistics_info', ''), 'lines', []).map((parcel) => {
    const pieces = new Map<string, number>()
    for (const goods of fieldsIn(listAt(parcel, 'product_info', ''), 'lines', [])) {
      const oid = idAt(goods, 'sku_order_id')
      pieces.set(oid, (pieces.get(oid) ?? 0) + (wholeAt(goods, 'product_count', 0, 1_000_000) ?? 0))
    }
    return {
      deliveryId: idAt(parcel, 'delivery_id'),
      waybillNo: textAt(parcel, 'tracking_no', longest.word),
      at: instantAt(parcel, 'ship_time'),
      pieces,
    }
  })
}
