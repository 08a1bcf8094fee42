import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { wholeScope } from '../server/actor.ts'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/config.ts'
import type { Database } from '../server/db.ts'
import { tradeQuery, tradeTable } from '../server/intake/trade-list.ts'
import type { KeyRing } from '../server/lib/seal.ts'
import { listIds } from '../server/list.ts'
import { open } from './database.ts'
import { type ListQuestion, questions, singleFilters, sorts } from './list-queries.ts'
import { quantile, report } from './report.ts'
import { signIn } from './session.ts'
import type { World } from './world.ts'

type Timing = { path: string; ms: number }

type House = { app: FastifyInstance; cookie: string; db: Database; ring: KeyRing }

/** The staged trades' list and counts, through the API as the screen asks for them. */
export async function benchLists(world: World, ring: KeyRing, combinations: number): Promise<void> {
  const { db, pool, close } = open(world.url)
  const config = loadConfig({ PORT: '0' })
  const app = await buildApp({ db, pool, config, ring, log: pino({ level: 'silent' }) })
  try {
    const cookie = await signIn(db, ring, config)
    const house = { app, cookie: `${cookie.name}=${cookie.value}`, db, ring }
    const asked = await questions(db, combinations)
    const first = await timeAll(
      house,
      asked.map((question) => pathOf(question)),
    )
    reportLists(
      'lists',
      `${asked.length} lists: every filter and sort alone, ${combinations} of three combined, first page`,
      first,
    )
    const deep = await deepPaths(house, Math.min(500_000, Math.round(world.size / 10)))
    reportLists(
      'lists deep',
      `${deep.length} lists after a cursor of 500,000 rows`,
      await timeAll(house, deep),
    )
    const counts = (await singleFilters(db)).map(
      (filters) => `/api/staged-trades/counts?${new URLSearchParams(filters)}`,
    )
    reportLists(
      'tab counts',
      `${counts.length} sets of tab counts: every filter alone`,
      await timeAll(house, counts),
    )
  } finally {
    await app.close()
    await close()
  }
}

function pathOf({ tab, sort, filters }: ListQuestion, after?: string): string {
  const query = new URLSearchParams({ tab, sort, ...filters, ...(after ? { after } : {}) })
  return `/api/staged-trades?${query}`
}

async function timeAll(house: House, paths: readonly string[]): Promise<Timing[]> {
  const timings: Timing[] = []
  for (const path of paths) {
    const began = performance.now()
    const answer = await house.app.inject({ url: path, headers: { cookie: house.cookie } })
    const ms = performance.now() - began
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${path} ${answer.body}`)
    timings.push({ path, ms })
  }
  return timings
}

/** The cursor is walked to in large steps; the pages that are timed are asked from there on. */
async function deepPaths(house: House, depth: number): Promise<string[]> {
  const paths: string[] = []
  const step = 20_000
  for (const sort of sorts) {
    const query = await tradeQuery(house.db, house.ring, { tab: 'staged' }, wholeScope, sort)
    let after: string | undefined
    for (let passed = 0; passed < depth; passed += step) {
      const page = await listIds(house.db, tradeTable, query, { limit: step, after })
      if (page.next === null) break
      after = page.next
    }
    if (after)
      for (let at = 0; at < 5; at += 1) paths.push(pathOf({ tab: 'staged', sort, filters: {} }, after))
    for (const filters of [{ shop: '2' }, { hasMemo: 'true' }, { flag: '1,2,3,4,5', shop: '2,3' }])
      paths.push(...(await filteredDeep(house, filters, sort)))
  }
  return paths
}

/** A filtered cursor half-way through what matches. */
async function filteredDeep(house: House, filters: Record<string, string>, sort: string): Promise<string[]> {
  const query = await tradeQuery(house.db, house.ring, filters, wholeScope, sort)
  let after: string | undefined
  for (let step = 0; step < 10; step += 1) {
    const page = await listIds(house.db, tradeTable, query, { limit: 2000, after })
    if (page.next === null) break
    after = page.next
  }
  return after ? [pathOf({ tab: 'staged', sort, filters }, after)] : []
}

function reportLists(name: string, work: string, timings: readonly Timing[]): void {
  const ms = timings.map((timing) => timing.ms)
  const slowest = [...timings].sort((a, b) => b.ms - a.ms).slice(0, 10)
  report({
    name,
    work: `${work}; p50 ${quantile(ms, 0.5).toFixed(1)}, p95 ${quantile(ms, 0.95).toFixed(1)}, max ${quantile(ms, 1).toFixed(1)} ms`,
    figure: quantile(ms, 0.99),
    unit: 'ms p99',
    floor: 50,
    atMost: true,
    facts: { slowest, over50: ms.filter((one) => one > 50).length },
  })
  for (const { path, ms: took } of slowest)
    console.log(`    ${took.toFixed(1).padStart(7)} ms  ${decodeURIComponent(path).slice(0, 150)}`)
}
