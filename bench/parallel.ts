import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../server/config.ts'
import type { KeyRing } from '../server/lib/seal.ts'
import { benchDir, keyFile, open } from './database.ts'
import { startHouse } from './house.ts'
import { quantile, report } from './report.ts'
import { signIn } from './session.ts'
import type { World } from './world/world.ts'

/** The most expensive requests. Those that need no sign-in are sent without a cookie. */
const kinds = [
  ['staged-trades?limit=200', '/api/staged-trades?limit=200', true],
  ['orders/counts', '/api/orders/counts', true],
  ['orders/counts?q', `/api/orders/counts?q=${encodeURIComponent('王小明')}`, true],
  ['overview', '/api/overview', true],
  ['/metrics', '/metrics', true],
  ['the contract', '/api/openapi.json', false],
  ['sign-ins', '/api/sign-in', false],
] as const

const atOnce = 50
const forMs = 8000
/** The interval in ms at which another user reads a list. */
const everyMs = 60

/** Keeps fifty requests of one kind in flight, and measures another user who pages through a list meanwhile. */
export async function benchParallel(world: World, ring: KeyRing): Promise<void> {
  const env = { DATABASE_URL: world.url, SEALING_KEY_PATH: keyFile, DATA_DIR: join(benchDir, 'parallel') }
  const house = await startHouse(env)
  const { db, close } = open(world.url)
  try {
    const config = loadConfig({ PUBLIC_URL: `http://localhost:${new URL(house.url).port}` })
    const [busy, other] = [await signIn(db, ring, config), await signIn(db, ring, config)]
    const cookieOf = ({ name, value }: { name: string; value: string }) => `${name}=${value}`
    const list = () =>
      timed(`${house.url}/api/staged-trades?limit=50`, { headers: { cookie: cookieOf(other) } })
    for (let n = 0; n < 30; n += 1) await list()
    const alone: number[] = []
    for (const [name, path, isSignedIn] of kinds) {
      // Measured without the load in between, to see the machine's own variation.
      for (let n = 0; n < 15; n += 1) {
        alone.push(await list())
        await sleep(everyMs)
      }
      const end = performance.now() + forMs
      const headers = isSignedIn ? { cookie: cookieOf(busy) } : {}
      const ask =
        name === 'sign-ins'
          ? () => timed(`${house.url}${path}`, signInRequest(house.url))
          : () => timed(`${house.url}${path}`, { headers })
      const crowd = Array.from({ length: atOnce }, async () => {
        let count = 0
        for (; performance.now() < end; count += 1) await ask()
        return count
      })
      await sleep(300)
      const times: number[] = []
      while (performance.now() < end) {
        times.push(await list())
        await sleep(everyMs)
      }
      const done = (await Promise.all(crowd)).reduce((sum, count) => sum + count, 0)
      report({
        name: `beside 50 × ${name}`,
        work: `another person's list of 50, p95 of ${times.length} while ${done} were answered; p50 ${Math.round(quantile(times, 0.5))} ms; alone p50 ${Math.round(quantile(alone, 0.5))}, p95 ${Math.round(quantile(alone, 0.95))} ms`,
        figure: quantile(times, 0.95),
        unit: 'ms',
        floor: 300,
        atMost: true,
      })
    }
  } finally {
    await close()
    await house.stop()
  }
}

function signInRequest(origin: string): RequestInit {
  const body = JSON.stringify({ email: `${Math.random()}@example.com`, password: 'a wrong password' })
  return { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body }
}

async function timed(url: string, request: RequestInit): Promise<number> {
  const began = performance.now()
  const response = await fetch(url, request)
  await response.arrayBuffer()
  return performance.now() - began
}
