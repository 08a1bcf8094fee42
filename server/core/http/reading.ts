import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Database } from '../db/db.ts'
import { isOfStandby, type Standby } from '../db/standby.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Reads a list or a report: from the standby if there is one that is recent enough for the asker, otherwise from the primary. `work` is
     * done again on the primary if the standby fails, so it changes nothing.
     */
    reading<Result>(request: FastifyRequest, work: (db: Database) => Promise<Result>): Promise<Result>
    /** How the standby is; undefined: there is none. */
    standbyState: (() => ReturnType<Standby['state']>) | undefined
  }
  interface FastifyRequest {
    /** The answer has everything that was committed before this time. Undefined: it comes from the primary. */
    readAt: Date | undefined
  }
}

const cookie = 'sanyi.wrote'
const marked = new RegExp(`(?:^|;\\s*)${cookie}=([0-9A-F]{1,8}/[0-9A-F]{1,8})(?:;|$)`)

/** A standby that is this old is not asked in any case, so that the mark is of no use afterwards. */
const markSeconds = 60

/**
 * Adds `app.reading`. A person who changed something reads from the standby only what includes the change: the answer to a change has the
 * position of the log as a cookie, so it does not matter which web process answers next. Programs have no cookies; they read from the primary.
 */
export function addReading(app: FastifyInstance, standby: Standby | undefined): void {
  app.decorateRequest('readAt')
  app.decorate('standbyState', standby && (() => standby.state()))
  app.decorate('reading', async (request, work) => {
    const isPerson = request.sessionId !== undefined
    const mark = marked.exec(request.headers.cookie ?? '')?.[1]
    const source = isPerson ? await standby?.source(mark) : undefined
    if (!source) return work(app.db)
    try {
      const result = await work(source.db)
      request.readAt = source.asOf
      return result
    } catch (error) {
      if (!isOfStandby(error)) throw error
      standby?.failed(error)
      request.log.warn({ err: error }, 'the standby did not answer; the primary does')
      return work(app.db)
    }
  })
  if (!standby) return
  app.addHook('onSend', async (request, reply) => {
    if (request.readAt) reply.header('x-read-at', request.readAt.toISOString())
    if (request.method === 'GET' || request.method === 'HEAD' || request.sessionId === undefined) return
    const attributes = `Path=/api; Max-Age=${markSeconds}; HttpOnly; SameSite=Lax`
    reply.header('set-cookie', `${cookie}=${await standby.position()}; ${attributes}`)
  })
  app.addHook('onClose', () => standby.close())
}
