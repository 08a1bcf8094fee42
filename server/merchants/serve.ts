import { leaseMerchants, releaseMerchants } from '../core/directory/merchant-states.ts'
import { listMerchants, type Merchant } from '../core/directory/merchants.ts'
import type { Running } from '../core/jobs/engine.ts'
import { createPace, withPace } from '../core/jobs/pace.ts'
import { startWorker } from '../worker.ts'
import { openMerchant, type Place } from './open-merchant.ts'
import { visitUntil } from './visits.ts'

/** At most this many merchants are opened, or begin a visit, at the same time. */
const places = 4

type Served = { running: Promise<Running>; server: string; isAwake: boolean }

export type Serving = {
  /** Takes and gives back merchants, and reads which are awake. */
  look(): Promise<void>
  /** Ends the work of every merchant and gives it back. */
  stop(): Promise<void>
}

/** Does the work of many merchants: each has its own database connections, keys, limits and loops. */
export function serveMerchants(place: Place, worker: string): Serving {
  const { directory, log } = place
  const served = new Map<string, Served>()
  const takePlace = createPlaces(places)
  const end = async (keys: readonly string[]) => {
    await Promise.all(
      keys.map(async (key) => {
        const running = await served.get(key)?.running.catch(() => undefined)
        await running?.stop()
        served.delete(key)
        await releaseMerchants(directory, worker, [key])
      }),
    )
  }
  const begin = (merchant: Merchant) => {
    const one: Served = {
      server: merchant.server,
      isAwake: merchant.awake,
      running: serveOne(place, merchant, { takePlace, isAwake: () => one.isAwake }),
    }
    served.set(merchant.key, one)
    // It is opened again at a later look.
    one.running.catch((error: unknown) => {
      log.error({ err: error, merchant: merchant.key }, 'a merchant cannot be served')
      setTimeout(() => served.delete(merchant.key), failedMs).unref()
    })
  }
  let ending: Promise<void> = Promise.resolve()
  return {
    async look() {
      const mine = new Set(await leaseMerchants(directory, worker))
      const merchants = await listMerchants(directory)
      const current = new Map(merchants.map((one) => [one.key, one]))
      for (const [key, one] of served) one.isAwake = current.get(key)?.awake ?? false
      const lost = [...served].filter(
        ([key, one]) => !mine.has(key) || current.get(key)?.server !== one.server,
      )
      if (lost.length > 0) ending = ending.then(() => end(lost.map(([key]) => key)))
      for (const merchant of merchants)
        if (mine.has(merchant.key) && !served.has(merchant.key)) begin(merchant)
    },
    async stop() {
      await ending
      await end([...served.keys()])
    },
  }
}

const failedMs = 10_000

type Shared = { takePlace: () => Promise<() => void>; isAwake: () => boolean }

async function serveOne(place: Place, merchant: Merchant, { takePlace, isAwake }: Shared): Promise<Running> {
  const pace = createPace()
  const leave = await takePlace()
  try {
    return await withPace(pace, async () => {
      const opened = await openMerchant(place, merchant, { max: place.config.workerConnections })
      const { db, pool, ring, log, config } = opened
      const worker = await startWorker({
        ...{ db, pool, ring, log, simulator: config.simulator, publicUrl: config.publicUrl },
      })
      const stopping = new AbortController()
      const visiting = visitUntil({ db, pace, log, isAwake, place: takePlace }, stopping.signal)
      return {
        async stop() {
          stopping.abort()
          await visiting
          await worker.stop()
          await opened.close()
        },
      }
    })
  } finally {
    leave()
  }
}

/** Returns a function that waits for one of `count` places; its answer gives the place back, also when it is called twice. */
function createPlaces(count: number): () => Promise<() => void> {
  let free = count
  const waiting: (() => void)[] = []
  return async () => {
    if (free > 0) free -= 1
    else await new Promise<void>((settle) => waiting.push(settle))
    let isLeft = false
    return () => {
      if (isLeft) return
      isLeft = true
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}
