import { hash } from 'node:crypto'
import { isRecord, parseJson } from '../../lib/json.ts'
import { sameText } from '../../wire/same-text.ts'
import { type Fields, fieldsOf, idAt, longest, textAt } from '../fields.ts'
import type { PostAnswer, Posted, PushedMessage, PushHint, PushSource } from '../push.ts'
import { appOf } from './credentials.ts'

/** 消息推送: a list of messages is posted, signed with the app's secret. Their order is not that of the changes. */
export const push = {
  appKey: (credentials) => appOf(credentials).appKey,
  readPost: (credentials, posted) => readPost(appOf(credentials), posted),
} satisfies PushSource

const reply = '{"code":0,"msg":"success"}'

/** The lower-case hex MD5 over key, body and secret. */
export const signOf = ({ appKey, appSecret }: { appKey: string; appSecret: string }, body: string) =>
  hash('md5', `${appKey}${body}${appSecret}`, 'hex')

function readPost(app: { appKey: string; appSecret: string }, { headers, body }: Posted): PostAnswer {
  if (!sameText(headers['event-sign'] ?? '', signOf(app, body))) return { kind: 'forged' }
  return { kind: 'taken', messages: listed(body).filter((one) => one.topic !== test), reply }
}

/** The tag with which the platform tests the address. */
const test = '0'

function listed(body: string): PushedMessage[] {
  const rows = rowsOf(body)
  // A body that the platform signed and we cannot read is kept, because it would come again for ever.
  if (!rows)
    return [{ id: hash('sha256', body, 'hex'), topic: '', shops: [], hint: { kind: 'other' }, raw: body }]
  return rows.map((row) => messageOf(row, JSON.stringify(row)))
}

function rowsOf(body: string): Fields[] | undefined {
  try {
    const value = parseJson(body)
    return Array.isArray(value) ? value.filter(isRecord) : undefined
  } catch {
    return undefined
  }
}

function messageOf(row: Fields, raw: string): PushedMessage {
  const topic = textAt(row, 'tag', longest.word)
  const data = fieldsOf(textAt(row, 'data', longestData)) ?? {}
  const shop = idAt(data, 'shop_id')
  return {
    id: textAt(row, 'msg_id', longest.name) || hash('sha256', raw, 'hex'),
    topic,
    shops: shop === '' ? [] : [shop],
    hint: hintOf(topic, data),
    raw,
  }
}

const longestData = 100_000

/** Tags from 100 are of orders, from 200 of after-sales. */
function hintOf(tag: string, data: Fields): PushHint {
  const tid = idAt(data, 'p_id')
  const refundId = idAt(data, 'aftersale_id')
  if (/^2\d\d$/.test(tag) && refundId !== '') return { kind: 'refund', refundId, tid }
  return /^1\d\d$/.test(tag) && tid !== '' ? { kind: 'trade', tid } : { kind: 'other' }
}
