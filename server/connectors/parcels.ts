// The facts about a shipment that are sent to a platform, and those that it shows.

/** `carrier` is a code of couriers.ts; empty `oids` mean the whole trade. `cod`: cash on delivery uses another method of the platform. */
export type ShipInput = ToldParcel & { carrier: string; cod?: boolean }
export type ToldParcel = ShippedLines & { waybillNo: string }
export type ShippedLines = { tid: string; oids: readonly string[] }

/**
 * `already_shipped`: the platform shows exactly these lines with exactly this waybill. `other_waybill`: it shows them as shipped with
 * another waybill; the error's message is the list of the waybills that it shows, separated by commas, empty if it shows none.
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

/** The object of which a platform shows only one waybill. */
export type WaybillLimit = 'none' | 'line' | 'trade'
