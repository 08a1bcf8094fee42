import { createDecipheriv, hash } from 'node:crypto'
import { type Fields, fieldsOf, idAt, longest, textAt } from '../fields.ts'
import type { PostAnswer, Posted, PushedMessage, PushHint, PushSource } from '../push.ts'
import { appOf } from './credentials.ts'
import { pushTopics } from './unverified.ts'

/**
 * 消息服务: each message is posted alone, encrypted with the key of the message service, which is its only proof. The platform waits three
 * seconds for the answer and sends five more times within two hours.
 */
export const push = {
  appKey: (credentials) => appOf(credentials).appKey,
  readPost: (credentials, { body }) => readPost(appOf(credentials).pushKey, body),
} satisfies PushSource

const reply = '{"result":1}'

function readPost(key: string, body: Posted['body']): PostAnswer {
  const text = decrypted(key, body.trim())
  const fields = text === undefined ? undefined : fieldsOf(text)
  if (text === undefined || !fields) return { kind: 'forged' }
  if (fields.test === true) return { kind: 'taken', messages: [], reply }
  return { kind: 'taken', messages: [messageOf(fields, text)], reply }
}

/** AES in CBC mode with an empty vector; the key is base64. Undefined: it was not encrypted with this key. */
function decrypted(key: string, body: string): string | undefined {
  try {
    const secret = Buffer.from(key, 'base64')
    const decipher = createDecipheriv(`aes-${secret.length * 8}-cbc`, secret, Buffer.alloc(16))
    return Buffer.concat([decipher.update(body, 'base64'), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

function messageOf(fields: Fields, raw: string): PushedMessage {
  const topic = textAt(fields, 'event', longest.name)
  const info = fieldsOf(textAt(fields, 'info', longestInfo)) ?? {}
  const shops = [idAt(info, 'sellerId'), idAt(fields, 'userId'), textAt(fields, 'openId', longest.name)]
  return {
    // One without a number is known by its text, or all such messages would count as one.
    id:
      textAt(fields, 'eventId', longest.name) ||
      textAt(fields, 'msgId', longest.name) ||
      hash('sha256', raw, 'hex'),
    topic,
    shops: [...new Set(shops)].filter((name) => name !== ''),
    hint: hintOf(topic, info),
    raw,
  }
}

const longestInfo = 100_000

function hintOf(topic: string, info: Fields): PushHint {
  const tid = idAt(info, 'oid')
  const refundId = idAt(info, 'refundId')
  if (topic.startsWith(pushTopics.refund) && refundId !== '') return { kind: 'refund', refundId, tid }
  return topic.startsWith(pushTopics.trade) && tid !== '' ? { kind: 'trade', tid } : { kind: 'other' }
}
