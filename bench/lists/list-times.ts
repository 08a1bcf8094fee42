import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import pino from 'pino'
import { buildApp } from '../../server/app.ts'
import { loadConfig } from '../../server/config.ts'
import type { Database } from '../../server/core/db/db.ts'
import { listIds } from '../../server/core/lists/list.ts'
import type { ListQuery, ListTable } from '../../server/core/lists/list-table.ts'
import type { KeyRing } from '../../server/lib/seal.ts'
import { open } from '../database.ts'
import { processorMs } from '../processor.ts'
import { quantile, report } from '../report.ts'
import { signIn } from '../session.ts'

/** `databaseMs`: processor time of the database, which does not depend on other load of the machine. */
export type Timing = { path: string; ms: number; databaseMs: number }

/** The API with a signed-in user, called without a network. */
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
  let pids: number[] = []
  for (const path of paths) {
    if (timings.length % 50 === 0) pids = await connectionsOf(house.db)
    const spent = processorMs(pids)
    const began = performance.now()
    const answer = await house.app.inject({ url: path, headers: { cookie: house.cookie } })
    const ms = performance.now() - began
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${path} ${answer.body}`)
    // A connection's time is complete only once it waits for the next query.
    await sleep(2)
    timings.push({ path, ms, databaseMs: processorMs(pids) - spent })
  }
  return timings
}

async function connectionsOf(db: Database): Promise<number[]> {
  const found = await sql<{ pid: number }>`
    select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`.execute(
    db,
  )
  return found.rows.map(({ pid }) => pid)
}

/** Returns the cursor after `depth` rows, or after the last full step. It is reached in large steps. */
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

/** The limits, in ms, for the 99th percentile and for the slowest. */
export type Floors = { p99: number; worst: number }

/** The limits for pages of lists with `size` rows (docs/decisions/0022). */
export const pageFloors = (size: number): Floors => ({ p99: size > 5_000_000 ? 300 : 150, worst: 1000 })
export const countFloors: Floors = { p99: 250, worst: 1000 }

/** Reports by the clock and by the database's processor time. */
export function reportTimes(
  { name, work, floors }: { name: string; work: string; floors: Floors },
  timings: readonly Timing[],
): void {
  reportOne({ name, work, floors }, timings, 'ms')
  reportOne(
    { name: `${name} cpu`, work: 'the same, of the database’s processor', floors },
    timings,
    'databaseMs',
  )
}

function reportOne(
  { name, work, floors }: { name: string; work: string; floors: Floors },
  timings: readonly Timing[],
  by: 'ms' | 'databaseMs',
): void {
  const ms = timings.map((timing) => timing[by])
  const slowest = timings.toSorted((a, b) => b[by] - a[by]).slice(0, 5)
  const result = { name, unit: 'ms p99', atMost: true, figure: quantile(ms, 0.99), floor: floors.p99 }
  report({
    ...result,
    work: `${work}; p50 ${quantile(ms, 0.5).toFixed(1)}, p95 ${quantile(ms, 0.95).toFixed(1)}`,
    facts: { slowest },
  })
  report({ ...result, unit: 'ms worst', figure: quantile(ms, 1), floor: floors.worst, work: '' })
  for (const { path, [by]: took } of slowest)
    console.log(`    ${took.toFixed(1).padStart(7)} ms  ${decodeURIComponent(path).slice(0, 150)}`)
}
