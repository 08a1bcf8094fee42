import type { Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { addLink, appOf, confirm, type Message, sendDue } from './books.ts'
import { posterOf } from './posted.ts'

/** Longer than any platform waits for the answer. */
const ANSWER_MS = 5000

/** A platform that sends each message once stops after more failures in succession than these. */
const MOST_FAILURES = 5

/** Posts the messages of the shop's app to this address from now on. The shop's platform must post. Returns false if it does not. */
export function postTo({ push }: Sandbox, shop: Shop, url: string): boolean {
  const poster = posterOf(shop)
  if (poster === undefined) return false
  const app = appOf(shop.platform, shop.options.appKey)
  let failures = 0
  const send = async (message: Message) => {
    if (poster.once && failures > MOST_FAILURES) return confirm(push, app, message.id)
    push.counts.sent++
    const { query, headers, body } = poster.request(message)
    const answer = await fetch(url + query, {
      ...{ method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS) },
    }).then(
      async (response) => (response.status === 200 ? response.text() : ''),
      () => '',
    )
    const isTaken = poster.isTaken(answer)
    failures = isTaken ? 0 : failures + 1
    if (isTaken) return confirm(push, app, message.id)
    push.counts.refused++
    if (poster.once) return confirm(push, app, message.id)
    // The message is sent again after its time.
    setTimeout(() => sendDue(push, app), push.faults.resendMs + 5).unref()
  }
  push.permits.set(shop.key, null)
  push.links.get(app)?.clear()
  addLink(push, app, { send: (message) => void send(message), end: () => undefined })
  return true
}
