import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { buildApp } from '../../server/app.ts'
import { loadConfig } from '../../server/config.ts'
import type { Database } from '../../server/core/db/db.ts'
import { listIds } from '../../server/core/lists/list.ts'
import type { ListQuery, ListTable } from '../../server/core/lists/list-table.ts'
import type { KeyRing } from '../../server/lib/seal.ts'
import { open } from '../database.ts'
import { quantile, report } from '../report.ts'
import { signIn } from '../session.ts'

export type Timing = { path: string; ms: number }

/** The API with somebody signed in, without a network. */
export type House = { app: FastifyInstance; cookie: string; db: Database; ring: KeyRing }

export async function inHouse(
  url: string,
  ring: KeyRing,
  work: (house: House) => Promise<void>,
): Promise<void> {
  const { db, pool, close } = open(url)
  const config = loadConfig({ PORT: '0' })
  const app = await buildApp({ db, pool, config, ring, log: pino({ level: 'silent' }) })
  try {
    const cookie = await signIn(db, ring, config)
    await work({ app, cookie: `${cookie.name}=${cookie.value}`, db, ring })
  } finally {
    await app.close()
    await close()
  }
}

export async function timeAll(house: House, paths: readonly string[]): Promise<Timing[]> {
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

/** The cursor behind so many rows, or behind the last full step: walked to in large steps. */
export async function cursorAt<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  { depth, step }: { depth: number; step: number },
): Promise<string | undefined> {
  let after: string | undefined
  for (let passed = 0; passed < depth; passed += step) {
    const page = await listIds(db, table, query, { limit: step, after })
    if (page.next === null) break
    after = page.next
  }
  return after
}

/** `floor`: milliseconds that the 99th percentile must stay below. */
export function reportTimes(
  { name, work, floor }: { name: string; work: string; floor: number },
  timings: readonly Timing[],
): void {
  const ms = timings.map((timing) => timing.ms)
  const slowest = [...timings].sort((a, b) => b.ms - a.ms).slice(0, 10)
  report({
    name,
    work: `${work}; p50 ${quantile(ms, 0.5).toFixed(1)}, p95 ${quantile(ms, 0.95).toFixed(1)}, max ${quantile(ms, 1).toFixed(1)} ms`,
    figure: quantile(ms, 0.99),
    unit: 'ms p99',
    floor,
    atMost: true,
    facts: { slowest, [`over${floor}`]: ms.filter((one) => one > floor).length },
  })
  for (const { path, ms: took } of slowest)
    console.log(`    ${took.toFixed(1).padStart(7)} ms  ${decodeURIComponent(path).slice(0, 150)}`)
}
