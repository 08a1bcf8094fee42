import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { type RunningSandbox, startSandbox } from '../../sandbox/server.ts'
import { type Config, loadConfig } from '../../server/config.ts'
import { connectors } from '../../server/connectors/index.ts'
import { type OpenDatabase, openDatabase } from '../../server/core/db/db.ts'
import { type Directory, openDirectory } from '../../server/core/directory/directory.ts'
import {
  keyPathOf,
  merchantOf,
  ownerUrlOf,
  putServer,
  serverOf,
} from '../../server/core/directory/merchants.ts'
import { type Postgres, startPostgres } from '../../server/core/embedded/postgres.ts'
import { mapConcurrent } from '../../server/lib/few-at-a-time.ts'
import { type KeyRing, loadKeyRing } from '../../server/lib/seal.ts'
import { addMerchant } from '../../server/merchants/add.ts'
import { connectDemoShops } from '../../server/shops/demo.ts'
import { insertUser } from '../../server/testing/app.ts'
import { freePort } from '../../server/testing/free-port.ts'
import { until } from '../../server/testing/until.ts'
import { sessionCookieName, signCookie } from '../../server/users/sign-in/auth.ts'
import { giveShopTasks } from '../../server/worker.ts'
import { openServerPooler, type ServerPooler } from '../pooler.ts'

export type Answer = { status: number; body: unknown; headers: Record<string, unknown>; cookies: string[] }

export type KillAt = string | (() => Promise<boolean>)

type Asked = { cookie?: string; bearer?: string; method?: string; body?: unknown }

export type MerchantHouse = OpenDatabase & {
  key: string
  host: string
  ring: KeyRing
  /** The link for its first administrator. */
  link: string
  shopId: string
  shopKey: string
  /** The cookie of a user with all permissions. */
  cookie: string
}

/** Many merchants on servers of their own, each with one shop in one simulator. */
export type MerchantsHouse = {
  directory: Directory
  config: Config
  env: Record<string, string>
  sandbox: RunningSandbox
  servers: { postgres: Postgres; pooler: ServerPooler | undefined; folder: string }[]
  merchants: MerchantHouse[]
  /** Calls the web process with this host name. */
  call(host: string, path: string, options?: Asked): Promise<Answer>
  /** The merchant's database where the directory says that it is now. */
  reopen(merchant: MerchantHouse): Promise<OpenDatabase>
  addTrades(merchant: MerchantHouse, count: number): Promise<string[]>
  /** Runs `npm run merchant -- …`, and kills it once it has said this, or once this holds; undefined: waits for its end. Returns its output. */
  command(args: string[], killAt?: KillAt): Promise<string>
  /** `main`: `npm run merchants -- --role=worker`, which keeps a worker process. */
  start(name: 'web' | 'worker' | 'main'): Promise<{ child: ChildProcess; log: { text: string } }>
  [Symbol.asyncDispose](): Promise<void>
}

export type MerchantsOptions = {
  merchants: number
  servers: number
  /** Trades of each shop at the start. */
  trades: number
  pooler: boolean
  settings?: Record<string, string>
  poolerSettings?: string
  onAdded?: (key: string, ms: number) => void
}

export async function openMerchants(options: MerchantsOptions): Promise<MerchantsHouse> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-merchants-'))
  await chmod(folder, 0o755)
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const servers = await Promise.all(
    Array.from({ length: options.servers }, (_, at) =>
      openServer(stack, join(folder, `s${at + 1}`), options),
    ),
  )
  const [first] = servers
  if (!first) throw new Error('merchants need a server')
  const port = await freePort()
  const env = {
    PORT: String(port),
    LISTEN_HOST: '127.0.0.1',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DIRECTORY_URL: first.postgres.url,
    DATA_DIR: folder,
    SIMULATOR: '1',
    WEB_CONNECTIONS: '3',
    WORKER_CONNECTIONS: '8',
  }
  const config = loadConfig(env)
  const directory = await openDirectory(config)
  stack.defer(() => directory.close())
  for (const [at, { postgres, pooler }] of servers.entries())
    await putServer(directory, { name: `s${at + 1}`, ownerUrl: postgres.url, pooler: pooler?.host ?? null })
  const shops = Array.from({ length: options.merchants }, (_, at) => shopOf(at, options.trades))
  const sandbox = await startSandbox({ port: 0, seed: 'merchants', rate: null, shops, spreadSeconds: 3600 })
  stack.defer(() => sandbox.close())
  const merchants = await mapConcurrent([...shops.entries()], async ([at, shop]) => {
    const began = performance.now()
    const server = `s${(at % options.servers) + 1}`
    const merchant = await makeMerchant({ directory, config, sandbox }, { at, shop, server })
    stack.defer(() => merchant.close())
    options.onAdded?.(merchant.key, performance.now() - began)
    return merchant
  })
  const owned = stack.move()
  return {
    ...{ directory, config, env, sandbox, servers, merchants },
    call: (host, path, asked = {}) => call(port, host, path, asked),
    async reopen({ key }) {
      const opened = await openOwner(directory, key)
      owned.defer(() => opened.close())
      return opened
    },
    async addTrades({ shopKey }, count) {
      const answer = await fetch(`${sandbox.url}/control/trades`, {
        method: 'POST',
        body: JSON.stringify({ shop: shopKey, count, status: 'WAIT_SELLER_SEND_GOODS' }),
      })
      return Object(await answer.json()).tids
    },
    command: (args, killAt) => runCommand(args, env, killAt),
    start: (name) => startProcess(owned, name, env),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function openServer(
  stack: AsyncDisposableStack,
  folder: string,
  { pooler: wanted, settings = {}, poolerSettings = '' }: MerchantsOptions,
): Promise<MerchantsHouse['servers'][number]> {
  const postgres = await startPostgres({
    dataDir: folder,
    settings: { fsync: 'off', synchronous_commit: 'off', shared_buffers: '128MB', ...settings },
  })
  stack.defer(() => postgres.stop())
  const pooler = wanted ? await openServerPooler(postgres.url, poolerSettings) : undefined
  if (pooler) stack.use(pooler)
  return { postgres, pooler, folder }
}

/** Shops of two merchants differ in everything but their id in the database, which is 1 for each. */
function shopOf(at: number, trades: number) {
  const digits = String(at + 1).padStart(4, '0')
  return {
    platform: 'tmall' as const,
    key: `shop-${digits}`,
    name: `商家${digits}旗舰店`,
    appKey: `2345${digits}`,
    appSecret: `5f1c0d7a9e3b48d6a2c4e8f01b3d${digits}`,
    sessionKey: `6100a1b2c3d4e5f60718293a4b5c6d7e8f${digits}`,
    refreshToken: `6101f0e1d2c3b4a5968778695a4b3c2d1e${digits}`,
    trades,
  }
}

type Parts = Pick<MerchantsHouse, 'directory' | 'config' | 'sandbox'>

async function makeMerchant(
  { directory, config, sandbox }: Parts,
  { at, shop, server }: { at: number; shop: ReturnType<typeof shopOf>; server: string },
): Promise<MerchantHouse> {
  const key = `m${at + 1}`
  const host = `${key}.example.com`
  const link = await addMerchant(directory, {
    ...{ key, server, hosts: [host], publicUrl: config.publicUrl, say: () => {} },
  })
  const database = await openOwner(directory, key)
  const ring = await loadKeyRing(keyPathOf(directory, key))
  const deps = { db: database.db, ring, connectors, onShopConnected: giveShopTasks }
  const [shopId = ''] = await connectDemoShops(deps, sandbox.url, [shop])
  const { token } = await insertUser(database, ['*'], 'all')
  const cookie = `${sessionCookieName({ publicUrl: config.publicUrl })}=${signCookie(ring, token)}`
  return { ...database, key, host, ring, link, shopId, shopKey: shop.key, cookie }
}

async function openOwner(directory: Directory, key: string): Promise<OpenDatabase> {
  const merchant = await merchantOf(directory, key)
  const url = ownerUrlOf(directory, merchant, await serverOf(directory, merchant.server))
  return openDatabase(url, { max: 2, name: 'e2e', idleMs: 1000 })
}

function call(
  port: number,
  host: string,
  path: string,
  { cookie, bearer, method = 'GET', body }: Asked,
): Promise<Answer> {
  return new Promise((settle, fail) => {
    const headers = {
      host: `${host}:${port}`,
      ...(cookie === undefined ? {} : { cookie }),
      ...(bearer === undefined ? {} : { authorization: bearer }),
      ...(method === 'GET' ? {} : { origin: `http://${host}:${port}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const asked = request(
      { port, host: '127.0.0.1', path, method, headers, agent: false },
      async (response) => {
        let text = ''
        for await (const chunk of response) text += String(chunk)
        const isJson = response.headers['content-type']?.includes('json') ?? false
        settle({
          status: response.statusCode ?? 0,
          body: isJson && text !== '' ? JSON.parse(text) : text,
          headers: response.headers,
          cookies: response.headers['set-cookie'] ?? [],
        })
      },
    )
    asked.once('error', fail)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

async function startProcess(
  stack: AsyncDisposableStack,
  name: 'web' | 'worker' | 'main',
  env: Record<string, string>,
): Promise<{ child: ChildProcess; log: { text: string } }> {
  const script = fileURLToPath(new URL(`../../server/merchants/${name}.ts`, import.meta.url))
  const options = name === 'main' ? ['--role=worker'] : []
  const log = { text: '' }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...options], {
    env: { ...process.env, ...env },
    // The channel closes when this process ends for any reason, and the child then ends too.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      log.text += String(chunk)
    })
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 30_000)
    await gone
    clearTimeout(force)
  })
  const word = { web: '"serving"', worker: '"working"', main: 'Serving merchants: worker' }[name]
  await until(() => log.text.includes(word) || child.exitCode !== null, 60_000)
  if (child.exitCode !== null) throw new Error(`${name} does not start:\n${log.text}`)
  return { child, log }
}

async function runCommand(
  args: string[],
  env: Record<string, string>,
  killAt: KillAt | undefined,
): Promise<string> {
  const script = fileURLToPath(new URL('../../scripts/merchants/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += String(chunk)
      if (typeof killAt === 'string' && said.includes(killAt)) child.kill('SIGKILL')
    })
  const closed = once(child, 'close')
  if (typeof killAt === 'function') {
    await until(async () => child.exitCode !== null || (await killAt()), 30_000)
    child.kill('SIGKILL')
  }
  const [code] = await closed
  if (killAt !== undefined && code !== null) throw new Error(`${args.join(' ')} was not killed: ${said}`)
  if (killAt === undefined && code !== 0) throw new Error(`${args.join(' ')}: ${said}`)
  return said
}

/** The trades of a merchant's database by their platform number. */
export async function tidsOf({ db }: Pick<MerchantHouse, 'db'>): Promise<Set<string>> {
  const { rows } = await sql<{ tid: string }>`select tid from staged_trade`.execute(db)
  return new Set(rows.map(({ tid }) => tid))
}
