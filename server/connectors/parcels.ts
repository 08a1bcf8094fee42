import type { CourierNames } from './couriers.ts'

/** How parcels are reported to a platform. */
export type ShippingWays = {
  /** False: only whole trades can be shipped, so `oids` must be empty or name every line. */
  byLine: boolean
  /** True: the platform shows one waybill for a line (for a trade, if `byLine` is false), of goods in several parcels the first. False: the pieces of a line may be in several parcels, and `waybills` of a line has them. */
  oneWaybill: boolean
  /** The couriers that the platform knows, by our codes, with its own. */
  carriers: CourierNames
  /** Undefined: it takes no other waybill of a shipped parcel. */
  changes?: ChangeLimits
}

/**
 * `carrier`: a code of couriers.ts. Empty `oids`: the whole trade. `cod`: cash on delivery uses another method of the platform. `serials`: of
 * lines that have some; a platform whose method has no field for them does not get them.
 */
export type ShipInput = ToldParcel & {
  carrier: string
  cod?: boolean
  serials?: readonly LineSerials[]
}
/** Pieces of a line of the trade. */
export type ParcelGoods = { oid: string; quantity: number }
/** The serial numbers (串号, IMEI) of the pieces of a line. */
export type LineSerials = { oid: string; numbers: readonly string[] }
/** 改运单: a parcel that was shipped as `was`, and the courier and waybill that it has instead. */
export type ChangeInput = Omit<ShipInput, 'cod' | 'serials'> & { was: ParcelWaybill }
export type ParcelWaybill = { carrier: string; waybillNo: string }
/** `goods`: the pieces in the parcel, also of whole trades. Platforms that count the pieces of a parcel need them. */
export type ToldParcel = ShippedLines & { waybillNo: string; goods?: readonly ParcelGoods[] }
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

/** `not_shipped`: the platform does not show these lines as shipped. `too_often`: it takes no further change of the waybill. */
export const changeFailures = [...shipFailures, 'not_shipped', 'too_often'] as const
export type ChangeFailure = (typeof changeFailures)[number]

/** The limits of a platform that takes another waybill of a shipped parcel; empty: it states none. */
export type ChangeLimits = {
  /** The most changes of one trade. */
  times?: number
  /** The days after shipping in which it takes one. */
  days?: number
}

/** A platform may show only one waybill for each line or for each trade. */
export type WaybillLimit = 'none' | 'line' | 'trade'
