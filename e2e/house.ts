import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { demoShops } from '../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../sandbox/server.ts'
import { type Config, loadConfig } from '../server/config.ts'
import { connectors } from '../server/connectors/index.ts'
import { type OpenDatabase, openDatabase } from '../server/core/db/db.ts'
import { buildLog } from '../server/core/http/http-log.ts'
import { type KeyRing, loadKeyRing } from '../server/lib/seal.ts'
import { connectDemoShops } from '../server/shops/demo.ts'
import { openWeb } from '../server/start/web.ts'
import { type Caller, callerAt, insertUser } from '../server/testing/app.ts'
import { testDatabase } from '../server/testing/database.ts'
import { until } from '../server/testing/until.ts'
import type { Permission } from '../server/users/permissions.ts'
import { sessionCookieName, signCookie } from '../server/users/sign-in/auth.ts'
import { giveShopTasks, openWorker } from '../server/worker.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

export type House = OpenDatabase & {
  url: string
  config: Config
  sandbox: RunningSandbox
  /** Ids of the connected shops by the simulator's key. */
  shops: Record<string, string>
  /** An administrator, for API calls. */
  admin: Caller
  /** A user with these permissions, for API calls and the browser. */
  as(permissions: readonly (Permission | '*')[], shops?: 'all' | readonly string[]): Promise<Caller>
  /** Runs a task of every shop, or of one, and waits for its end. */
  run(kind: string, options?: { shop?: string; from?: Date; to?: Date }): Promise<void>
  /** Downloads the trades and refunds of all shops: lists, then details. */
  download(): Promise<void>
  /** Calls the simulator's control API. */
  control(path: string, body?: Record<string, unknown>): Promise<unknown>
  [Symbol.asyncDispose](): Promise<void>
}

export type HouseOptions = {
  /** The number of trades of each shop by the simulator's key. Only the named shops exist. */
  trades: Record<string, number>
  /** True (default): the shops are connected, and their tasks do not run by themselves. False: the test connects them. */
  connected?: boolean
  spreadSeconds?: number
  firstLoadDays?: number
  /** True: tasks run by themselves, as in the product. */
  awake?: boolean
  /** True: web and worker are processes of their own. Their start takes as much processor time as a small test file. */
  apart?: boolean
}

/**
 * Starts the web and the worker of `npm run demo` on their own database: `await using house = …`. Nothing happens by itself: the simulator
 * creates no events, and tasks run only when a test starts them. Both run in this process, and know each other through the database only.
 */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { connected = true } = options
  buildPages()
  await using stack = new AsyncDisposableStack()
  const base = stack.use(await testDatabase())
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-e2e-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const sandbox = await openSandbox(options)
  stack.defer(() => sandbox.close())
  const port = await freePort()
  const env = {
    PORT: String(port),
    LISTEN_HOST: '127.0.0.1',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: base.url,
    DATA_DIR: folder,
    SEALING_KEY_PATH: join(folder, 'keys', 'sealing.json'),
    SIMULATOR: '1',
  }
  const config = loadConfig(env)
  const ring = await loadKeyRing(config.sealingKeyPath)
  const database = openDatabase(base.url, { max: 4, name: 'e2e' })
  stack.defer(() => database.close())
  if (options.apart) {
    startProcess(stack, 'web', env, folder)
    await untilHealthy(config.publicUrl, join(folder, 'web.log'))
  } else await startWebHere(stack, config, folder)
  const as = userMaker(database, config, ring)
  const admin = connected ? await as(['*']) : callerAt(config.publicUrl, '', '')
  const shops = connected ? await connectShops(database, ring, sandbox, options) : {}
  if (connected && !options.awake) await restTasks(admin, options.firstLoadDays ?? 1)
  if (options.apart) startProcess(stack, 'worker', env, folder)
  else await startWorkerHere(stack, config, folder)
  const owned = stack.move()
  const house: House = {
    ...database,
    url: config.publicUrl,
    config,
    sandbox,
    shops,
    admin,
    as,
    run: (kind, wanted = {}) => runTask(house, kind, wanted),
    download: async () => {
      await Promise.all([house.run('trade_list'), house.run('refund_list')])
      await house.run('trade_detail')
    },
    control: (path, body) => control(sandbox, path, body),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  return house
}

/** Builds the pages through the launcher, which knows when they are up to date; then it takes a few tenths of a second. */
function buildPages(): void {
  const built = spawnSync(process.execPath, [join(root, 'scripts/launch.js'), 'build'], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`The pages do not build:\n${built.stdout}\n${built.stderr}`)
}

function openSandbox({ trades, spreadSeconds }: HouseOptions): Promise<RunningSandbox> {
  const shops = demoShops.flatMap((shop) => {
    const count = trades[shop.key]
    return count === undefined ? [] : [{ ...shop, trades: count }]
  })
  return startSandbox({
    port: 0,
    seed: 'sanyi',
    rate: null,
    shops,
    ...(spreadSeconds === undefined ? {} : { spreadSeconds }),
  })
}

async function startWebHere(stack: AsyncDisposableStack, config: Config, folder: string): Promise<void> {
  const web = await openWeb(config, logIn(folder, 'web'))
  stack.defer(() => web.stop())
  await web.app.listen({ port: config.port, host: config.host })
}

async function startWorkerHere(stack: AsyncDisposableStack, config: Config, folder: string): Promise<void> {
  const worker = await openWorker(config, logIn(folder, 'worker'))
  stack.defer(() => worker.stop())
}

function logIn(folder: string, name: 'web' | 'worker') {
  return buildLog({ logLevel: 'info' }, name, createWriteStream(join(folder, `${name}.log`)))
}

function startProcess(
  stack: AsyncDisposableStack,
  name: 'web' | 'worker',
  env: Record<string, string>,
  folder: string,
): void {
  const log = createWriteStream(join(folder, `${name}.log`))
  const child: ChildProcess = spawn(
    process.execPath,
    [join(root, 'server', name === 'web' ? 'start/web.ts' : `${name}.ts`)],
    {
      cwd: root,
      // The channel closes when this process ends for any reason, and the child then ends too.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
        ...env,
      },
    },
  )
  child.stdout?.pipe(log)
  child.stderr?.pipe(log)
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await gone
    clearTimeout(force)
  })
}

async function untilHealthy(url: string, logFile: string): Promise<void> {
  const healthy = async () => {
    const answer = await fetch(`${url}/healthz`)
    await answer.body?.cancel()
    return answer.ok
  }
  await until(() => healthy().catch(() => false), 30_000).catch(async () => {
    throw new Error(`The web process does not answer:\n${await readFile(logFile, 'utf8')}`)
  })
}

function userMaker(database: OpenDatabase, config: Config, ring: KeyRing): House['as'] {
  return async (permissions, shops = 'all') => {
    const { id, token } = await insertUser(database, permissions, shops)
    return callerAt(config.publicUrl, id, `${sessionCookieName(config)}=${signCookie(ring, token)}`)
  }
}

async function connectShops(
  { db }: OpenDatabase,
  ring: KeyRing,
  sandbox: RunningSandbox,
  { trades }: HouseOptions,
): Promise<Record<string, string>> {
  const wanted = demoShops.filter((shop) => trades[shop.key] !== undefined)
  const deps = { db, ring, connectors, onShopConnected: giveShopTasks }
  const ids = await connectDemoShops(deps, sandbox.url, wanted)
  return Object.fromEntries(wanted.map((shop, index) => [shop.key, ids[index] ?? '']))
}

export type TaskRow = { id: string; kind: string; shopId: string | null }

export async function tasksOf(admin: Caller, kind?: string): Promise<TaskRow[]> {
  const { rows } = await asked<{ rows: TaskRow[] }>(admin, 'GET', `/api/tasks${kind ? `?kind=${kind}` : ''}`)
  return rows
}

/** Disables all tasks; they still run on request. The first load is short, because the simulator's data is recent. */
async function restTasks(admin: Caller, firstLoadDays: number): Promise<void> {
  for (const { id, kind } of await tasksOf(admin)) {
    const loads = kind === 'trade_list' || kind === 'refund_list'
    const change = { enabled: false, ...(loads ? { params: { firstLoadDays } } : {}) }
    await asked(admin, 'PATCH', `/api/tasks/${id}`, change)
  }
}

async function runTask(
  { admin, shops }: House,
  kind: string,
  { shop, from, to }: { shop?: string; from?: Date; to?: Date },
): Promise<void> {
  const tasks = (await tasksOf(admin, kind)).filter((task) => !shop || task.shopId === shops[shop])
  const runs: string[] = []
  for (const { id } of tasks) {
    const window = from && to ? { from: from.toISOString(), to: to.toISOString() } : {}
    const run = await asked<{ runId: string }>(admin, 'POST', `/api/tasks/${id}/run`, window)
    runs.push(run.runId)
  }
  type Run = { id: string; state: string; endedAt: string | null; error: string }
  await until(async () => {
    const { rows } = await asked<{ rows: Run[] }>(admin, 'GET', `/api/task-runs?kind=${kind}&limit=50`)
    const own = rows.filter((run) => runs.includes(run.id))
    const broken = own.find((run) => run.state === 'failed' || run.state === 'lost')
    if (broken) throw new Error(`${kind} ${broken.state}: ${broken.error}`)
    return own.length === runs.length && own.every((run) => run.endedAt !== null)
  }, 60_000)
}

/** Sends one request to our API; throws if it was refused. */
export async function asked<Answer = unknown>(
  caller: Caller,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const answer = await caller.call(method, path, body)
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body as Answer // the border to JSON: each caller names what it asked for
}

async function control(
  sandbox: RunningSandbox,
  path: string,
  body?: Record<string, unknown>,
): Promise<unknown> {
  const response = await fetch(`${sandbox.url}/control/${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`control/${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle))
  const address = probe.address()
  await new Promise((settle) => probe.close(settle))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
