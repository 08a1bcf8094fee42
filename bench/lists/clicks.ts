import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { loadConfig } from '../../server/config.ts'
import type { Database } from '../../server/core/db/db.ts'
import { type BenchServer, benchDir, keyFile, open } from '../database.ts'
import { startHouse } from '../house.ts'
import { quantile, report } from '../report.ts'
import { signIn } from '../session.ts'
import { createRandom, type Random } from '../world/random.ts'
import { openDeskWorld } from './desk-world.ts'

/** Clicks per second, sent without waiting for the answers: about as many as forty users make. */
const clicksPerSecond = 30
/** Idle and busy periods alternate, so that both are measured under the same conditions of the machine. */
const idleMs = 7_000
const shops = ['1', '2', '3', '4']

type Desk = {
  call(method: string, path: string, body?: unknown): Promise<unknown>
  /** Unshipped orders, including those of the bulk actions. */
  orders: { id: string; no: string }[]
  /** Orders that were put on hold and not released yet. */
  held: string[]
  random: Random
}
type Click = { name: string; ms: number }
type Phase = { clicks: Click[]; rows: number; ms: number }

/** The kinds of clicks with their shares. */
const mix: readonly [name: string, share: number, click: (desk: Desk) => Promise<unknown>][] = [
  ['order list', 4, ({ call }) => call('GET', '/api/orders?tab=unconfirmed&limit=100&sort=-createdAt')],
  [
    'filtered list',
    3,
    ({ call, random }) => call('GET', `/api/orders?tab=all&shop=${1 + random.int(4)}&flag=2&limit=100`),
  ],
  ['trade list', 3, ({ call }) => call('GET', '/api/staged-trades?tab=staged&limit=100')],
  ['order counts', 2, ({ call }) => call('GET', '/api/orders/counts')],
  ['trade counts', 2, ({ call }) => call('GET', '/api/staged-trades/counts')],
  ['drawer', 5, ({ call, orders, random }) => call('GET', `/api/orders/${random.pick(orders).id}`)],
  ['search', 3, ({ call, orders, random }) => call('GET', `/api/orders?tab=all&q=${random.pick(orders).no}`)],
  ['hold', 3, (desk) => hold(desk, { reason: 'other', note: '' })],
  ['release', 3, (desk) => hold(desk)],
  ['progress', 3, ({ call }) => call('GET', '/api/batches?running=true')],
]

/**
 * Puts one order on hold, or releases the last one. The bulk action may have changed the order first; a refusal also counts as an answer.
 */
async function hold(desk: Desk, how?: { reason: string; note: string }): Promise<void> {
  const id = how ? desk.random.pick(desk.orders).id : (desk.held.pop() ?? desk.random.pick(desk.orders).id)
  if (how) desk.held.push(id)
  await desk.call('POST', how ? '/api/orders/hold' : '/api/orders/release-hold', { ids: [id], ...how })
}

/**
 * Measures how long the clicks of other users take: while nothing else runs, while orders are confirmed in bulk, while trades are converted
 * in bulk.
 */
export async function benchClicks(server: BenchServer): Promise<void> {
  const databaseUrl = await openDeskWorld(server)
  // The data folder contains this database, so `npm start` finds it already running.
  const house = await startHouse({ DATA_DIR: benchDir, DATABASE_URL: '', SEALING_KEY_PATH: keyFile })
  const { db, close } = open(databaseUrl, 2)
  try {
    const config = loadConfig({ PUBLIC_URL: `http://localhost:${new URL(house.url).port}` })
    const { name, value } = await signIn(db, server.ring, config)
    const desk: Desk = {
      call: caller(house.url, `${name}=${value}`),
      orders: await someOrders(db),
      held: [],
      random: createRandom(30),
    }
    // Warms up: schemas are compiled, connections opened, statements planned.
    await clickWhile(desk, sleep(5000))
    await measure(desk, 'orders.confirm', { tab: 'unconfirmed', held: 'false' })
    await measure(desk, 'trades.convert', { tab: 'staged', reason: 'none' })
  } finally {
    await close()
    await house.stop()
  }
}

function caller(url: string, cookie: string): Desk['call'] {
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        cookie,
        'x-requested-with': 'sanyi',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text)
  }
}

async function someOrders(db: Database): Promise<Desk['orders']> {
  const found = await sql<{ id: string; no: string }>`
    select id, no from sales_order where status in ('unconfirmed', 'confirmed') and id % 97 = 0 order by id`.execute(
    db,
  )
  return found.rows
}

/** Sends clicks at fixed times, however slow the answers are, until the work ends. Clicks begun by then count. */
async function clickWhile(desk: Desk, work: Promise<unknown>): Promise<Click[]> {
  let over = false
  const ended = work.finally(() => {
    over = true
  })
  const clicks: Promise<Click>[] = []
  const began = performance.now()
  while (!over) {
    clicks.push(click(desk))
    await sleep(Math.max(0, began + (clicks.length * 1000) / clicksPerSecond - performance.now()))
  }
  await ended
  return Promise.all(clicks)
}

const deck = mix.flatMap(([name, share, act]) => Array.from({ length: share }, () => ({ name, act })))

async function click(desk: Desk): Promise<Click> {
  const { name, act } = desk.random.pick(deck)
  const began = performance.now()
  await act(desk)
  return { name, ms: performance.now() - began }
}

/** For each shop: first nothing for a while, then its rows in bulk. */
async function measure(desk: Desk, action: string, filter: Record<string, string>): Promise<void> {
  const idle: Phase = { clicks: [], rows: 0, ms: 0 }
  const busy: Phase = { clicks: [], rows: 0, ms: 0 }
  for (const shop of shops) {
    idle.clicks.push(...(await clickWhile(desk, sleep(idleMs))))
    const began = performance.now()
    const work = bulk(desk, action, { ...filter, shop })
    busy.clicks.push(...(await clickWhile(desk, work)))
    busy.ms += performance.now() - began
    busy.rows += await work
    // Waits until jobs of the bulk action have ended.
    await sleep(2000)
  }
  reportBusy(action, idle, busy)
}

async function bulk({ call }: Desk, action: string, filter: Record<string, string>): Promise<number> {
  const { id } = (await call('POST', '/api/batches', { action, target: { filter }, input: {} })) as {
    id: string
  }
  for (;;) {
    const batch = (await call('GET', `/api/batches/${id}`)) as { state: string; succeeded: number }
    if (batch.state === 'done') return batch.succeeded
    if (batch.state === 'stopped') throw new Error(`${action} was stopped`)
    await sleep(250)
  }
}

function reportBusy(action: string, idle: Phase, busy: Phase): void {
  const [quiet, loud] = [quantilesOf(idle.clicks), quantilesOf(busy.clicks)]
  const names = mix.map(([name]) => name)
  const p95 = (phase: Phase, name: string) =>
    Math.round(
      quantile(
        phase.clicks.filter((one) => one.name === name).map(({ ms }) => ms),
        0.95,
      ),
    )
  const facts = {
    idle: quiet,
    busy: loud,
    rowsPerSecond: Math.round((busy.rows * 1000) / busy.ms),
    p95: Object.fromEntries(names.map((name) => [name, [p95(idle, name), p95(busy, name)]])),
  }
  console.log(JSON.stringify(facts))
  report({
    name: 'clicks',
    work: `p95 of ${busy.clicks.length} clicks during ${action}, ${loud.p95} ms, against ${quiet.p95} ms of ${idle.clicks.length} when idle; ${clicksPerSecond} a second`,
    figure: loud.p95 / quiet.p95,
    unit: '×',
    floor: 2,
    atMost: true,
    facts,
  })
}

function quantilesOf(clicks: readonly Click[]): { p50: number; p95: number; p99: number; max: number } {
  const times = clicks.map(({ ms }) => ms)
  const at = (share: number) => Math.round(quantile(times, share) * 10) / 10
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
