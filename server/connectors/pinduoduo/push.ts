import { hash } from 'node:crypto'
import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { Call } from '../connector.ts'
import { type Fields, fieldsAt, fieldsOf, idAt, longest, textAt } from '../fields.ts'
import type { PushEvent, PushHint, PushSession, PushSource } from '../push.ts'
import { callPop } from './client.ts'
import { appOf, type PinduoduoApp } from './credentials.ts'

/**
 * PMC, the message service: JSON texts on a websocket. Not tried on the real platform: the frame of an acknowledgement, which is of one SDK
 * (whalesky-labs/pdd-sdk-php), how far the time in the address may be off, and when a message that is not acknowledged comes again.
 */
export const push = {
  appKey: (credentials) => appOf(credentials).clientId,
  // Clients send a heartbeat every 5 to 10 s; the server answers each.
  socket: { beatMs: 8 * secondMs, session: (credentials, now) => session(appOf(credentials), now) },
  permit,
} satisfies PushSource

/** base64 of the lower-case hex MD5 over id, milliseconds and secret, as a part of the address. */
export function pmcPath({ clientId, clientSecret }: PinduoduoApp, now: Date): string {
  const ms = now.getTime()
  const digest = Buffer.from(hash('md5', `${clientId}${ms}${clientSecret}`, 'hex')).toString('base64')
  return `/${encodeURIComponent(clientId)}/${ms}/${encodeURIComponent(digest)}`
}

function session(app: PinduoduoApp, now: Date): PushSession {
  return {
    url: app.pushUrl.replace(/\/$/, '') + pmcPath(app, now),
    read: (frame) => eventOf(typeof frame === 'string' ? frame : Buffer.from(frame).toString('utf8')),
    beat: (at) =>
      JSON.stringify({
        id: at.getTime(),
        commandType: 'HeartBeat',
        time: at.getTime(),
        sendTime: at.getTime(),
      }),
  }
}

function eventOf(text: string): PushEvent {
  const frame = fieldsOf(text)
  if (!frame) return { kind: 'unreadable', reason: 'no JSON object' }
  const command = textAt(frame, 'commandType', longest.word)
  if (command === 'HeartBeat') return { kind: 'sign' }
  if (command === 'Fail') return { kind: 'refused', code: 'login_refused' }
  const id = idAt(frame, 'id')
  if (!/^\d{1,20}$/.test(id)) return { kind: 'unreadable', reason: 'no message number' }
  const body = fieldsAt(frame, 'message')
  const topic = textAt(body, 'type', longest.name)
  const mall = idAt(body, 'mallID')
  const message = { id, topic, shops: mall === '' ? [] : [mall], hint: hintOf(topic, body), raw: text }
  const sendTime = idAt(frame, 'sendTime') || '0'
  return {
    kind: 'message',
    message,
    // The numbers are written as they came, because they may be beyond 2^53.
    acknowledge: (now) =>
      `{"id":${id},"commandType":"Ack","time":${now.getTime()},"sendTime":${/^\d+$/.test(sendTime) ? sendTime : '0'},"type":${JSON.stringify(topic)},"mallID":${/^\d+$/.test(mall) ? mall : '0'}}`,
  }
}

function hintOf(topic: string, body: Fields): PushHint {
  const content = fieldsOf(textAt(body, 'content', longestContent)) ?? {}
  const tid = idAt(content, 'tid')
  if (topic.startsWith('pdd_trade_')) return tid === '' ? { kind: 'other' } : { kind: 'trade', tid }
  const refundId = idAt(content, 'refund_id')
  // The refund's detail is asked for by both numbers.
  if (topic.startsWith('pdd_refund_') && refundId !== '' && tid !== '')
    return { kind: 'refund', refundId, tid }
  return { kind: 'other' }
}

const longestContent = 100_000

/** pdd.pmc.user.permit without topics: the shop gets all that the app has subscribed, as the documents recommend. */
async function permit(call: Call): Promise<void> {
  const { body } = await callPop(call, 'pdd.pmc.user.permit', {})
  if (fieldsAt(body, 'pmc_user_permit_response').is_success === true) return
  throw new PlatformError('rejected', 'not_permitted', 'The platform did not agree to send messages.')
}
