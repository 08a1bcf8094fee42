/** How a parcel of the world fares after it was shipped. `slow` is collected and not scanned again. */
export const PARCEL_FATES = ['arrives', 'uncollected', 'slow', 'problem', 'returned'] as const
export type ParcelFate = (typeof PARCEL_FATES)[number]

export interface ParcelStep {
  /** The words of Pinduoduo's traces. */
  action: string
  text: string
  /** Epoch seconds. */
  at: number
}

const HOUR = 3600
const COLLECTED = { action: 'GOT', text: '快件已被揽收，揽件员 13800000000', hours: 2 }
const ON_THE_WAY = [
  { action: 'DEPARTURE', text: '快件已从【杭州转运中心】发出', hours: 8 },
  { action: 'ARRIVAL', text: '快件已到达【目的地转运中心】', hours: 26 },
]
const SENT = { action: 'SEND', text: '派件中，派件员 13900000000', hours: 40 }
const LIVES: Record<ParcelFate, readonly { action: string; text: string; hours: number }[]> = {
  arrives: [COLLECTED, ...ON_THE_WAY, SENT, { action: 'SIGN', text: '已签收，签收人：本人', hours: 44 }],
  uncollected: [],
  slow: [COLLECTED],
  problem: [COLLECTED, ...ON_THE_WAY, { action: 'FAIL', text: '电话无人接听，派送失败', hours: 42 }],
  returned: [
    COLLECTED,
    ...ON_THE_WAY,
    { action: 'RETURN', text: '快件退回中', hours: 42 },
    { action: 'DEPARTURE', text: '退回件已从【目的地转运中心】发出', hours: 50 },
    { action: 'SIGN', text: '退回件已签收', hours: 74 },
  ],
}

/** The scans up to now of a parcel that left at `left` (epoch seconds); 0: it has not left. */
export const stepsOf = (left: number, fate: ParcelFate, now: number): ParcelStep[] =>
  LIVES[fate]
    .map(({ action, text, hours }) => ({ action, text, at: left + hours * HOUR }))
    .filter(({ at }) => left > 0 && at <= now)
