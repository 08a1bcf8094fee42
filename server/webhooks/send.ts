import type { LocalizedText } from '../lib/localized-text.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { secondMs } from '../lib/time.ts'
import { postBriefly } from '../wire/http.ts'
import { isThisMachine } from '../wire/public-address.ts'
import { webhookSignature } from '../wire/sign.ts'
import { documentOf, webhookVersion } from './lifecycle.ts'

/** A program that takes longer counts as one that is down. */
export const longestAnswerMs = 10_000

export type Secret = {
  secret: string
  /** The end of a former secret, which signs too until then. */
  until?: string
}

/** Address and secrets of a subscription; the newest secret is the first. */
export type Receiver = { address: string; secrets: readonly Secret[] }

export type Outgoing = {
  id: string
  kind: string
  createdAt: Date
  data: unknown
}

/** How an attempt ended. `failure`: null if the program took the message. */
export type Attempt = { status: number | null; answerMs: number; failure: LocalizedText | null }

export const idOfMessage = (id: string) => `msg_${id}`

/** The body is the same at each attempt, so that a program may compare. */
export const bodyOf = ({ id, kind, createdAt, data }: Outgoing): string =>
  JSON.stringify({
    type: kind,
    version: webhookVersion,
    timestamp: createdAt.toISOString(),
    document: documentOf(kind),
    sequence: id,
    data,
  })

/**
 * Sends one message by the rules of Standard Webhooks. Any status of 2xx is a success. Redirects are not followed, and what the program
 * says in its answer is not read. `simulator`: true if programs on this machine are allowed.
 */
export async function sendWebhook(
  { address, secrets }: Receiver,
  message: Outgoing,
  { now, simulator, answerMs = longestAnswerMs }: { now: Date; simulator: boolean; answerMs?: number },
): Promise<Attempt> {
  const started = performance.now()
  const ended = (status: number | null, failure: LocalizedText | null): Attempt => ({
    status,
    answerMs: Math.round(performance.now() - started),
    failure,
  })
  if (!URL.canParse(address) || (isThisMachine(new URL(address)) && !simulator))
    return ended(null, unreachable)
  const id = idOfMessage(message.id)
  const timestamp = String(Math.floor(now.getTime() / secondMs))
  const body = bodyOf(message)
  const valid = secrets.filter(({ until }) => until === undefined || new Date(until) > now)
  const signatures = valid.map(({ secret }) => webhookSignature(secret, { id, timestamp, body }))
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
    'user-agent': 'Sanyi-Webhooks/1',
  }
  try {
    const status = await postBriefly(address, body, AbortSignal.timeout(answerMs), headers)
    return ended(status, status >= 200 && status < 300 ? null : answered(status))
  } catch (error) {
    // Every failure of the transport has these words, so that they reveal nothing of our network.
    if (error instanceof PlatformError) return ended(null, unreachable)
    throw error
  }
}

const unreachable: LocalizedText = {
  zh: '连不上接收方，或 10 秒内没有答复',
  en: 'The program cannot be reached, or gave no answer within 10 seconds',
}

function answered(status: number): LocalizedText {
  if (status === 410)
    return { zh: '接收方答 HTTP 410：不再接收', en: 'The program answered HTTP 410: it is gone' }
  if (status >= 300 && status < 400)
    return {
      zh: `接收方答 HTTP ${status}：转到别处，不跟过去`,
      en: `The program answered HTTP ${status}: redirects are not followed`,
    }
  return { zh: `接收方答 HTTP ${status}`, en: `The program answered HTTP ${status}` }
}
