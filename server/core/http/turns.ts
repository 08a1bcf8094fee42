import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'

/** Requests of one actor that are worked on at once: a page of ours sends about as many. */
const atOnce = 3
/** Requests of one actor that wait for their turn; a program that sends more is told to wait itself. */
const waitingMax = 100
/** Of those, requests that bring more than others may: their bodies have been read by then, and lie in memory. */
const largeWaitingMax = 5
const largeBytes = 1_048_576

type Waiter = { isLarge: boolean; go: () => void }
type ClientQueue = { running: number; waiting: Waiter[] }

/** Whole sheets and files flow for minutes, and have a limit of their own. */
const streamed = /^\/api\/exports\//

/**
 * Whoever sends fifty requests at once, a person, a program or an address that nobody signed in from, gets them answered in turn, and
 * everybody else goes on beside it. A place is held until the work is done, also when the asker has left meanwhile.
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
      // The slot goes directly to the next waiting request: if it were freed and taken again, a request that arrives in between could take it too.
      if (next) return next.go()
      lane.running -= 1
      if (lane.running === 0) lanes.delete(key)
    }
    held.set(request, leave)
    reply.raw.once('finish', leave)
  })
  // If the client has gone, no other event ends the answer.
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
