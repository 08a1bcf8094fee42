import { createHash, createHmac } from 'node:crypto'
import { isRecord, parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import { canonicalJson, type JsonValue } from '../../wire/canonical-json.ts'
import { type HttpAnswer, sendJson } from '../../wire/http.ts'
import { isThisMachine } from '../../wire/public-address.ts'
import { scrub } from '../../wire/scrub.ts'
import { eventSignature } from '../../wire/sign.ts'
import type { ChannelKind } from './contract.ts'
import { mailTo } from './mail.ts'
import type { Message, Notice } from './message.ts'
import { httpFailure, refusedBy, unreachable } from './send-failure.ts'

/** The most bytes of a text. 企业微信 takes 2048 (by its documents), the others 20,000 and more. */
export const longestText: Readonly<Record<ChannelKind, number>> = {
  dingtalk: 8_000,
  wecom: 2_000,
  feishu: 8_000,
  mail: 50_000,
  webhook: 8_000,
}

/** A receiver that takes longer counts as one that is down. */
const answerMs = 10_000

export type Sending = {
  kind: ChannelKind
  credentials: Readonly<Record<string, string>>
  message: Message
  /** For programs; empty for a test. */
  notices: readonly Notice[]
  now: Date
  publicUrl: string
  /** True if receivers on this machine are allowed. */
  simulator: boolean
}

/** Sends one message. @throws {SendFailure} with the reason for people if the receiver did not take it. */
export async function sendMessage(sending: Sending): Promise<void> {
  const address = sending.credentials['address'] ?? ''
  if (sending.kind !== 'mail' && !isAllowed(address, sending)) throw unreachable
  switch (sending.kind) {
    case 'mail':
      return mailTo(sending, answerMs)
    case 'dingtalk':
      return robotAnswered(
        await post(signedForDingtalk(address, sending), textBody(withKeyword(sending))),
        'errcode',
        sending,
      )
    case 'wecom':
      return robotAnswered(await post(address, textBody(sending)), 'errcode', sending)
    case 'feishu':
      return robotAnswered(await post(address, feishuBody(sending)), 'code', sending)
    case 'webhook':
      return programAnswered(await postEvent(address, sending))
  }
}

const isAllowed = (address: string, { simulator }: Sending) =>
  URL.canParse(address) && (simulator || !isThisMachine(new URL(address)))

const textBody = ({ message }: Sending): JsonValue => ({ msgtype: 'text', text: { content: message.text } })

/** The keyword that `channel-kinds.ts` names. A 钉钉 robot without a secret refuses each message that lacks its keyword (errcode 310000). */
const dingtalkKeyword = '告警'

function withKeyword(sending: Sending): Sending {
  const { credentials, message } = sending
  if (credentials['secret'] || message.text.includes(dingtalkKeyword)) return sending
  return { ...sending, message: { ...message, text: `【三易${dingtalkKeyword}】${message.text}` } }
}

/** 钉钉: base64 of HMAC-SHA256 over time and secret, keyed by the secret, in the address (open.dingtalk.com, 自定义机器人安全设置). */
function signedForDingtalk(address: string, { credentials, now }: Sending): string {
  const { secret = '' } = credentials
  if (secret === '') return address
  const url = new URL(address)
  const timestamp = String(now.getTime())
  url.searchParams.set('timestamp', timestamp)
  url.searchParams.set(
    'sign',
    createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'),
  )
  return url.href
}

/** 飞书: base64 of HMAC-SHA256 over nothing, keyed by time and secret, in the body (open.feishu.cn, 自定义机器人使用指南). */
function feishuBody({ credentials, message, now }: Sending): JsonValue {
  const { secret = '' } = credentials
  const body = { msg_type: 'text', content: { text: message.text } }
  if (secret === '') return body
  const timestamp = String(Math.floor(now.getTime() / secondMs))
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).digest('base64'), ...body }
}

/**
 * Signs as events to an own mall are signed (docs/own-shop.md). The number of the delivery is made of its notices, so a repetition has the
 * same one, and each alarm has a key of its own.
 */
function postEvent(address: string, { credentials, message, notices, now, publicUrl }: Sending) {
  const event = notices.length > 0 ? 'alarms' : 'alarms.test'
  const timestamp = String(Math.floor(now.getTime() / secondMs))
  const sentAt = now.toISOString()
  const alarms = notices.map((notice) => ofProgram(notice, publicUrl))
  const keys = alarms.length > 0 ? alarms.map(({ key }) => key).join(' ') : sentAt
  const delivery = createHash('sha256').update(keys).digest('hex').slice(0, 32)
  const body = canonicalJson({ event, delivery, sentAt, ...message, alarms })
  return post(address, body, {
    'sanyi-event': event,
    'sanyi-delivery': delivery,
    'sanyi-timestamp': timestamp,
    'sanyi-signature': eventSignature(credentials['secret'] ?? '', timestamp, body),
  })
}

function ofProgram({ recordId, what, alarmId, beganAt, endedAt, page, ...alarm }: Notice, publicUrl: string) {
  const { kind, tone, title, detail, documents: count, shopId } = alarm
  return {
    ...{
      key: `${recordId}:${what}`,
      what,
      alarm: alarmId,
      kind,
      tone,
      title,
      detail,
      count,
      shopId: shopId ?? undefined,
    },
    ...{ link: publicUrl + page, beganAt: beganAt.toISOString(), endedAt: endedAt?.toISOString() },
  }
}

async function post(
  address: string,
  body: JsonValue,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const json = typeof body === 'string' ? body : JSON.stringify(body)
  try {
    return await sendJson(address, json, AbortSignal.timeout(answerMs), headers)
  } catch (error) {
    // Every failure of the transport has these words, so that they reveal nothing of our network.
    if (error instanceof PlatformError) throw unreachable
    throw error
  }
}

function programAnswered({ status }: HttpAnswer): void {
  if (status < 200 || status >= 300) throw httpFailure(status)
}

/** Robots answer 200 with a code; 0 means that the message was taken. */
function robotAnswered(
  { status, text }: HttpAnswer,
  code: 'code' | 'errcode',
  { credentials }: Sending,
): void {
  if (status !== 200) throw httpFailure(status)
  const answer = objectOf(text)
  const found = answer[code] ?? answer['StatusCode']
  if (found === 0) return
  const said = String(answer['errmsg'] ?? answer['msg'] ?? '')
  throw refusedBy(scrub(`${said} (${String(found ?? '?')})`, Object.values(credentials)))
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const parsed = parseJson(text)
    return isRecord(parsed) ? parsed : {}
  } catch {
    return {}
  }
}
