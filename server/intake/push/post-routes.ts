import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { Connector } from '../../connectors/connector.ts'
import type { PostAnswer, Posted } from '../../connectors/push.ts'
import { failureLimit } from '../../core/http/failure-limit.ts'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { AppError } from '../../errors.ts'
import { secondMs } from '../../lib/time.ts'
import { type Channel, wantedChannels } from './channels.ts'
import { storeMessages } from './messages.ts'
import { notePosted } from './posts.ts'

/** Some hundreds of messages. */
const bodyLimit = 1_048_576
/** The channels with their keys are read again after this time, so a shop that is connected now is believed from then on. */
const knownMs = 2 * secondMs

const described = {
  tags: ['intake'],
  params: Type.Object({
    platform: Type.String({ pattern: '^[a-z0-9]{2,20}$' }),
    appKey: Type.String({ minLength: 1, maxLength: 64 }),
  }),
  querystring: Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 2000 })),
  response: { 200: Type.Unknown() },
}
const body = Type.Optional(Type.Unknown())
const errors = ['forbidden', 'too_many_at_once'] as const
const test = route('public', 'A platform’s test of the address for its messages', described, errors)
const posts = route('public', 'Messages that a platform posts', { ...described, body }, errors)

type Request = FastifyRequest & { params: { platform: string; appKey: string }; query: Posted['query'] }

/**
 * The address to which platforms post their messages (消息推送). It is public, and believes only requests with the platform's proof. A message
 * is stored before it is acknowledged; the workers fetch the document that it names.
 */
export function postRoutes(connectors: readonly Connector[]): Routes {
  return async (app) => {
    const strangers = failureLimit()
    const { db, ring, config } = app
    const channels = remembered(() => wantedChannels({ db, ring, connectors, simulator: config.simulator }))
    // Signatures cover the bytes, so any type of content stays text.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, String(body)))
    const take = async (request: Request, reply: FastifyReply) => {
      const { params, query, ip } = request
      const channel = (await channels()).find((one) => one.channel === `${params.platform}:${params.appKey}`)
      const body = typeof request.body === 'string' ? request.body : ''
      const answer = channel && readPost(channel, { query, headers: textHeaders(request.headers), body })
      if (!channel || !answer) {
        // Posts with a proof are always taken, since a stranger may share the platform's address at a proxy of ours.
        strangers.assertFew(ip)
        strangers.count(ip)
        throw new AppError('forbidden', { permission: { zh: '签名不对', en: 'a valid signature' } })
      }
      // A stranger can send such a test too, so it is no sign of the platform.
      if (answer.kind === 'tested') strangers.count(ip)
      else {
        await storeMessages(db, ring, channel.channel, answer.messages)
        await notePosted(db, channel.channel)
      }
      return reply.type(answer.reply.startsWith('{') ? 'application/json' : 'text/plain').send(answer.reply)
    }
    app.get('/api/push/:platform/:appKey', secret(test), take)
    app.post('/api/push/:platform/:appKey', { ...secret(posts), bodyLimit }, take)
  }
}

/** Tries the credentials of each shop of the channel; undefined: the platform did not send this. */
function readPost(
  { push, apps }: Channel,
  posted: Posted,
): Exclude<PostAnswer, { kind: 'forged' }> | undefined {
  if (!('readPost' in push)) return undefined
  for (const app of apps) {
    const answer = push.readPost(app, posted)
    if (answer.kind !== 'forged') return answer
  }
  return undefined
}

const textHeaders = (headers: FastifyRequest['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )

/** Keeps an answer for a moment, because opening the credentials of every shop for each post would be work that strangers can ask for. */
function remembered<T>(read: () => Promise<T>): () => Promise<T> {
  let known: { until: number; answer: Promise<T> } | undefined
  return () => {
    if (!known || known.until < performance.now()) {
      known = { until: performance.now() + knownMs, answer: read() }
      known.answer.catch(() => {
        known = undefined
      })
    }
    return known.answer
  }
}
