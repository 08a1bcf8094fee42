import type { Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { addLink, appOf, confirm, type Message, sendDue } from './books.ts'
import { posterOf } from './posted.ts'

/** Longer than any platform waits for the answer. */
const ANSWER_MS = 5000

/** Posts the messages of the shop's app to this address from now on. The shop's platform must post. Returns false if it does not. */
export function postTo({ push }: Sandbox, shop: Shop, url: string): boolean {
  const poster = posterOf(shop)
  if (poster === undefined) return false
  const app = appOf(shop.platform, shop.options.appKey)
  const send = async (message: Message) => {
    push.counts.sent++
    const { query, headers, body } = poster.request(message)
    const answer = await fetch(url + query, {
      ...{ method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS) },
    }).then(
      async (response) => (response.status === 200 ? response.text() : ''),
      () => '',
    )
    if (poster.isTaken(answer)) return confirm(push, app, message.id)
    push.counts.refused++
    // The message is sent again after its time.
    setTimeout(() => sendDue(push, app), push.faults.resendMs + 5).unref()
  }
  push.permits.set(shop.key, null)
  push.links.get(app)?.clear()
  addLink(push, app, { send: (message) => void send(message), end: () => undefined })
  return true
}
