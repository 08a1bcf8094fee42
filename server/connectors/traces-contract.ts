/** States of a parcel on its way. `unknown`: its courier has not scanned it. `signed` and `returned` end the tracking. */
export const trackStates = [
  'unknown',
  'collected',
  'in_transit',
  'out_for_delivery',
  'at_pickup',
  'signed',
  'problem',
  'returning',
  'returned',
] as const
export type TrackState = (typeof trackStates)[number]
