/**
 * `carrier`: a code of couriers.ts. Empty `oids`: the whole trade. `cod`: cash on delivery uses another method of the platform. `serials`: of
 * lines that have some; a platform whose method has no field for them does not get them.
 */
export type ShipInput = ToldParcel & {
  carrier: string
  cod?: boolean
  serials?: readonly LineSerials[]
  /** The pieces in the parcel, also of whole trades. Platforms that count the pieces of a parcel need them. */
  goods?: readonly ParcelGoods[]
}
/** Pieces of a line of the trade. */
export type ParcelGoods = { oid: string; quantity: number }
/** The serial numbers (串号, IMEI) of the pieces of a line. */
export type LineSerials = { oid: string; numbers: readonly string[] }
export type ToldParcel = ShippedLines & { waybillNo: string }
export type ShippedLines = { tid: string; oids: readonly string[] }

/**
 * `already_shipped`: the platform shows all of these lines with this waybill. `other_waybill`: it shows them as shipped with
 * another waybill. The error's message then has the waybills of the platform, separated by commas; empty if it shows none.
 */
export const shipFailures = [
  'already_shipped',
  'other_waybill',
  'courier_code',
  'waybill_invalid',
  'refund_open',
  'session',
  'parameter',
  'other',
] as const
export type ShipFailure = (typeof shipFailures)[number]

/** A platform may show only one waybill for each line or for each trade. */
export type WaybillLimit = 'none' | 'line' | 'trade'
