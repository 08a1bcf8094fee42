import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { demoShops } from '../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../sandbox/server.ts'
import { connectors } from '../server/connectors/index.ts'
import { type Database, openDatabase } from '../server/core/db/db.ts'
import { nodeFlags } from '../server/core/embedded/children.ts'
import { loadKeyRing } from '../server/lib/seal.ts'
import { connectDemoShops } from '../server/shops/demo.ts'
import { type Caller, callerAt } from '../server/testing/app.ts'
import { type TestDatabase, testDatabase } from '../server/testing/database.ts'
import { freePort } from '../server/testing/free-port.ts'
import { until } from '../server/testing/until.ts'
import { sessionCookieName, signCookie } from '../server/users/sign-in/auth.ts'
import { giveShopTasks } from '../server/worker.ts'

type Name = 'worker' | 'web'

/** A whole Sanyi with real processes, and a simulator with twelve shops. */
export type House = {
  url: string
  databaseUrl: string
  db: Database
  sandbox: RunningSandbox
  /** A user with all permissions. */
  boss: Caller
  shops: { id: string; key: string; name: string; platform: string }[]
  logs: { name: string; text: string }[]
  /** Processes that ended without being asked to, with the end of their logs. They were restarted. */
  deaths: string[]
  control(path: string, body?: unknown): Promise<unknown>
  start(name: Name, number?: number): Promise<void>
  /** Kills a process with SIGKILL. Settles with the process's id when it has ended. */
  kill(name: Name, number?: number): Promise<number | undefined>
  stop(name: Name): Promise<void>
  /** The environment of its processes. */
  environment(): Record<string, string | undefined>
  /** Moves the platforms' clock, the clock of workers started later, and the database's clock as those workers see it. */
  advance(ms: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type HouseOptions = {
  /** Trades of each shop at the start. */
  trades: number
  /** How many of the demo's shops; default: all. */
  shops?: number | undefined
  seed?: string
  /** Default: a database of the test server. */
  database?: Pick<TestDatabase, 'url' | 'owner'>
}

export async function openHouse(options: HouseOptions): Promise<House> {
  const own = options.database ? undefined : await testDatabase()
  const base = options.database ?? own
  if (!base) throw new Error('a house without a database')
  const databaseUrl = base.url
  const shops = demoShops.slice(0, options.shops)
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-e2e-'))
  const keyPath = join(folder, 'keys', 'sealing.json')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const database = openDatabase(databaseUrl, { max: 6, name: 'e2e' })
  let aheadMs = 0
  const sandbox = await startSandbox({
    port: 0,
    seed: options.seed ?? 'day',
    shops: shops.map((shop) => ({ ...shop, trades: options.trades })),
    clock: { now: () => Date.now() + aheadMs },
    spreadSeconds: 2 * 86_400,
  })
  const ring = await loadKeyRing(keyPath)
  const ids = await connectDemoShops(
    { db: database.db, ring, connectors, onShopConnected: giveShopTasks },
    sandbox.url,
    shops,
  )
  // WeChat lists numbers only, so that each trade of a list is a call; a compressed day has many at once.
  await sql`update shop set settings = settings || '{"requestsPerSecond": 200}' where platform = 'weixin'`.execute(
    database.db,
  )
  const { id: userId, token } = await insertBoss(database.db)
  const children = new Map<string, ChildProcess>()
  const logs: House['logs'] = []
  const deaths: string[] = []
  const house: House = {
    url,
    databaseUrl,
    db: database.db,
    sandbox,
    boss: callerAt(url, userId, `${sessionCookieName({ publicUrl: url })}=${signCookie(ring, token)}`),
    shops: shops.map(({ key, name, platform }, at) => ({ id: ids[at] ?? '', key, name, platform })),
    logs,
    deaths,
    control: (path, body) => control(sandbox.url, path, body),
    environment: () => ({
      ...process.env,
      DATABASE_URL: databaseUrl,
      DATA_DIR: folder,
      SEALING_KEY_PATH: keyPath,
      PORT: String(port),
      LISTEN_HOST: '127.0.0.1',
      PUBLIC_URL: url,
      LOG_LEVEL: 'info',
      SIMULATOR: '1',
      CLOCK_AHEAD_MS: String(aheadMs),
    }),
    async start(name, number = 0) {
      const log = { name: `${name} ${number}`, text: '' }
      logs.push(log)
      const env = house.environment()
      const key = `${name} ${number}`
      const child = startChild(name, env, log)
      children.set(key, child)
      child.once('exit', (code, signal) => {
        if (children.get(key) !== child) return
        deaths.push(`${key} ${signal ?? code}: ${log.text.slice(-300)}`)
        void sleep(300).then(() => (children.get(key) === child ? house.start(name, number) : undefined))
      })
      await until(
        () =>
          name === 'web'
            ? answers(`${url}/healthz`)
            : log.text.includes('"working"') || child.exitCode !== null,
        60_000,
      )
    },
    async kill(name, number = 0) {
      const pid = children.get(`${name} ${number}`)?.pid
      await end(children, `${name} ${number}`, 'SIGKILL')
      return pid
    },
    async stop(name) {
      for (const key of [...children.keys()].filter((one) => one.startsWith(name)))
        await end(children, key, 'SIGTERM')
    },
    async advance(ms) {
      aheadMs += ms
      await base.owner(clockAhead(aheadMs))
    },
    async [Symbol.asyncDispose]() {
      for (const key of [...children.keys()]) await end(children, key, 'SIGKILL')
      await sandbox.close()
      await database.close()
      await own?.[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return house
}

/** New connections find our function before the server's own. The transaction's time does not change. */
function clockAhead(ms: number): string {
  return `
    create or replace function public.clock_timestamp() returns timestamptz language sql volatile as
      $$ select pg_catalog.clock_timestamp() + interval '${ms} milliseconds' $$;
    do $$ begin execute format('alter database %I set search_path = public, pg_catalog', current_database()); end $$;`
}

/** Starts a process and collects its log, which the checker searches for personal data. */
function startChild(
  name: Name,
  env: Record<string, string | undefined>,
  log: { text: string },
): ChildProcess {
  const script = fileURLToPath(
    new URL(name === 'web' ? '../server/start/web.ts' : '../server/worker.ts', import.meta.url),
  )
  const clock = new URL('clock.ts', import.meta.url).href
  // The channel closes when this process ends for any reason, and the child then ends too.
  const child = spawn(process.execPath, [...nodeFlags, '--import', clock, script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const keep = (chunk: Buffer) => {
    log.text += chunk.toString()
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return child
}

async function end(children: Map<string, ChildProcess>, key: string, signal: NodeJS.Signals): Promise<void> {
  const child = children.get(key)
  children.delete(key)
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((settle) => child.once('exit', settle))
  child.kill(signal)
  await gone
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok ?? false
}

async function control(sandboxUrl: string, path: string, body?: unknown): Promise<unknown> {
  const [verb = 'GET', rest = path] = path.includes(' ')
    ? path.split(' ')
    : [body === undefined ? 'GET' : 'POST', path]
  const response = await fetch(`${sandboxUrl}/control/${rest}`, {
    method: verb,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return response.json()
}

async function insertBoss(db: Database): Promise<{ id: string; token: string }> {
  const token = randomBytes(24).toString('hex')
  const made = await sql<{ id: string }>`
    with person as (
      insert into app_user (email, name, all_shops, shop_ids) values ('boss@example.com', '店长', true, '{}') returning id
    ), part as (
      insert into role (name, permissions) values ('everything', '{*}') returning id
    ), granted as (
      insert into user_role (user_id, role_id) select person.id, part.id from person, part
    ), session as (
      insert into user_session (user_id, token, expires_at) select id, ${token}, now() + interval '1 day' from person
    )
    select id from person`.execute(db)
  return { id: made.rows[0]?.id ?? '', token }
}
