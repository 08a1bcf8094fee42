import { createHmac, hash } from 'node:crypto'
import { sameText } from '../../wire/same-text.ts'
import { fieldsOf, idAt } from '../fields.ts'
import type { PostAnswer, Posted, PushSource } from '../push.ts'
import { placeOf, siteOf } from './credentials.ts'

/**
 * Webhooks of the site: the whole order at each change, signed with a secret of its own. Each is sent once, and after some failures in succession the site switches
 * the webhook off. A refund comes as a change of its order.
 */
export const push = {
  once: true,
  tradesOnly: true,
  appKey: (credentials) => siteOf(credentials).consumerKey,
  readPost: (credentials, posted) => readPost(siteOf(credentials), posted),
} satisfies PushSource

const forged: PostAnswer = { kind: 'forged' }
const reply = '{"taken":true}'

function readPost({ siteUrl, pushKey }: ReturnType<typeof siteOf>, { headers, body }: Posted): PostAnswer {
  const signature = headers['x-wc-webhook-signature'] ?? ''
  // A webhook that is saved tries its address without a signature.
  if (signature === '') return /^webhook_id=\d{1,19}$/.test(body) ? { kind: 'tested', reply } : forged
  // An empty key is no secret.
  if (pushKey === '' || !sameText(signature, signatureOf(pushKey, body))) return forged
  const topic = headers['x-wc-webhook-topic'] ?? ''
  const tid = idAt(fieldsOf(body) ?? {}, 'id')
  const message = {
    // The platform's number of a delivery is that of a second.
    id: hash('sha256', `${headers['x-wc-webhook-delivery-id'] ?? ''} ${topic} ${body}`, 'hex'),
    topic: topic.slice(0, 200),
    // The secret is that of the shop, so the name of the site in the header is not needed.
    shops: [placeOf(siteUrl)],
    hint:
      topic.startsWith('order.') && tid !== ''
        ? ({ kind: 'trade', tid } as const)
        : ({ kind: 'other' } as const),
    raw: body,
  }
  return { kind: 'taken', messages: [message], reply }
}

/** Base64 of the HMAC-SHA256 over the body. */
export const signatureOf = (key: string, body: string): string =>
  createHmac('sha256', key).update(body, 'utf8').digest('base64')
