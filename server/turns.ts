import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from './errors.ts'

/** Requests of one actor that are worked on at once: a page of ours sends about as many. */
const atOnce = 3
/** Requests of one actor that wait for their turn; a program that sends more is told to wait itself. */
const waitingMax = 100

type Lane = { running: number; waiting: (() => void)[] }

/** Whole sheets and files flow for minutes, and have a limit of their own. */
const streamed = /^\/api\/exports\//

/**
 * Whoever sends fifty requests at once, a person, a program or an address that nobody signed in from, gets them answered in turn, and
 * everybody else goes on beside it. A place is held until the work is done, also when the asker has left meanwhile.
 */
export function addTurns(app: FastifyInstance): void {
  const lanes = new Map<string, Lane>()
  const held = new WeakMap<FastifyRequest, () => void>()
  app.addHook('preHandler', async (request, reply) => {
    if (!/^\/(api|metrics)/.test(request.url) || streamed.test(request.url)) return
    const key = keyOf(request)
    const lane = lanes.get(key) ?? { running: 0, waiting: [] }
    lanes.set(key, lane)
    await place(lane)
    let isDone = false
    const leave = () => {
      if (isDone) return
      isDone = true
      lane.running -= 1
      lane.waiting.shift()?.()
      if (lane.running === 0 && lane.waiting.length === 0) lanes.delete(key)
    }
    held.set(request, leave)
    reply.raw.once('finish', leave)
  })
  // Of an answer that nobody takes any more there is no end but this one.
  app.addHook('onSend', async (request, reply) => {
    if (reply.raw.destroyed) held.get(request)?.()
    else reply.raw.once('close', () => held.get(request)?.())
  })
}

async function place(lane: Lane): Promise<void> {
  if (lane.running >= atOnce) {
    if (lane.waiting.length >= waitingMax) throw new AppError('too_many_at_once')
    await new Promise<void>((resolve) => lane.waiting.push(resolve))
  }
  lane.running += 1
}

const keyOf = ({ actor, ip }: FastifyRequest) => (actor.id === '' ? ip : `${actor.kind}:${actor.id}`)
