// What a platform is told of goods that have left, and what it shows of them.

/** `carrier` is a code of couriers.ts; no `oids` means the whole trade. `cod`: cash on delivery goes another way. */
export type ShipInput = ToldParcel & { carrier: string; cod?: boolean }
export type ToldParcel = ShippedLines & { waybillNo: string }
export type ShippedLines = { tid: string; oids: readonly string[] }

/**
 * `already_shipped`: the platform shows just these lines with just this waybill. `other_waybill`: it shows them as shipped, but not so;
 * the message of that refusal is the waybills that it does show, apart by commas, or empty where it shows none.
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

/** Of what a platform shows one waybill only. */
export type WaybillLimit = 'none' | 'line' | 'trade'
