import { existsSync } from 'node:fs'
import { get } from 'node:http'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Config, childEnvironment, loadConfig } from './config.ts'
import { startAuditChain } from './core/access/audit-seal.ts'
import { watchDisk } from './core/db/disk.ts'
import { type Child, keepRunning } from './core/embedded/children.ts'
import { lockDataFolder } from './core/embedded/house-lock.ts'
import { openLogFile } from './core/embedded/log-file.ts'
import type { Postgres } from './core/embedded/postgres.ts'
import { isFree } from './core/embedded/postgres-port.ts'
import { keepPostgres, type PostgresWatch, startToKeep } from './core/embedded/postgres-watch.ts'
import { type Preparing, startPreparing } from './core/embedded/preparing.ts'
import { printReady, say, simulatorFile } from './core/embedded/welcome.ts'
import { keepsLog, keepsLogs } from './core/point-in-time/keeping-script.ts'
import { thisProgram } from './core/upgrade/program.ts'
import { errorLabel } from './lib/safe-error.ts'
import { StartError, type StartFailure } from './lib/stopping.ts'

// The watchdog is stopped first, because a wanted end is no alarm; then the web process, so that no request arrives while the worker ends its
// jobs.
const stopOrder = ['watchdog', 'web', 'worker', 'log-keeper', 'sandbox', 'relay'] as const
type ChildName = (typeof stopOrder)[number]

const scripts: Record<ChildName, string> = {
  web: './start/web.ts',
  worker: './worker.ts',
  sandbox: '../sandbox/main.ts',
  'log-keeper': './start/log-keeper.ts',
  relay: './relay.ts',
  watchdog: './watchdog.ts',
}

/** A relay ends the calls that it has begun, and waits 30 s for the platform. A web process first answers for `drainMs`. */
const graceMs: Record<ChildName, number> = {
  web: 10_000,
  worker: 20_000,
  'log-keeper': 15_000,
  sandbox: 5000,
  relay: 35_000,
  watchdog: 12_000,
}

type Options = {
  role: 'web' | 'worker' | 'all' | 'relay' | 'watchdog'
  demo: boolean
  /** True: an upgrade begins also without a backup or enough room. */
  upgradeAnyway: boolean
  /** The arguments of a watchdog. */
  rest: string[]
}

type House = {
  config: Config
  options: Options
  /** The embedded database; undefined if another one is used. */
  postgres: Postgres | undefined
  watch: PostgresWatch | undefined
  databaseUrl: string
  /** The URL for the owner of the tables. The log keeper is the only child process that gets it. */
  ownerUrl: string
  auditSeal: { stop(): Promise<void> } | undefined
  preparing: Preparing | undefined
  children: Map<ChildName, Child>
  /** Functions that release locks on the data folder and end the watches of it. */
  letGo: (() => Promise<void>)[]
  stopping: boolean
}

// Milliseconds within which several SIGINTs count as one press of Ctrl-C. The terminal sends it to all processes, and npm forwards it too,
// so one press arrives up to three times.
const samePressMs = 700

const began = performance.now()

// If the terminal is closed, the database must still be stopped.
process.stdout.on('error', () => {})

await run(parseOptions(process.argv.slice(2)))

async function run(options: Options): Promise<void> {
  const config = configFor(options)
  const house: House = {
    config,
    options,
    postgres: undefined,
    watch: undefined,
    databaseUrl: config.databaseUrl ?? '',
    ownerUrl: config.databaseOwnerUrl ?? config.databaseUrl ?? '',
    auditSeal: undefined,
    preparing: undefined,
    children: new Map(),
    letGo: [],
    stopping: false,
  }
  const started = start(house)
  stopOnSignals(house, started)
  // `npm run dev` sends this message after a change of the code.
  process.on('message', (word) => word === 'renew' && renewChildren(house))
  try {
    await started
  } catch (error) {
    // The function that handles the signal already stops the children and ends this process.
    if (house.stopping) return
    say(error instanceof Error ? error.message : String(error))
    await stop(house)
    process.exit(error instanceof StartError ? error.exitCode : 1)
  }
}

function parseOptions(args: string[]): Options {
  // The process of a watchdog reads its own arguments.
  if (args[0] === '--role=watchdog')
    return { role: 'watchdog', demo: false, upgradeAnyway: false, rest: args.slice(1) }
  const { values } = parseArgs({
    args,
    options: {
      role: { type: 'string', default: 'all' },
      demo: { type: 'boolean', default: false },
      'upgrade-anyway': { type: 'boolean', default: false },
    },
  })
  const role = (['web', 'worker', 'all', 'relay'] as const).find((known) => known === values.role)
  if (!role) throw new Error(`--role must be web, worker, all, relay or watchdog, not "${values.role}"`)
  return { role, demo: values.demo, upgradeAnyway: values['upgrade-anyway'], rest: [] }
}

/** Returns the settings. The demo has its own database and keys, and ignores a database that the environment names. */
function configFor({ demo }: Options): Config {
  const config = loadConfig()
  if (!demo) return config
  const dataDir = join(config.dataDir, 'demo')
  return { ...config, dataDir, databaseUrl: undefined, sealingKeyPath: join(dataDir, 'keys', 'sealing.json') }
}

async function start(house: House): Promise<void> {
  const { config, options, letGo } = house
  for (const part of options.role === 'all' ? ['web', 'worker'] : [options.role])
    letGo.push(await lockDataFolder(config.dataDir, part))
  const unwatch = watchDisk(config.dataDir, say)
  letGo.push(async () => unwatch())
  // A relay and a watchdog have no database, no pages and no port.
  if (options.role === 'watchdog') return void startChild(house, 'watchdog', options.rest)
  if (options.role === 'relay') return sayOnce(startChild(house, 'relay'))
  if (options.role !== 'worker') await untilPortIsFree(house)
  if (house.stopping) return
  if (!config.databaseUrl) await startDatabase(house)
  if (house.stopping) return
  house.preparing = startPreparing({ ...environmentOf(house), DATABASE_OWNER_URL: house.ownerUrl }, say)
  house.databaseUrl = await house.preparing.ask({
    what: 'database',
    isEmbedded: house.postgres !== undefined,
    isDemo: options.demo,
    anyway: options.upgradeAnyway,
  })
  if (house.stopping) return
  house.auditSeal = linkAudit(house)
  const sandboxPort = options.demo ? await demoPort() : 0
  if (options.demo)
    startChild(house, 'sandbox', ['--port', String(sandboxPort), '--keep', simulatorFile(config)])
  if (options.role !== 'worker') {
    startChild(house, 'web')
    // The worker starts after the first page is ready, so that a user sees the page earlier.
    if (!(await untilHealthy(house))) return
  }
  if (options.role !== 'web') startChild(house, 'worker')
  // Segments that wait since the last stop are sent, or dropped, also where the backup was switched off meanwhile.
  if (house.postgres && (await keepsLog(join(config.dataDir, 'postgres')))) keepLog(house)
  if (options.demo) await house.preparing.ask({ what: 'demo', sandboxUrl: `http://127.0.0.1:${sandboxPort}` })
  const link = options.role === 'worker' ? '' : await house.preparing.ask({ what: 'link' })
  await house.preparing.end()
  if (!(await untilWorking(house))) return
  printReady({
    config,
    demo: options.demo,
    role: options.role,
    link,
    tookMs: performance.now() - began,
    program: await thisProgram(),
  })
}

const graceOf = ({ config }: House, name: ChildName) => graceMs[name] + (name === 'web' ? config.drainMs : 0)

function sayOnce({ working }: Child): void {
  void working.then(() => say('中继在运行 · The relay is running'))
}

async function startDatabase(house: House): Promise<void> {
  const place = { dataDir: join(house.config.dataDir, 'postgres'), log: say }
  const moveTo = ({ url, applicationUrl }: Postgres) => {
    house.ownerUrl = url
    house.databaseUrl = applicationUrl
  }
  house.postgres = await startToKeep(place)
  moveTo(house.postgres)
  const onMoved = (server: Postgres) => {
    moveTo(server)
    renewChildren(house)
  }
  house.watch = keepPostgres(house.postgres, { ...place, onMoved })
}

function renewChildren(house: House): void {
  for (const name of ['web', 'worker', 'watchdog', 'log-keeper'] as const)
    house.children.get(name)?.renew(graceOf(house, name))
}

/**
 * Starts linking the audit log, and writes the hashes of the chain to a log file. A person who changes the database cannot change that
 * file. Each part of an installation has its own file.
 */
function linkAudit(house: House): { stop(): Promise<void> } {
  const { role } = house.options
  const name = role === 'all' ? 'audit-seal.log' : `audit-seal.${role}.log`
  const log = openLogFile(join(house.config.dataDir, 'logs', name), {
    copy: process.stdout.isTTY ? undefined : process.stdout,
    onTrouble: say,
  })
  const write = (line: object) => log.write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`)
  return startAuditChain({
    url: () => house.ownerUrl,
    sealed: ({ id, rows, hash }) => void write({ auditSeal: id, rows, hash }),
    failed: (error) => void write({ auditSealFailed: errorLabel(error) }),
  })
}

/**
 * Returns the simulator's usual port, so that shops stay connected after a restart; if it is in use, another free one. Throws if none up to
 * 4119 is free.
 */
async function demoPort(): Promise<number> {
  for (let port = 4101; port < 4120; port += 1) if (await isFree(port)) return port
  throw new Error('No free port between 4101 and 4119 for the marketplace simulator.')
}

function startChild(house: House, name: ChildName, args: string[] = []): Child {
  const { config } = house
  const path = fileURLToPath(new URL(scripts[name], import.meta.url))
  if (!existsSync(path)) throw new Error(`${path} is missing`)
  const output = openLogFile(join(config.dataDir, 'logs', `${name}.log`), {
    // The terminal shows only the lines of this process. The log of a container gets everything.
    copy: process.stdout.isTTY ? undefined : process.stdout,
    onTrouble: say,
  })
  const child = keepRunning({
    name,
    script: path,
    args,
    env: () => environmentOf(house, name),
    output,
    log: say,
    onRefused: (failure) => void refused(house, failure),
    onWord: (word) => heard(house, word),
  })
  house.children.set(name, child)
  return child
}

/** The web process says when the installation has channels for alarms: only then a watchdog beside it is worth its memory. */
function heard(installation: House, word: unknown): void {
  if (
    word === 'channels' &&
    !installation.stopping &&
    !installation.options.demo &&
    !installation.children.has('watchdog')
  )
    startChild(installation, 'watchdog', ['--own'])
  if (word === 'keep log') keepLog(installation)
  if (typeof word !== 'object' || word === null || !('watching' in word) || !('channels' in word)) return
  say(`看门狗在看 ${word.watching}，通知 ${word.channels} 处 · Watching; ${word.channels} channels`)
  if (word.channels === 0)
    say('还没有告警通知，在网页上先加一个 · There is no channel for alarms yet: add one on its page')
}

/** The worker says when the nightly backup is on: only then there is a place for the log of the embedded database. */
function keepLog(installation: House): void {
  const { postgres, options, children, stopping } = installation
  if (postgres && !stopping && !options.demo && keepsLogs && !children.has('log-keeper'))
    startChild(installation, 'log-keeper')
}

/** Stops the installation if a child cannot start for a reason that a person must remove. */
async function refused(house: House, { refused: words, code }: StartFailure): Promise<void> {
  if (house.stopping) return
  say(words)
  await stop(house)
  process.exit(code)
}

function environmentOf(
  { config, options, databaseUrl, ownerUrl }: House,
  name?: ChildName,
): Record<string, string | undefined> {
  return childEnvironment({
    DATABASE_URL: databaseUrl,
    DATABASE_OWNER_URL: name === 'log-keeper' ? ownerUrl : '',
    DATA_DIR: config.dataDir,
    SEALING_KEY_PATH: config.sealingKeyPath,
    SIMULATOR: options.demo || config.simulator ? '1' : '',
  })
}

/** Waits until the port is free, because a former web process needs a moment to end. Throws if another program keeps the port. */
async function untilPortIsFree(house: House): Promise<void> {
  const { port, host } = house.config
  if (port === 0) return
  for (let tries = 0; !house.stopping && !(await isFree(port, host)); tries++) {
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

/** Waits until the web process answers; throws after a minute. Returns false if the installation was stopped meanwhile. */
async function untilHealthy(house: House): Promise<boolean> {
  const { host, port, dataDir } = house.config
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const address = isIPv6(reachable) ? `[${reachable}]` : reachable
  const deadline = performance.now() + 60_000
  while (!house.stopping) {
    if (await answersWell(`http://${address}:${port}/healthz`)) return true
    if (performance.now() > deadline) {
      throw new Error(`The web process does not answer. Its log: ${join(dataDir, 'logs', 'web.log')}`)
    }
    await sleep(25)
  }
  return false
}

/** True if the URL answers with 200. `fetch` would take 8 MB of memory. */
function answersWell(url: string): Promise<boolean> {
  return new Promise((settle) => {
    const request = get(url, { agent: false, timeout: 5000 }, (response) => {
      response.resume()
      settle(response.statusCode === 200)
    })
    request.once('error', () => settle(false)).once('timeout', () => request.destroy())
  })
}

/**
 * Waits up to a minute until the worker works. Returns false if the installation was stopped; otherwise true, also if the minute passed.
 */
async function untilWorking(house: House): Promise<boolean> {
  const worker = house.children.get('worker')
  for (let waited = 0; worker && waited < 60_000 && !house.stopping; waited += 100) {
    if (await Promise.race([worker.working.then(() => true), sleep(100).then(() => false)])) break
  }
  return !house.stopping
}

function stopOnSignals(house: House, started: Promise<void>): void {
  let firstAt = 0
  const onSignal = async () => {
    if (firstAt > 0) {
      if (performance.now() - firstAt < samePressMs) return
      say('强制停止 · Stopping at once')
      for (const child of house.children.values()) child.kill()
      void house.preparing?.end()
      return
    }
    firstAt = performance.now()
    house.stopping = true
    say('正在停止(再按一次 Ctrl-C 强制停止) · Stopping; press Ctrl-C again to force it …')
    // The preparing process may be waiting for a database that never answers.
    void house.preparing?.end()
    await started.catch(() => {})
    await stop(house)
    say('已停止 · Stopped')
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  // The launcher has ended.
  process.on('disconnect', onSignal)
  if (process.connected === false) void onSignal()
}

async function stop(installation: House): Promise<void> {
  installation.stopping = true
  await installation.preparing?.end()
  for (const name of stopOrder) await installation.children.get(name)?.stop(graceOf(installation, name))
  await installation.auditSeal?.stop()
  await installation.watch?.stop()
  const postgres = installation.watch?.server ?? installation.postgres
  if (postgres && !(await postgres.stopIfUnused())) {
    say('数据库仍有其他连接,保持运行 · The database is in use by others and stays up')
  }
  for (const letGo of installation.letGo) await letGo()
}
