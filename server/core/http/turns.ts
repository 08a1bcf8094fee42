import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'

/** The number of requests of one client that are processed at once. One of our pages sends about as many. */
const atOnce = 3
/** The number of requests of one client that may wait; further ones are refused. */
const waitingMax = 100
/** At most this many of the waiting requests of one client may be large, because their bodies are already in memory. */
const largeWaitingMax = 5
const largeBytes = 1_048_576

type Waiter = { isLarge: boolean; go: () => void }
type ClientQueue = { running: number; waiting: Waiter[] }

/** Exports are not counted: they are sent as streams for minutes and have a limit of their own. */
const streamed = /^\/api\/exports\//

/**
 * Limits the concurrent requests of one client: a user, an API key, or an address without sign-in. Other clients do not wait for it. A
 * request counts until its work has ended, even if the client is gone.
 */
export function limitConcurrentRequests(app: FastifyInstance): void {
  const lanes = new Map<string, ClientQueue>()
  const held = new WeakMap<FastifyRequest, () => void>()
  app.addHook('preHandler', async (request, reply) => {
    if (!/^\/(api|metrics)/.test(request.url) || streamed.test(request.url)) return
    const key = keyOf(request)
    const lane = lanes.get(key) ?? { running: 0, waiting: [] }
    lanes.set(key, lane)
    await place(lane, (request.routeOptions.bodyLimit ?? 0) > largeBytes)
    let isDone = false
    const leave = () => {
      if (isDone) return
      isDone = true
      const next = lane.waiting.shift()
      // The slot goes directly to the next waiting request. If it were freed first, a request that arrives now could take it too.
      if (next) return next.go()
      lane.running -= 1
      if (lane.running === 0) lanes.delete(key)
    }
    held.set(request, leave)
    reply.raw.once('finish', leave)
  })
  // If the client is gone, only these events show that the answer has ended.
  app.addHook('onSend', async (request, reply) => {
    if (reply.raw.destroyed) held.get(request)?.()
    else reply.raw.once('close', () => held.get(request)?.())
  })
}

async function place(lane: ClientQueue, isLarge: boolean): Promise<void> {
  if (lane.running < atOnce) {
    lane.running += 1
    return
  }
  const large = lane.waiting.filter((waiter) => waiter.isLarge).length
  if (lane.waiting.length >= waitingMax || (isLarge && large >= largeWaitingMax))
    throw new AppError('too_many_at_once')
  await new Promise<void>((go) => lane.waiting.push({ isLarge, go }))
}

const keyOf = ({ actor, ip }: FastifyRequest) => (actor.id === '' ? ip : `${actor.kind}:${actor.id}`)
