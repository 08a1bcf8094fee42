// npm run prove -- point-in-time: an installation trades on an embedded server, whose log keeper is killed at random; then the server is killed, and
// random seconds of its life are restored. The server noted when each transaction was committed, so the histories can be compared to the row.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import pg from 'pg'
import { migrate } from '../../server/core/db/migrate.ts'
import { applicationRole, type Postgres, startPostgres } from '../../server/core/embedded/postgres.ts'
import { recover } from '../../server/core/point-in-time/recover.ts'
import { toChinaTime } from '../../server/lib/time.ts'
import { openHouse } from '../day-house.ts'
import { hurry } from '../settle.ts'

const { values } = parseArgs({
  options: {
    restores: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: 'second' },
  },
})
/** Tables whose rows are never changed, and the one of this proof. */
const histories = ['order_event', 'trade_event', 'stock_movement', 'audit_log', 'proof_tick']
const settings = { track_commit_timestamp: 'on', shared_buffers: '128MB' }

const folder = await mkdtemp(join(tmpdir(), 'sanyi-seconds-'))
await chmod(folder, 0o755)
await mkdir(join(folder, 'dead'))
const dataDir = join(folder, 'dead', 'postgres')
const place = join(folder, 'place')
/** Stopped at the end, also after a failure. */
const started: Postgres[] = []
const storage = { bucket: undefined, staging: join(folder, 'staging') }
try {
  await prove()
} finally {
  for (const server of started) await server.stop().catch(() => {})
  await rm(folder, { recursive: true, force: true })
}

async function prove(): Promise<void> {
  const server = await startPostgres({ dataDir, settings })
  started.push(server)
  await migrate(server.url, { application: applicationRole })
  const { from, to } = await trade(server)
  const dead = await startPostgres({ dataDir, settings })
  started.push(dead)
  const seconds = fc.sample(fc.integer({ min: from, max: to }), {
    numRuns: Number(values.restores),
    seed: [...values.seed].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) | 0,
  })
  let rows = 0
  for (const [index, second] of seconds.entries()) {
    const at = new Date(second * 1000)
    const name = `restored-${index}`
    await mkdir(join(folder, name))
    const began = performance.now()
    await recover({
      ...{ dataDir: join(folder, name, 'postgres'), place, at, timeline: undefined, replace: false, storage },
      ...{ disk: join(folder, 'dead'), say: () => {} },
    })
    const took = ((performance.now() - began) / 1000).toFixed(1)
    const restored = await startPostgres({ dataDir: join(folder, name, 'postgres'), settings })
    started.push(restored)
    const found = await historiesOf(restored, undefined)
    assert.deepEqual(found, await historiesOf(dead, at), toChinaTime(at))
    assert.equal(await unequalStock(restored), 0)
    await restored.stop()
    await rm(join(folder, name), { recursive: true })
    rows += found.reduce((sum, { count }) => sum + count, 0)
    console.log(
      `${toChinaTime(at)}  ${took} s  ${found.map(({ table, count }) => `${table} ${count}`).join(', ')}`,
    )
  }
  await dead.stop()
  console.log(`${seconds.length} restores, ${rows} rows of histories compared`)
}

/** Trades until the server is killed. Returns the first and the last second that can be restored. */
async function trade(server: Postgres): Promise<{ from: number; to: number }> {
  const owner = (text: string) => onServer(server.url, async (client) => void (await client.query(text)))
  await owner(
    'create table proof_tick (n bigint generated always as identity, at timestamptz default clock_timestamp())',
  )
  const house = await openHouse({
    ...{ trades: 60, shops: 3, seed: values.seed },
    database: { url: server.applicationUrl, owner },
  })
  const stopping = new AbortController()
  try {
    await house.start('web')
    await hurry(house)
    await house.start('worker')
    await owner(
      `update task set enabled = true, next_run_at = now() + interval '1 day', params = params || '{"place": "${place}"}' where kind = 'backup'`,
    )
    const keeping = keepAndKill(server, house.environment(), stopping.signal)
    const ticking = tick(server, stopping.signal)
    await house.control('rate', { newTradesPerMinute: 240, eventsPerMinute: 120 })
    const from = await firstBase(server)
    await sleep(Number(values.minutes) * 60_000)
    const [pid] = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n')
    const to = Math.floor((await nowOf(server)) - 2)
    process.kill(Number(pid), 'SIGKILL')
    stopping.abort()
    await Promise.allSettled([keeping, ticking])
    return { from, to }
  } finally {
    stopping.abort()
    await house[Symbol.asyncDispose]()
  }
}

/** Runs the log keeper, and kills it every few seconds. */
async function keepAndKill(server: Postgres, env: Record<string, string | undefined>, signal: AbortSignal) {
  const script = fileURLToPath(new URL('../../server/start/log-keeper.ts', import.meta.url))
  for (let pause = 20_000; !signal.aborted; pause = 3000 + ((pause * 7) % 17_000)) {
    const child: ChildProcess = spawn(process.execPath, [script], {
      env: { ...env, DATA_DIR: join(folder, 'dead'), DATABASE_OWNER_URL: server.url },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    await sleep(pause, undefined, { signal }).catch(() => {})
    child.kill('SIGKILL')
  }
}

async function tick({ url }: Postgres, signal: AbortSignal): Promise<void> {
  await onServer(url, async (client) => {
    while (!signal.aborted) {
      await client.query('insert into proof_tick default values')
      await sleep(100)
    }
  })
}

async function firstBase({ url }: Postgres): Promise<number> {
  for (;;) {
    const found = await onServer(url, (client) =>
      client.query<{ at: number | null }>(
        'select ceil(extract(epoch from restorable_from))::float8 as at from kept_log',
      ),
    )
    const at = found.rows[0]?.at
    if (at) return at
    await sleep(500)
  }
}

function nowOf({ url }: Postgres): Promise<number> {
  return onServer(url, async (client) => {
    const { rows } = await client.query<{ at: number }>(
      'select extract(epoch from clock_timestamp())::float8 as at',
    )
    return rows[0]?.at ?? assert.fail()
  })
}

type History = { table: string; count: number; sum: string }

/** The rows of each history, and a sum over their content. With `at`: those that were committed by then. */
function historiesOf({ url }: Postgres, at: Date | undefined): Promise<History[]> {
  return onServer(url, async (client) => {
    const found: History[] = []
    for (const table of histories) {
      const { rows } = await client.query<{ count: number; sum: string }>(
        `select count(*)::int as count, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as sum from ${table} t
        ${at ? 'where coalesce(pg_xact_commit_timestamp(xmin), $1) <= $1' : ''}`,
        at ? [at] : [],
      )
      found.push({ table, count: rows[0]?.count ?? -1, sum: rows[0]?.sum ?? '' })
    }
    return found
  })
}

/** The number of balances that are not the sum of their movements. */
function unequalStock({ url }: Postgres): Promise<number> {
  return onServer(url, async (client) => {
    const { rows } = await client.query<{ count: number }>(`
      select count(*)::int as count from stock s
      where on_hand <> (select coalesce(sum(m.quantity), 0) from stock_movement m where m.sku_id = s.sku_id and m.warehouse_id = s.warehouse_id)`)
    return rows[0]?.count ?? -1
  })
}

async function onServer<Answer>(url: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}
