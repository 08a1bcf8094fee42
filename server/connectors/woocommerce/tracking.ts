import { type Fields, isFields, listAt, longest, textAt } from '../fields.ts'
import { trackingKey } from './unverified.ts'

/** The parcels that an order shows, in the field of the plugins for them. */
export function parcelsIn(order: Fields): Fields[] {
  const meta = listAt(order, 'meta_data', '')
    .filter(isFields)
    .find((one) => one.key === trackingKey)
  return meta ? listAt(meta, 'value', '').filter(isFields) : []
}

const numberOf = (parcel: Fields): string => textAt(parcel, 'tracking_number', longest.word).trim()

/** The waybill of an order: that of its last parcel. */
export const waybillIn = (order: Fields): string =>
  parcelsIn(order).map(numberOf).filter(Boolean).at(-1) ?? ''

/** The field with one more parcel, which is the last one. A parcel with its number is in there once. */
export function withParcel(
  order: Fields,
  { courier, waybillNo, at }: { courier: string; waybillNo: string; at: Date },
): object[] {
  const others = parcelsIn(order).filter((parcel) => numberOf(parcel) !== waybillNo)
  const own = {
    tracking_provider: '',
    custom_tracking_provider: courier,
    custom_tracking_link: '',
    tracking_number: waybillNo,
    date_shipped: String(Math.floor(at.getTime() / 1000)),
    tracking_id: `sanyi-${waybillNo}`,
  }
  return [...others, own]
}
