import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../app.ts'
import type { Merchant } from '../core/directory/merchants.ts'
import { createQueues } from '../core/jobs/job.ts'
import { jobs } from '../worker.ts'
import { openMerchant, type Place } from './open-merchant.ts'

/** The web application of one merchant in this process. */
export type WebApp = {
  answer(request: IncomingMessage, response: ServerResponse): void
  /** `performance.now()` of the last request. */
  usedAt(): number
  /** Settles when the requests under way are answered and the connections closed. */
  close(): Promise<void>
}

const statementMs = 30_000
const closingMs = 20_000

export async function openWebApp(place: Place, merchant: Merchant, onOutdated: () => void): Promise<WebApp> {
  const max = place.config.webConnections
  const opened = await openMerchant(place, merchant, { max, statementMs, onOutdated })
  const { db, pool, config, ring, log, close } = opened
  let app: FastifyInstance
  try {
    app = await buildApp({ db, pool, config, ring, log })
    await app.ready()
    await createQueues(db, jobs)
  } catch (error) {
    await close()
    throw error
  }
  let used = performance.now()
  let underWay = 0
  let onQuiet = () => {}
  return {
    answer(request, response) {
      used = performance.now()
      underWay += 1
      response.once('close', () => {
        underWay -= 1
        if (underWay === 0) onQuiet()
      })
      app.routing(request, response)
    },
    usedAt: () => used,
    async close() {
      if (underWay > 0)
        await new Promise<void>((settle) => {
          const timer = setTimeout(settle, closingMs)
          onQuiet = () => {
            clearTimeout(timer)
            settle()
          }
        })
      await app.close()
      await close()
    },
  }
}
