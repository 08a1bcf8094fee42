import type { Logger } from 'pino'
import { type ChainLink, linkAllAuditRows } from '../core/access/audit-seal.ts'
import { leaseMerchants, releaseMerchants } from '../core/directory/merchant-states.ts'
import { listMerchants, type Merchant, ownerUrlOf, serverOf } from '../core/directory/merchants.ts'
import { type Running, repeat } from '../core/jobs/engine.ts'
import { createPace, withPaces } from '../core/jobs/pace.ts'
import { startWorker, taskKinds } from '../worker.ts'
import { fewConnections, visitPlacesOf, workPlacesOf } from './limits.ts'
import { type OpenMerchant, openMerchant, type Place } from './open-merchant.ts'
import { createVisitPlaces, placesOf } from './places.ts'
import { restMs, type Visited, visitUntil } from './visits.ts'

/** At most this many merchants are opened, or begin a visit, at the same time. */
const beginPlaces = 4

type Served = { running: Promise<Running>; merchant: Merchant; isAwake: boolean; isEnding: boolean }

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
  const places = placesOf(beginPlaces, workPlacesOf(place.config))
  const visitPlaces = new Map<string, Visited['visitPlace']>()
  const visitPlaceOf = (server: string) => {
    const known = visitPlaces.get(server) ?? createVisitPlaces(visitPlacesOf(place.config))
    visitPlaces.set(server, known)
    return known
  }
  let mine = new Set<string>()
  const end = async (keys: readonly string[]) => {
    await Promise.all(
      keys.map(async (key) => {
        const running = await served.get(key)?.running.catch(() => undefined)
        await running?.stop()
        served.delete(key)
        mine.delete(key)
        await releaseMerchants(directory, worker, [key])
      }),
    )
  }
  let ending: Promise<void> = Promise.resolve()
  const endSoon = (keys: readonly string[]) => {
    for (const key of keys) {
      const one = served.get(key)
      if (one) one.isEnding = true
    }
    ending = ending
      .then(() => end(keys))
      .catch((error: unknown) => log.error({ err: error, keys }, 'merchants could not be given back'))
  }
  let leasedAt = -leaseEveryMs
  let opened = 0
  const begin = (merchant: Merchant) => {
    const one: Served = {
      merchant,
      isAwake: merchant.awake,
      isEnding: false,
      running: serveOne(place, merchant, {
        ...places,
        visitPlace: visitPlaceOf(merchant.server),
        phase: (opened * spreading) % 1,
        isAwake: () => one.isAwake,
        onOutdated: () => endSoon([merchant.key]),
      }),
    }
    served.set(merchant.key, one)
    opened += 1
    // It is opened again at a later look.
    one.running.catch((error: unknown) => {
      log.error({ err: error, merchant: merchant.key }, 'a merchant cannot be served')
      setTimeout(() => {
        if (served.get(merchant.key) === one) served.delete(merchant.key)
      }, failedMs).unref()
    })
  }
  return {
    async look() {
      if (performance.now() - leasedAt >= leaseEveryMs) {
        leasedAt = performance.now()
        mine = new Set(await leaseMerchants(directory, worker))
      }
      const all = await listMerchants(directory)
      const merchants = all.filter(({ state }) => state === 'active')
      const current = new Map(merchants.map((one) => [one.key, one]))
      for (const [key, one] of served) one.isAwake = current.get(key)?.awake ?? false
      const lost = [...served].filter(
        ([key, one]) => !one.isEnding && (!mine.has(key) || isElsewhere(one.merchant, current.get(key))),
      )
      if (lost.length > 0) endSoon(lost.map(([key]) => key))
      for (const merchant of merchants)
        if (mine.has(merchant.key) && !served.has(merchant.key)) begin(merchant)
    },
    async stop() {
      await ending
      await end([...served.keys()])
    },
  }
}

/** True if the merchant is not active, was moved, or its server has another address. */
const isElsewhere = (before: Merchant, now: Merchant | undefined) =>
  now?.server !== before.server || now.addressPrint !== before.addressPrint

/** Multiples of the golden ratio are spread evenly, however many there are. */
const spreading = 0.618
const failedMs = 10_000
const leaseEveryMs = 5000

type Shared = Pick<Visited, 'phase' | 'isAwake' | 'place' | 'visitPlace' | 'workPlace'> & {
  onOutdated: () => void
}

async function serveOne(
  place: Place,
  merchant: Merchant,
  { onOutdated, ...shared }: Shared,
): Promise<Running> {
  let isAsked = false
  const ask = () => {
    isAsked = true
  }
  const wasAsked = () => {
    const was = isAsked
    isAsked = false
    return was
  }
  const paces = { loops: createPace(), jobs: createPace(), ask }
  const leave = await shared.place()
  try {
    return await withPaces(paces, async () => {
      const connections = place.config.workerConnections
      const opened = await openMerchant(place, merchant, { max: connections, onOutdated })
      const { db, pool, ring, log, config } = opened
      limitPool(pool, fewConnections)
      const worker = await startWorker({
        ...{ db, pool, ring, log, simulator: config.simulator, publicUrl: config.publicUrl },
        channelLeaseMs: 3 * restMs.idle,
      })
      const stopping = new AbortController()
      const linking = linkAudit(place, merchant, { log, signal: stopping.signal })
      const limit = (max: number) => limitPool(pool, max)
      const reading = taskKinds(ring, config.simulator).flatMap(({ kind, reads }) => (reads ? kind : []))
      const visited = { db, paces, log, limit, wasAsked, reading, ...shared }
      const visiting = visitUntil(visited, connections, stopping.signal)
      return {
        async stop() {
          stopping.abort()
          await visiting
          await Promise.all([worker.stop(), linking])
          await opened.close()
        },
      }
    })
  } finally {
    leave()
  }
}

const auditEveryMs = 10 * 60_000

/** Links the merchant's audit log as the owner of its tables, over a connection that lasts as long as that. The log of this process gets the hashes. */
async function linkAudit(
  { directory, budgetOf }: Place,
  merchant: Merchant,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<void> {
  const server = await serverOf(directory, merchant.server)
  const url = ownerUrlOf(directory, merchant, server)
  const sealed = ({ id, rows, hash }: ChainLink) =>
    log.info({ auditSeal: id, rows, hash }, 'audit log linked')
  await repeat(log, { name: 'audit', signal, everyMs: auditEveryMs }, () =>
    budgetOf(server.name).within(() => linkAllAuditRows({ url, sealed, signal })),
  )
}

/** Changes the most connections of a pool. Work that already waits for one gets it at once. */
function limitPool(pool: OpenMerchant['pool'], max: number): void {
  const isMore = max > pool.options.max
  pool.options.max = max
  // The pool looks at its queue only when a connection is asked for or given back.
  if (isMore && pool.waitingCount > 0)
    for (let more = pool.totalCount; more < max; more += 1)
      pool.connect().then(
        (client) => client.release(),
        () => {},
      )
}
