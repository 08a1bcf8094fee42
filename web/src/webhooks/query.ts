import type { Static } from 'typebox'
import type { messageRow, SubscriptionAnswer } from '../../../server/webhooks/contract.ts'
import { get } from '../api.ts'
import { every } from '../ui/base/every.ts'
import type { Json } from '../ui/base/json.ts'

export type Subscription = Json<SubscriptionAnswer>
export type Message = Json<Static<typeof messageRow>>

export const subscriptionsQuery = {
  queryKey: ['/webhooks'],
  queryFn: () => get('/webhooks'),
  refetchInterval: every(10_000),
}
