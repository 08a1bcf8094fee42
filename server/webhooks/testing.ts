import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { pino } from 'pino'
import type { Database } from '../core/db/db.ts'
import type { KeyRing } from '../lib/seal.ts'
import type { Caller } from '../testing/app.ts'
import { type DeliveryParts, startDeliveries } from './deliver.ts'

export type Got = { path: string; headers: IncomingHttpHeaders; text: string }
type Answer = { status: number; headers?: Record<string, string>; text?: string; afterMs?: number }

/** A program over real HTTP. `answers`: its next answers; after the last one it answers 204, or what `answer` says. */
export async function program(answer: (got: Got) => Answer = () => ({ status: 204 })) {
  const got: Got[] = []
  const answers: Answer[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const one = {
      path: request.url ?? '',
      headers: request.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    }
    got.push(one)
    const { status, headers = {}, text = '', afterMs = 0 } = answers.shift() ?? answer(one)
    setTimeout(() => response.writeHead(status, headers).end(text), afterMs)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    got,
    answers,
    url: `http://127.0.0.1:${Object(server.address()).port}`,
    bodies: () => got.map(({ text }) => JSON.parse(text)),
    ids: () => got.map(({ headers }) => headers['webhook-id']),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/**
 * Verifies a message as the specification of Standard Webhooks says, with nothing of our code: the timestamp is within five minutes, and
 * one of the signatures is that of the secret.
 */
export function isSignedWith(secret: string, { headers, text }: Got, now = Date.now()): boolean {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name] ?? ''),
  )
  if (!id || Math.abs(now / 1000 - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest()
  return (signatures ?? '').split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',')
    const given = Buffer.from(value, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

export const everything = {
  name: '进销存',
  kinds: ['order.*', 'delivery.*', 'return.*', 'refund.*', 'stock.*'],
  shops: null,
  warehouses: null,
}

/** Makes a subscription by the API. */
export async function subscribe(
  who: Caller,
  own: Record<string, unknown>,
): Promise<{ id: string; secret: string }> {
  const { status, body } = await who.call('POST', '/api/webhooks', { ...everything, ...own })
  assert.equal(status, 201, JSON.stringify(body))
  return { id: String(Object(body).id), secret: String(Object(body).secret) }
}

export function deliveriesOf(app: { db: Database; ring: KeyRing }, own: Partial<DeliveryParts> = {}) {
  const { db, ring } = app
  const { signal } = new AbortController()
  return startDeliveries({ db, ring, log: pino({ level: 'silent' }), simulator: true, signal, ...own })
}

/** Sends all that is due, until nothing is left. */
export async function sendDue(app: { db: Database; ring: KeyRing }, own: Partial<DeliveryParts> = {}) {
  const deliveries = deliveriesOf(app, own)
  while ((await deliveries.turn()) > 0) await deliveries.settled()
}
