import { createDecipheriv, hash } from 'node:crypto'
import { sameText } from '../../wire/same-text.ts'
import { type Fields, fieldsAt, fieldsOf, idAt, longest, textAt } from '../fields.ts'
import type { PostAnswer, Posted, PushedMessage, PushHint, PushSource } from '../push.ts'
import { appOf } from './credentials.ts'

/**
 * 消息推送 in JSON. The signature of the plain mode does not cover the body, so with a key only the safe mode (安全模式) is believed. The
 * platform waits five seconds for `success` and posts up to ten times in some hours.
 */
export const push = {
  appKey: (credentials) => appOf(credentials).appId,
  readPost: (credentials, posted) => readPost(appOf(credentials), posted),
} satisfies PushSource

type PushApp = ReturnType<typeof appOf>

const forged: PostAnswer = { kind: 'forged' }

function readPost({ pushToken, pushKey, appId }: PushApp, { query, body }: Posted): PostAnswer {
  // An empty token is no secret.
  if (pushToken === '') return forged
  const { signature = '', timestamp = '', nonce = '', msg_signature: bodySignature = '' } = query
  const encrypt = textAt(fieldsOf(body) ?? {}, 'Encrypt', longestBody)
  if (pushKey === '' || body === '') {
    if (!sameText(signature, signOf([pushToken, timestamp, nonce]))) return forged
    if (body === '') return { kind: 'taken', messages: [], reply: (query.echostr ?? '').slice(0, 1000) }
    return { kind: 'taken', messages: [messageOf(body)], reply: 'success' }
  }
  if (!sameText(bodySignature, signOf([pushToken, timestamp, nonce, encrypt]))) return forged
  const text = decrypted(pushKey, appId, encrypt)
  return text === undefined ? forged : { kind: 'taken', messages: [messageOf(text)], reply: 'success' }
}

const longestBody = 500_000

/** The hex SHA-1 over the sorted parts. */
export const signOf = (parts: readonly string[]) => hash('sha1', parts.toSorted().join(''), 'hex')

/**
 * AES-256 in CBC mode, padded to 32 bytes; the vector is the beginning of the key. Before the text are 16 random bytes and its length, behind
 * it is the app's id. Undefined: it was not encrypted with this key for this app.
 */
function decrypted(key: string, appId: string, encrypt: string): string | undefined {
  try {
    const secret = Buffer.from(`${key}=`, 'base64')
    const decipher = createDecipheriv('aes-256-cbc', secret, secret.subarray(0, 16)).setAutoPadding(false)
    const padded = Buffer.concat([decipher.update(encrypt, 'base64'), decipher.final()])
    const whole = padded.subarray(0, padded.length - (padded.at(-1) ?? 0))
    const length = whole.readUInt32BE(16)
    const isOurs = whole.subarray(20 + length).toString('utf8') === appId
    return isOurs ? whole.subarray(20, 20 + length).toString('utf8') : undefined
  } catch {
    return undefined
  }
}

/** Messages have no number. One that comes again is the same text. */
function messageOf(text: string): PushedMessage {
  const fields = fieldsOf(text) ?? {}
  const topic = textAt(fields, 'Event', longest.name)
  const shop = textAt(fields, 'ToUserName', longest.name)
  return {
    id: hash('sha256', text, 'hex'),
    topic,
    shops: shop === '' ? [] : [shop],
    hint: hintOf(topic, fields),
    raw: text,
  }
}

function hintOf(topic: string, fields: Fields): PushHint {
  const update = fieldsAt(fields, 'finder_shop_aftersale_status_update')
  const refundId = idAt(update, 'after_sale_order_id')
  if (refundId !== '') return { kind: 'refund', refundId, tid: idAt(update, 'order_id') }
  const tid = idAt(fieldsAt(fields, 'order_info'), 'order_id')
  return topic.startsWith('channels_ec_order_') && tid !== '' ? { kind: 'trade', tid } : { kind: 'other' }
}
