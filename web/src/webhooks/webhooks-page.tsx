import { useUrlState } from '../ui/list/search-params.ts'
import { Messages } from './messages.tsx'
import { Subscriptions } from './subscriptions.tsx'

/** 事件推送: the subscriptions of programs, or the messages of one of them. */
export default function WebhooksPage() {
  const [{ subscription }] = useUrlState()
  return subscription ? <Messages subscription={subscription} /> : <Subscriptions />
}
