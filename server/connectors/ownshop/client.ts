import { createHash } from 'node:crypto'
import { sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import { canonicalJson, type JsonValue } from '../../wire/canonical-json.ts'
import { type HttpAnswer, sendJson } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import { eventSignature } from '../../wire/sign.ts'
import type { Call } from '../connector.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import { objectIn, reported, unreadable } from '../gateway.ts'
import { mallOf } from './credentials.ts'

/** `delivery`: equal for each try of one action, so that the mall drops repetitions. Undefined: the event replaces the ones before, and may come twice. */
export type Event = { name: string; data: JsonValue; delivery?: string }

/** Posts an event to the mall and returns its answer, which may be empty. @throws {PlatformError} for every failure. */
export function sendEvent(call: Call, { name, data, delivery: given }: Event): Promise<Fields> {
  const { webhookUrl, webhookSecret } = mallOf(call.credentials)
  return reported(call, name, async () => {
    const at = call.now?.() ?? sharedNow()
    const sentAt = at.toISOString()
    const delivery = given ?? deliveryOf(name, { sentAt, data })
    const timestamp = String(Math.floor(at.getTime() / secondMs))
    // The number and the time are in the body too, because only the body is signed.
    const body = canonicalJson({ event: name, delivery, sentAt, data })
    const answer = await sendJson(webhookUrl, body, call.signal, {
      'sanyi-event': name,
      'sanyi-delivery': delivery,
      'sanyi-timestamp': timestamp,
      'sanyi-signature': eventSignature(webhookSecret, timestamp, body),
    })
    return readAnswer(answer, [webhookSecret])
  })
}

/** The number of a delivery, made of its content, so that each try has the same one. */
export const deliveryOf = (name: string, data: JsonValue): string =>
  createHash('sha256').update(canonicalJson({ name, data }), 'utf8').digest('hex').slice(0, 32)

/** Exported for tests. */
export function readAnswer(answer: HttpAnswer, secrets: readonly string[]): Fields {
  const { status, text, retryAfterMs } = answer
  const body = objectIn(text)
  // A body that was cut off is not what the mall wrote, so it says nothing of what the mall did.
  if (status >= 200 && status < 300) {
    if (!body && text.trim() !== '')
      throw unclear('bad_answer', 'The mall answered with something that is not JSON.')
    return body ?? {}
  }
  if (status === 429)
    throw new PlatformError('rate_limited', 'http_429', 'The mall answered 429.', {
      waitMs: Math.max(retryAfterMs, secondMs),
    })
  if (status === 408 || status === 425 || status >= 500)
    throw unclear(`http_${status}`, `The mall answered ${status}.`)
  const code = body ? textAt(body, 'code', longest.word) : ''
  const said = body ? textAt(body, 'message', longest.text) : ''
  if (code === '' && said === '' && status !== 401)
    throw unreadable(answer, 'a JSON object with code and message')
  const message = scrub([code, said].filter(Boolean).join(' · '), secrets)
  if (status === 401)
    throw new PlatformError(
      'reauthorise',
      'signature_refused',
      message || 'The mall does not take our signature.',
    )
  throw new PlatformError('rejected', code || `http_${status}`, message)
}

const unclear = (code: string, message: string): PlatformError =>
  new PlatformError('retry', code, message, { unclear: true })
