import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Directory } from '../core/directory/directory.ts'
import { wakeMerchants } from '../core/directory/merchant-states.ts'
import { listMerchants, type Merchant } from '../core/directory/merchants.ts'
import { body } from '../core/http/http-errors.ts'
import { AppError } from '../errors.ts'
import { safeError } from '../lib/safe-error.ts'
import type { Place } from './open-merchant.ts'
import { openWebApp, type WebApp } from './web-app.ts'

/** An application that no user has used for this time is closed. */
const idleMs = 10 * 60_000
/** A merchant's users are noted at most this often. */
const wakeEveryMs = 10_000

type Served = { merchant: Merchant; app: Promise<WebApp>; wokenAt: number; opened: WebApp | undefined }

export type Hosts = {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Reads the directory again, and closes applications that are idle, suspended or moved, or whose server has another address. */
  look(): Promise<void>
  /** True once the directory was read. */
  isReady(): boolean
  close(): Promise<void>
}

/** Serves many merchants: the host name of a request decides which one's application answers it. */
export function openHosts(place: Place): Hosts {
  const served = new Map<string, Served>()
  let byHost: ReadonlyMap<string, Merchant> | undefined
  const drop = async (key: string) => {
    const one = served.get(key)
    served.delete(key)
    const app = await one?.app.catch(() => undefined)
    await app?.close()
  }
  const serve = (merchant: Merchant): Served => {
    const known = served.get(merchant.key)
    if (known) return known
    const made: Served = {
      merchant,
      app: openWebApp(place, merchant, () => void drop(merchant.key)),
      wokenAt: -wakeEveryMs,
      opened: undefined,
    }
    served.set(merchant.key, made)
    made.app.then(
      (app) => {
        made.opened = app
      },
      (error: unknown) => {
        // The next request tries again.
        if (served.get(merchant.key) === made) served.delete(merchant.key)
        place.log.error({ err: error, merchant: merchant.key }, 'a merchant cannot be served')
      },
    )
    return made
  }
  return {
    isReady: () => byHost !== undefined,
    async look() {
      const merchants = await listMerchants(place.directory)
      byHost = new Map(merchants.flatMap((one) => one.hosts.map((host) => [host, one] as const)))
      const now = performance.now()
      const stale = [...served.values()].filter(({ merchant, opened }) => {
        const current = merchants.find(({ key }) => key === merchant.key)
        return (
          current?.state !== 'active' ||
          current.server !== merchant.server ||
          current.addressPrint !== merchant.addressPrint ||
          current.hosts[0] !== merchant.hosts[0] ||
          (opened !== undefined && now - opened.usedAt() > idleMs)
        )
      })
      await Promise.all(stale.map(({ merchant }) => drop(merchant.key)))
    },
    async answer(request, response) {
      const merchant = byHost?.get(hostOf(request))
      if (!merchant) return refuse(response, new AppError('unknown_merchant'))
      if (merchant.state !== 'active') return refuse(response, new AppError('merchant_closed'))
      const one = serve(merchant)
      const app = await one.app.catch(() => undefined)
      if (!app) return refuse(response, new AppError('unavailable'))
      if (!watched.test(request.url ?? '')) wake(place.directory, one, place.log)
      app.answer(request, response)
    },
    async close() {
      await Promise.all([...served.keys()].map(drop))
    },
  }
}

/** The host name of the request without its port, in lower case. */
function hostOf({ headers }: IncomingMessage): string {
  const host = (headers.host ?? '').toLowerCase()
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.replace(/:\d*$/, '')
}

/** Programs that watch a merchant are no users. */
const watched = /^\/(healthz|readyz|metrics)\b/

/** Lets the workers look for work of this merchant at once. */
function wake(directory: Directory, one: Served, log: Logger): void {
  const now = performance.now()
  if (now - one.wokenAt < wakeEveryMs) return
  one.wokenAt = now
  wakeMerchants(directory, [one.merchant.key]).catch((error: unknown) =>
    log.warn({ err: safeError(error) }, 'the directory does not answer'),
  )
}

function refuse(response: ServerResponse, refusal: AppError): void {
  const text = JSON.stringify(body(refusal, ''))
  response
    .writeHead(refusal.status, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...(refusal.status === 503 ? { 'retry-after': '30' } : {}),
    })
    .end(text)
}
