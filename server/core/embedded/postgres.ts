import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { chown, link, mkdtemp, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { makeRole, urlAs } from '../db/database-roles.ts'
import { keepingSettings, writeKeepingScript } from '../point-in-time/keeping-script.ts'
import { assertNotRecovering } from '../point-in-time/recovering.ts'
import { findPlace, majorOfPrograms, type Place } from './postgres-place.ts'
import { keptPort, portFor } from './postgres-port.ts'
import { exitOf, run } from './postgres-programs.ts'
import { ourSettings } from './postgres-settings.ts'
import { isRunning, programOf, worksIn } from './processes.ts'
import { clearAway } from './stale-file.ts'

export type Postgres = {
  /** The URL of the database `sanyi` for the owner of its tables, with password. */
  url: string
  /** URL for the web and worker processes, whose role owns no table. */
  applicationUrl: string
  /** True if the server was running already and is used as it is. */
  adopted: boolean
  /** Stops the server. Open transactions are rolled back, and everything committed is on disk. Calling it again does nothing. */
  stop(): Promise<void>
  /** Stops the server unless other clients, such as a second Sanyi, are connected. Returns true if it was stopped. */
  stopIfUnused(): Promise<boolean>
}

export type PostgresOptions = {
  /** The cluster's folder. Password, port and log are stored beside it: `<dataDir>.password`, `.port`, `.log`. */
  dataDir: string
  log?: (line: string) => void
  /** Server settings that override those of postgres-settings.ts. */
  settings?: Record<string, string>
  /** True if connected processes know the server by its port: it starts on that port only, and waits until the port is free. */
  insist?: boolean
  signal?: AbortSignal
}

type Server = Place & {
  dataDir: string
  password: string
  log: (line: string) => void
  settings: Record<string, string>
  insist: boolean
  signal: AbortSignal | undefined
}

const user = 'sanyi'
const database = 'sanyi'
export const applicationRole = 'sanyi_application'

// Milliseconds for which a failed start is tried again. The last processes of a killed server keep its shared memory for a moment, and a
// start fails until they end.
const clearingMs = 15_000

// Milliseconds to wait for a server that runs but does not answer. It is replaying its log, or another process is stopping it.
const answeringMs = 300_000

// Milliseconds to wait for our port, which a closing connection or another program may use for a moment while the server is down.
const holdingMs = 30_000

const largestLogBytes = 10_000_000

/**
 * Starts the embedded PostgreSQL of `dataDir`, or uses the server that already runs there. The first start creates the cluster. Several
 * processes may call this at once; one of them starts the server. The server runs until it is stopped, also after the caller's process has
 * ended.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const dataDir = resolve(options.dataDir)
  const log = options.log ?? (() => {})
  const place = await findPlace(dataDir, log)
  const server = {
    ...place,
    dataDir,
    log,
    password: await keptPassword(place, dataDir),
    settings: options.settings ?? {},
    insist: options.insist ?? false,
    signal: options.signal,
  }
  await assertNotRecovering(dataDir)
  await createCluster(server)
  await assertSameMajor(server)
  const { port, adopted } = await startOrAdopt(server)
  await createDatabase(server, port)
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopServer(server)
    return stopping
  }
  const stopIfUnused = async () => {
    if (await isUsed(server, port)) return false
    await stop()
    return true
  }
  const url = urlOf(server, port, database)
  return {
    url,
    applicationUrl: urlAs(url, applicationRole, applicationPassword(server)),
    adopted,
    stop,
    stopIfUnused,
  }
}

/**
 * Returns the owner's password, chosen once. It is stored beside the cluster and not in it, so that a copy of the cluster does not contain
 * it.
 */
export async function keptPassword(place: Place, dataDir: string): Promise<string> {
  const file = `${dataDir}.password`
  const kept = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw notOurs(file, codeOf(cause) ?? '')
  })
  if (kept !== undefined) return kept.trim()
  if (await exists(join(place.cluster, 'PG_VERSION'))) {
    throw new Error(
      `The database in ${place.cluster} exists, but its password file ${file} is missing. Put it back.`,
    )
  }
  // Linking a complete file is atomic: if two processes start for the first time at once, the second reads the password of the first.
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 })
  await link(draft, file).catch(ignoreCode('EEXIST'))
  await rm(draft)
  return (await readFile(file, 'utf8')).trim()
}

/** Creates the cluster in a temporary folder and renames it when it is complete, so that no process finds an incomplete one. */
async function createCluster(server: Server): Promise<void> {
  if (await exists(join(server.cluster, 'PG_VERSION'))) return
  server.log('创建数据库 · Creating the database …')
  const stage = await mkdtemp(`${server.cluster}.new-`)
  const passwordFile = join(stage, 'password')
  await writeFile(passwordFile, server.password, { mode: 0o600 })
  if (server.account) {
    await chown(stage, server.account.uid, server.account.gid)
    await chown(passwordFile, server.account.uid, server.account.gid)
  }
  const cluster = join(stage, 'cluster')
  // The builtin provider sorts in the same way on every system, and does not depend on the LANG of this process.
  const locale = ['--encoding=UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const access = [`--username=${user}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  try {
    await run(server, 'initdb', ['--pgdata', cluster, ...locale, ...access])
    await rename(cluster, server.cluster).catch(ignoreCode('ENOTEMPTY', 'EEXIST', 'EPERM'))
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

async function startOrAdopt(server: Server): Promise<{ port: number; adopted: boolean }> {
  const began = performance.now()
  let waiting = false
  for (;;) {
    server.signal?.throwIfAborted()
    const running = await runningPostmaster(server.cluster)
    if (running) {
      if (await answers(server, running.port)) return { port: running.port, adopted: true }
      if (!waiting && performance.now() - began > 2000)
        server.log('数据库在恢复或停止中,等待 · The database is recovering or being stopped; waiting …')
      waiting ||= performance.now() - began > 2000
    } else {
      const port = await portFor(server.dataDir, server.insist)
      if (port !== undefined && (await tryStart(server, port))) return { port, adopted: false }
      if (port === undefined && performance.now() - began > holdingMs) throw await portInUse(server)
      if (port === undefined) {
        await sleep(300)
        continue
      }
    }
    if (performance.now() - began > (running ? answeringMs : clearingMs)) {
      throw new Error(
        `PostgreSQL does not start. The end of ${server.dataDir}.log:\n${await logTail(server.dataDir)}`,
      )
    }
    await sleep(running ? 50 : 300)
  }
}

async function portInUse(server: Server): Promise<Error> {
  const port = await keptPort(server.dataDir)
  return new Error(
    `端口 ${port} 被别的程序占着,数据库只能在这个端口上回来:结束那个程序,或重启三易换一个端口。\n` +
      `Another program holds port ${port}, on which the database has to come back: end it, or restart Sanyi, which takes another port.`,
  )
}

/** Throws if the cluster was made by another major version of PostgreSQL. PostgreSQL's own message does not name both versions. */
export async function assertSameMajor(server: Place): Promise<void> {
  const made = (await readFile(join(server.cluster, 'PG_VERSION'), 'utf8')).trim()
  const brought = await majorOfPrograms(server.programs)
  if (brought === undefined || made === brought) return
  throw new Error(
    `${server.cluster} 里的数据属于 PostgreSQL ${made},这个版本带的是 PostgreSQL ${brought}:用原来的版本启动,或先迁移数据。\n` +
      `The data in ${server.cluster} is of PostgreSQL ${made}, and this version brings PostgreSQL ${brought}: ` +
      'start the version that made it, or move the data first.',
  )
}

/**
 * Returns the port of this folder's server; 0 while the server starts and has not chosen a port; undefined if none runs. Throws if the
 * folder does not exist.
 */
export async function runningPort(dataDir: string): Promise<number | undefined> {
  return (await runningPostmaster(await realpath(resolve(dataDir))))?.port
}

type Postmaster = { pid: number; port: number }

/** Reads postmaster.pid, and removes the file if its process has ended or is not the PostgreSQL of this cluster. */
async function runningPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const file = join(cluster, 'postmaster.pid')
  for (let tries = 0; tries < 500; tries += 1) {
    const text = await readFile(file, 'utf8').catch(ignoreCode('ENOENT'))
    if (text === undefined) return undefined
    const found = await postmasterOf(text, cluster)
    if (found) return found
    await clearAway(file, {
      turn: `${cluster}.clearing`,
      // A server makes its file empty and writes it then.
      isStale: async (now) => now !== '' && (await postmasterOf(now, cluster)) === undefined,
    })
    if (text === '' && tries > 250) await rm(file, { force: true })
  }
  throw new Error(`${file} cannot be cleared.`)
}

async function postmasterOf(text: string, cluster: string): Promise<Postmaster | undefined> {
  const lines = text.split('\n')
  const pid = Number(lines[0])
  // The server writes the file line by line; without the port line it has only just started.
  const isPostgres = isRunning(pid) && (await programOf(pid)) === 'postgres'
  // After a reboot the PostgreSQL of another cluster may have the id. Every process of a server works in its cluster's folder.
  if (isPostgres && (await worksIn(pid, cluster))) return { pid, port: Number(lines[3] ?? 0) }
  return undefined
}

async function answers(server: Server, port: number): Promise<boolean> {
  if (port === 0) return false
  const client = new pg.Client({
    connectionString: urlOf(server, port, 'postgres'),
    connectionTimeoutMillis: 2000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch (error) {
    if (codeOf(error) === '28P01') {
      throw new Error(`The database in ${server.cluster} refuses the password in ${server.dataDir}.password.`)
    }
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function tryStart(server: Server, port: number): Promise<boolean> {
  const settings = { ...ourSettings(), ...keepingSettings, ...server.settings, port: String(port) }
  // Only the command that keeps the log has blanks.
  const options = Object.entries(settings).map(([name, value]) =>
    value.includes(' ') ? `-c "${name}=${value}"` : `-c ${name}=${value}`,
  )
  await writeKeepingScript(server)
  // The server writes its output to this file. A pipe to this process would break when this process ends.
  const size = await stat(`${server.dataDir}.log`).then(
    ({ size }) => size,
    () => 0,
  )
  if (size > largestLogBytes) await rename(`${server.dataDir}.log`, `${server.dataDir}.log.old`)
  const output = await open(`${server.dataDir}.log`, 'a', 0o600)
  try {
    const started = await exitOf(
      server,
      'pg_ctl',
      ['start', '-w', '-t', '600', '-D', server.cluster, '-o', options.join(' ')],
      { output: output.fd },
    )
    return started.code === 0
  } finally {
    await output.close()
  }
}

/** Derives the application's password by a hash, so that a process that knows it cannot compute the owner's. */
const applicationPassword = ({ password }: Server) =>
  createHmac('sha256', password).update(applicationRole).digest('hex')

async function createDatabase(server: Server, port: number): Promise<void> {
  await onServer(server, port, async (client) => {
    await makeRole(client, applicationRole, applicationPassword(server))
    const found = await client.query('select 1 from pg_database where datname = $1', [database])
    if (found.rowCount !== 0) return
    // If two processes both find the database missing, the second fails because the database exists by then.
    await client.query(`create database ${database}`).catch(ignoreCode('42P04', '23505'))
  })
}

async function isUsed(server: Server, port: number): Promise<boolean> {
  const others = `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`
  return onServer(server, port, async (client) => (await client.query(others)).rows.length > 0).catch(
    () => false,
  )
}

async function onServer<T>(
  server: Server,
  port: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: urlOf(server, port, 'postgres') })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export async function stopServer(server: Place): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    if (!(await runningPostmaster(server.cluster))) return
    await exitOf(server, 'pg_ctl', ['stop', '-w', '-t', '60', '-m', mode, '-D', server.cluster], {
      output: 'ignore',
    })
  }
  if (await runningPostmaster(server.cluster))
    throw new Error(`PostgreSQL in ${server.cluster} does not stop`)
}

function urlOf(server: Server, port: number, name: string) {
  return `postgres://${user}:${server.password}@127.0.0.1:${port}/${name}`
}

async function logTail(dataDir: string): Promise<string> {
  const text = await readFile(`${dataDir}.log`, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-12).join('\n')
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function ignoreCode(...codes: string[]) {
  return (error: unknown) => {
    if (!codes.includes(codeOf(error) ?? '')) throw error
  }
}

/** True if the path exists. Throws if it may not be read, because an existing database must not count as missing. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw notOurs(path, code ?? '')
  }
}

function notOurs(path: string, code: string): Error {
  return new Error(
    `不能读取 ${path}(${code}):它属于别的用户。用原来的用户启动,或把数据目录交给现在的用户(chown -R)。\n` +
      `${path} cannot be read (${code}): it belongs to another account. Start as that account, or hand the data folder over (chown -R).`,
  )
}
