import { createHmac, hash } from 'node:crypto'
import { sameText } from '../../wire/same-text.ts'
import { type Fields, fieldsAt, fieldsOf, idAt, isFields, listAt } from '../fields.ts'
import type { PostAnswer, Posted, PushedMessage, PushHint, PushSource } from '../push.ts'
import { appOf } from './credentials.ts'
import { orderNumberIn, returnNumberIn } from './unverified.ts'

/**
 * Webhooks of an app: a document at each change, signed with the secret of the app. The platform tries a failed one eight times within four hours. All shops of an app
 * have one channel, and a header names the shop.
 */
export const push = {
  appKey: (credentials) => appOf(credentials).clientId,
  readPost: (credentials, posted) => readPost(appOf(credentials).pushKey, posted),
} satisfies PushSource

const forged: PostAnswer = { kind: 'forged' }
const reply = '{"taken":true}'

function readPost(key: string, { headers, body }: Posted): PostAnswer {
  const signature = headers['x-shopify-hmac-sha256'] ?? ''
  // An empty key is no secret.
  if (key === '' || signature === '' || !sameText(signature, signatureOf(key, body))) return forged
  const topic = (headers['x-shopify-topic'] ?? '').slice(0, 200)
  const shop = (headers['x-shopify-shop-domain'] ?? '').slice(0, 200).toLowerCase()
  // One event may send several topics, and each delivery that is tried again is the same event.
  const event = headers['x-shopify-event-id'] ?? headers['x-shopify-webhook-id'] ?? body
  const messages = hintsIn(topic, fieldsOf(body) ?? {}).map((hint, at): PushedMessage => {
    const id = hash('sha256', `${shop} ${topic} ${event} ${at}`, 'hex')
    return { id, topic, shops: [shop], hint, raw: body }
  })
  return { kind: 'taken', messages, reply }
}

/** Which documents a message is about. Its own fields, in another shape than those of the API, are not used. */
function hintsIn(topic: string, document: Fields): PushHint[] {
  const tid = tidIn(topic, document)
  if (tid === '') return [{ kind: 'other' }]
  if (topic !== 'refunds/create') return [{ kind: 'trade', tid }]
  const number = idAt(document, 'id')
  const oids = listAt(document, 'refund_line_items', '')
    .filter(isFields)
    .map((item) => idAt(item, 'line_item_id'))
    .filter(Boolean)
    .slice(0, 50)
  // A refund for a return has the number of the return.
  const ofReturn = returnNumberIn(document)
  const of = ofReturn === '' ? number : `r${ofReturn}`
  const refunds = [...new Set(oids)].map((oid) => ({
    kind: 'refund' as const,
    refundId: `${tid}-${of}-${oid}`,
    tid,
  }))
  return [{ kind: 'trade', tid }, ...(number === '' ? [] : refunds)]
}

function tidIn(topic: string, document: Fields): string {
  if (topic === 'orders/edited') return idAt(fieldsAt(document, 'order_edit'), 'order_id')
  if (topic.startsWith('orders/')) return idAt(document, 'id')
  if (/^(refunds|fulfillments)\//.test(topic)) return idAt(document, 'order_id')
  return topic.startsWith('returns/') ? orderNumberIn(document) : ''
}

/** Base64 of the HMAC-SHA256 over the body. */
export const signatureOf = (key: string, body: string): string =>
  createHmac('sha256', key).update(body, 'utf8').digest('base64')
