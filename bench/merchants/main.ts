// npm run prove merchants: a hundred merchants on two servers, idle but polling; and one merchant's bulk job beside another's pages.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import pg from 'pg'
import { type MerchantHouse, openMerchants, tidsOf } from '../../e2e/merchants/merchants-house.ts'
import { type Usage, usageOf } from './usage.ts'

const { values } = parseArgs({
  options: {
    merchants: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '3' },
    bulk: { type: 'string', default: '20000' },
    /** Parts that are measured. */
    parts: { type: 'string', default: 'idle,seen,pages,bulk' },
    /** Puts PgBouncer before the servers. */
    pooler: { type: 'boolean', default: false },
  },
})
const count = Number(values.merchants)
const parts = values.parts.split(',')

/** Idle merchants together take at most this much, and pages beside a bulk job at most this time (p95). */
const [mostCores, mostMegabytes, mostPageMs] = [0.5, 2048, 150]

const pages = [
  '/api/staged-trades?limit=50&tab=staged',
  '/api/orders?limit=50',
  '/api/staged-trades/counts',
  '/api/me',
]

await using house = await openMerchants({
  ...{ merchants: count, servers: 2, trades: 20, pooler: values.pooler },
  poolerSettings: 'default_pool_size = 12\nserver_idle_timeout = 5\nmax_prepared_statements = 100',
  // PostgreSQL's own pause: with the one of a single installation, a worker of autovacuum would begin four times a second.
  settings: { max_connections: '250', autovacuum_naptime: '60s' },
  onAdded: (key, ms) => {
    if (Number(key.slice(1)) % 10 === 0) console.log(`${key} added in ${(ms / 1000).toFixed(1)} s`)
  },
})
const { child: web } = await house.start('web')
const { child: worker } = await house.start('worker')
const postmasters = await Promise.all(
  house.servers.map(async ({ folder }) =>
    Number((await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n')[0]),
  ),
)
const groups = {
  web: [web.pid ?? 0],
  worker: [worker.pid ?? 0],
  postgres: postmasters,
  pgbouncer: house.servers.flatMap(({ pooler }) => pooler?.pid ?? []),
}

const failures: string[] = []
failures.push(...(await firstLoads()))
if (parts.includes('idle')) {
  await sleep(50_000)
  failures.push(...(await idle()))
}
if (parts.includes('seen')) {
  failures.push(...(await seen('with messages of the platform')))
  await fetch(`${house.sandbox.url}/control/push`, { method: 'POST', body: JSON.stringify({ mute: true }) })
  failures.push(...(await seen('by polling alone')))
}
if (parts.includes('pages')) failures.push(...(await allPages()))
if (parts.includes('bulk')) failures.push(...(await besideBulk()))
for (const line of failures) console.error(`✖ ${line}`)
process.exitCode = failures.length > 0 ? 1 : 0

/** The first downloads of all merchants at once. */
async function firstLoads(): Promise<string[]> {
  const began = performance.now()
  const { most } = await countingConnections(async () => {
    for (const merchant of house.merchants) while ((await tidsOf(merchant)).size < 20) await sleep(500)
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  console.log(`first downloads of all in ${seconds} s  at most ${most} connections a server`)
  return most > 100 ? [`${most} connections during first downloads`] : []
}

/** A person of every merchant opens pages at the same moment. */
async function allPages(): Promise<string[]> {
  const { most, result } = await countingConnections(() =>
    Promise.all(
      house.merchants.flatMap((merchant) =>
        pages.map(async (page) => {
          const asked = performance.now()
          const { status } = await house.call(merchant.host, page, merchant)
          if (status !== 200) throw new Error(`${page}: ${status}`)
          return performance.now() - asked
        }),
      ),
    ),
  )
  const { megabytes } = usages().web
  console.log(
    `${result.length} pages asked at once in ${(Math.max(...result) / 1000).toFixed(1)} s  web ${megabytes.toFixed(0)} MB  at most ${most} connections a server`,
  )
  return most > 100 ? [`${most} connections while all open pages`] : []
}

/** Does work, and returns the most connections that a server had meanwhile. */
async function countingConnections<T>(work: () => Promise<T>): Promise<{ most: number; result: T }> {
  let [most, isOver] = [0, false]
  const counting = (async () => {
    while (!isOver) {
      most = Math.max(
        most,
        ...(await Promise.all(house.servers.map(({ postgres }) => connectionsOf(postgres.url)))),
      )
      await sleep(250)
    }
  })()
  const result = await work().finally(() => {
    isOver = true
  })
  await counting
  return { most, result }
}

function usages(): Record<keyof typeof groups, Usage> {
  return {
    web: usageOf(groups.web),
    worker: usageOf(groups.worker),
    postgres: usageOf(groups.postgres),
    pgbouncer: usageOf(groups.pgbouncer),
  }
}

/** Measures processor, memory and connections while nothing happens. */
async function idle(): Promise<string[]> {
  const before = usages()
  const began = performance.now()
  const connections: number[] = []
  while (performance.now() - began < Number(values.minutes) * 60_000) {
    connections.push(...(await Promise.all(house.servers.map(({ postgres }) => connectionsOf(postgres.url)))))
    await sleep(1000)
  }
  const seconds = (performance.now() - began) / 1000
  const after = usages()
  let [cores, megabytes] = [0, 0]
  for (const name of ['web', 'worker', 'postgres', 'pgbouncer'] as const) {
    if (groups[name].length === 0) continue
    const used = (after[name].seconds - before[name].seconds) / seconds
    cores += used
    megabytes += after[name].megabytes
    console.log(`${name.padEnd(10)} ${used.toFixed(3)} core  ${after[name].megabytes.toFixed(0)} MB`)
  }
  const most = Math.max(...connections)
  console.log(
    `together   ${cores.toFixed(3)} core  ${megabytes.toFixed(0)} MB  at most ${most} connections a server`,
  )
  return [
    ...(cores > mostCores ? [`${cores.toFixed(3)} core`] : []),
    ...(megabytes > mostMegabytes ? [`${megabytes.toFixed(0)} MB`] : []),
    ...(most > 100 ? [`${most} connections`] : []),
  ]
}

/** The connections of merchants and of the directory to a server, without those by which this program looks. */
async function connectionsOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> 'e2e'`,
  )
  await client.end()
  return rows[0]?.n ?? 0
}

/** A trade of every merchant, at moments spread over a visit. */
async function seen(how: string): Promise<string[]> {
  const times = await Promise.all(
    house.merchants.map(async (merchant, at) => {
      await sleep((at % 30) * 1000)
      return seenMs(merchant)
    }),
  )
  times.sort((a, b) => a - b)
  const at = (share: number) => ((times[Math.ceil(times.length * share) - 1] ?? 0) / 1000).toFixed(1)
  console.log(
    `seen ${how} after ${at(0.5)} s (median), ${at(0.95)} s (p95), ${at(1)} s (last of ${times.length})`,
  )
  return (times.at(-1) ?? 0) > 60_000 ? [`seen after ${at(1)} s`] : []
}

async function seenMs(merchant: MerchantHouse): Promise<number> {
  const [tid = ''] = await house.addTrades(merchant, 1)
  const began = performance.now()
  while (!(await tidsOf(merchant)).has(tid)) await sleep(500)
  return performance.now() - began
}

/** The pages of one merchant, while another one on the same server converts thousands of trades. */
async function besideBulk(): Promise<string[]> {
  const [busy, , other] = house.merchants
  if (!busy || !other) throw new Error('three merchants are needed')
  const wanted = Number(values.bulk)
  await sql`update task set enabled = false where kind = 'auto_convert_trades'`.execute(busy.db)
  const began = performance.now()
  await house.addTrades(busy, wanted)
  while ((await stagedOf(busy)) < wanted) await sleep(1000)
  console.log(`${wanted} trades downloaded in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  await pagesOf(other, 5_000, () => false)
  const before = await pagesOf(other, 30_000, () => false)
  const body = { action: 'trades.convert', target: { filter: { tab: 'staged' } }, input: {} }
  const started = await house.call(busy.host, '/api/batches', { ...busy, method: 'POST', body })
  const converting = performance.now()
  let isOver = false
  const ending = untilBatchIsOver(busy, Object(started.body).id).then((done) => {
    isOver = true
    return done
  })
  const during = await pagesOf(other, 300_000, () => isOver)
  const done = await ending
  const seconds = (performance.now() - converting) / 1000
  console.log(
    `${done} trades converted in ${seconds.toFixed(0)} s; pages of another merchant p95 ${before.toFixed(0)} ms before, ${during.toFixed(0)} ms meanwhile`,
  )
  return during > mostPageMs ? [`p95 ${before.toFixed(0)} ms → ${during.toFixed(0)} ms`] : []
}

/** The trades that may be converted. */
async function stagedOf({ db }: MerchantHouse): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from staged_trade where state = 'staged'`.execute(db)
  return rows[0]?.n ?? 0
}

async function untilBatchIsOver(merchant: MerchantHouse, id: string): Promise<number> {
  for (;;) {
    const { body } = await house.call(merchant.host, `/api/batches/${id}`, merchant)
    const { state, succeeded } = Object(body)
    if (state === 'done') return succeeded
    await sleep(1000)
  }
}

/** Returns the 95th percentile of the answers' milliseconds, five a second. */
async function pagesOf(merchant: MerchantHouse, forMs: number, isOver: () => boolean): Promise<number> {
  const times: number[] = []
  const began = performance.now()
  for (let turn = 0; performance.now() - began < forMs && !isOver(); turn += 1) {
    const asked = performance.now()
    const { status } = await house.call(merchant.host, pages[turn % pages.length] ?? '', merchant)
    if (status !== 200) throw new Error(`${pages[turn % pages.length]}: ${status}`)
    times.push(performance.now() - asked)
    await sleep(Math.max(0, 200 - (performance.now() - asked)))
  }
  times.sort((a, b) => a - b)
  return times[Math.ceil(times.length * 0.95) - 1] ?? 0
}
