import type { TrackState } from '../../connectors/traces-contract.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'

export const trackStateWords: Record<TrackState, LocalizedText> = {
  unknown: { zh: '待揽收', en: 'Not collected' },
  collected: { zh: '已揽收', en: 'Collected' },
  in_transit: { zh: '运输中', en: 'On its way' },
  out_for_delivery: { zh: '派送中', en: 'Out for delivery' },
  at_pickup: { zh: '待取件', en: 'At a pick-up point' },
  signed: { zh: '已签收', en: 'Signed for' },
  problem: { zh: '派送异常', en: 'Problem' },
  returning: { zh: '退回中', en: 'On its way back' },
  returned: { zh: '已退回', en: 'Back' },
}
