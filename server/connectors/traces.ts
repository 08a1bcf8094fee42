import type { TrackState } from './traces-contract.ts'

/** A scan of a parcel. Its text is left out, because couriers write names and phone numbers into it. */
export type TraceStep = { at: Date; state: Exclude<TrackState, 'unknown'> }

/** `carrier`: a code of couriers.ts. `oids`: the lines that left in the parcel; empty: the whole trade. */
export type TracedParcel = { tid: string; oids: readonly string[]; carrier: string; waybillNo: string }

/**
 * The code of a rejected `trace`: the platform shows no scan, and does not show scans of every shipment, so the courier may have the parcel
 * or not.
 */
export const notFollowed = 'not_followed'
