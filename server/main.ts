import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Child, keepRunning } from './children.ts'
import { type Config, childEnvironment, loadConfig } from './config.ts'
import { openLogFile } from './log-file.ts'
import { migrate } from './migrate.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { keepPostgres } from './postgres-watch.ts'
import { printReady, say } from './welcome.ts'

// The web process first, so that nothing new comes in while the worker ends its jobs.
const stopOrder = ['web', 'worker', 'sandbox'] as const
type ChildName = (typeof stopOrder)[number]

const graceMs: Record<ChildName, number> = { web: 10_000, worker: 20_000, sandbox: 5000 }

type Options = { role: 'web' | 'worker' | 'all'; demo: boolean }

type House = {
  config: Config
  options: Options
  postgres: Postgres | undefined
  /** Of that database. */
  watch: { stop(): Promise<void> } | undefined
  children: Map<ChildName, Child>
  stopping: boolean
}

// npm passes on the Ctrl-C that the terminal has already sent to everybody: one press arrives up to three times.
const samePressMs = 700

const began = performance.now()

// A closed terminal must not end us before the database is stopped.
process.stdout.on('error', () => {})

await run(parseOptions(process.argv.slice(2)))

async function run(options: Options): Promise<void> {
  const config = configFor(options)
  const house: House = {
    config,
    options,
    postgres: undefined,
    watch: undefined,
    children: new Map(),
    stopping: false,
  }
  const started = start(house)
  stopOnSignals(house, started)
  try {
    await started
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    if (error instanceof Error && error.cause instanceof Error) say(`  ${error.cause.message}`)
    await stop(house)
    process.exit(1)
  }
}

function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: { role: { type: 'string', default: 'all' }, demo: { type: 'boolean', default: false } },
  })
  const role = (['web', 'worker', 'all'] as const).find((known) => known === values.role)
  if (!role) throw new Error(`--role must be web, worker or all, not "${values.role}"`)
  return { role, demo: values.demo }
}

/** The demo has a database and keys of its own, and never touches a database that the environment names. */
function configFor({ demo }: Options): Config {
  const config = loadConfig()
  if (!demo) return config
  const dataDir = join(config.dataDir, 'demo')
  return { ...config, dataDir, databaseUrl: undefined, sealingKeyPath: join(dataDir, 'keys', 'sealing.json') }
}

async function start(house: House): Promise<void> {
  const { config, options } = house
  if (options.role !== 'worker') await untilPortIsFree(config.port)
  if (!config.databaseUrl) {
    const place = { dataDir: join(config.dataDir, 'postgres'), log: say }
    house.postgres = await startPostgres(place)
    house.watch = keepPostgres(place)
  }
  const databaseUrl = config.databaseUrl ?? house.postgres?.url ?? ''
  await migrate(databaseUrl)
  if (house.stopping) return
  const sandboxPort = options.demo ? await demoPort() : 0
  if (options.demo) startChild(house, 'sandbox', databaseUrl, ['--port', String(sandboxPort)])
  if (options.role !== 'worker') {
    startChild(house, 'web', databaseUrl)
    // The worker waits its turn, so that a person sees the first page sooner.
    if (!(await untilHealthy(house))) return
  }
  if (options.role !== 'web') startChild(house, 'worker', databaseUrl)
  if (options.demo) {
    const { connectDemo } = await import('./demo.ts')
    await connectDemo(config, databaseUrl, `http://127.0.0.1:${sandboxPort}`)
  }
  await printReady({
    config,
    databaseUrl,
    demo: options.demo,
    role: options.role,
    tookMs: performance.now() - began,
  })
}

/** The simulator's usual port, so that shops stay connected between starts; any free one when somebody holds it. */
async function demoPort(): Promise<number> {
  for (let port = 4101; port < 4120; port += 1) if (await isFree(port)) return port
  throw new Error('No free port between 4101 and 4119 for the marketplace simulator.')
}

function startChild(house: House, name: ChildName, databaseUrl: string, args: string[] = []): void {
  const { config, options } = house
  const script = name === 'sandbox' ? '../sandbox/main.ts' : `./${name}.ts`
  const path = fileURLToPath(new URL(script, import.meta.url))
  if (!existsSync(path)) throw new Error(`${path} is missing`)
  const changes = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: config.dataDir,
    SEALING_KEY_PATH: config.sealingKeyPath,
    SIMULATOR: options.demo || config.simulator ? '1' : '',
  }
  const output = openLogFile(join(config.dataDir, 'logs', `${name}.log`), {
    // A person at a terminal reads the few lines of this process; a container's log gets everything.
    copy: process.stdout.isTTY ? undefined : process.stdout,
  })
  house.children.set(
    name,
    keepRunning({ name, script: path, args, env: childEnvironment(changes), output, log: say }),
  )
}

/** After a kill the former web process needs a moment to notice; then whoever still holds the port is a stranger. */
async function untilPortIsFree(port: number): Promise<void> {
  if (port === 0) return
  for (let tries = 0; !(await isFree(port)); tries++) {
    if (tries === 1) say(`端口 ${port} 被占用,等待释放 · Port ${port} is in use, waiting for it …`)
    if (tries === 12) {
      throw new Error(
        `端口 ${port} 仍被占用:三易是否已在运行?可用 PORT=3001 npm start 换一个端口。\n` +
          `Port ${port} is still in use: is Sanyi running already? Another one: PORT=3001 npm start`,
      )
    }
    await sleep(500)
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const probe = createServer()
    probe.once('error', () => settle(false))
    probe.listen({ port, exclusive: true }, () => probe.close(() => settle(true)))
  })
}

/** Answers false when it was stopped meanwhile. The web process is restarted by itself; so this waits long. */
async function untilHealthy(house: House): Promise<boolean> {
  const { host, port, dataDir } = house.config
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const deadline = performance.now() + 60_000
  while (!house.stopping) {
    const response = await fetch(`http://${address}:${port}/healthz`).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return true
    if (performance.now() > deadline) {
      throw new Error(`The web process does not answer. Its log: ${join(dataDir, 'logs', 'web.log')}`)
    }
    await sleep(25)
  }
  return false
}

function stopOnSignals(house: House, started: Promise<void>): void {
  let firstAt = 0
  const onSignal = async () => {
    if (firstAt > 0) {
      if (performance.now() - firstAt < samePressMs) return
      say('强制停止 · Stopping at once')
      for (const child of house.children.values()) child.kill()
      return
    }
    firstAt = performance.now()
    house.stopping = true
    say('正在停止(再按一次 Ctrl-C 强制停止) · Stopping; press Ctrl-C again to force it …')
    await started.catch(() => {})
    await stop(house)
    say('已停止 · Stopped')
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  // The launcher is gone, however it went.
  process.on('disconnect', onSignal)
  if (process.connected === false) void onSignal()
}

async function stop(house: House): Promise<void> {
  house.stopping = true
  for (const name of stopOrder) await house.children.get(name)?.stop(graceMs[name])
  await house.watch?.stop()
  if (house.postgres && !(await house.postgres.stopIfUnused())) {
    say('数据库仍有其他连接,保持运行 · The database is in use by others and stays up')
  }
}
