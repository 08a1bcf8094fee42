import type { LocalizedText } from '../../lib/localized-text.ts'

export const trackWays = ['none', 'query', 'subscribe'] as const
export type TrackWay = (typeof trackWays)[number]

/** How an account follows the parcels that no platform follows. Sources have a price for each way. */
export const trackWayWords: Record<TrackWay, LocalizedText> = {
  none: { zh: '不跟踪', en: 'Not tracked' },
  query: { zh: '按次查询', en: 'Asked for' },
  subscribe: { zh: '订阅推送', en: 'Subscribed' },
}
