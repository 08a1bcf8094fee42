import { resolve } from 'node:path'

export type Config = {
  port: number
  /** The address that the web process listens on. Unless told: this machine's own, or every one where PUBLIC_URL names another host. */
  host: string
  /** Where browsers reach us; also the OAuth redirect base. */
  publicUrl: string
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
  trustedProxies: string[]
  dataDir: string
  /** Absent: the embedded PostgreSQL in `dataDir` is used. */
  databaseUrl: string | undefined
  /** The most that one process holds at once; the server's limit is shared by all of them. */
  webConnections: number
  workerConnections: number
  /** Who owns the tables: it migrates and links the audit log, so that `databaseUrl` may be a role that does neither. */
  databaseOwnerUrl: string | undefined
  /** The sealing key lies outside the database folder and its backups. */
  sealingKeyPath: string
  /** For the demo and for tests: platforms may have a plain-http address on this machine. */
  simulator: boolean
  /** Hosts that may be a platform's besides those that its connector knows; a name takes those below it as well. */
  platformHosts: string[]
  /** How often one person may look at buyers' data: in a minute at all, in a day without a reason. */
  reveals: { perMinute: number; perDay: number }
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The only reader of the environment. Throws one error that names every wrong setting. */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const wrong: string[] = []
  const port = Number(env['PORT'] ?? 3000)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    wrong.push(`PORT must be 0 to 65535, not "${env['PORT']}"`)
  const publicUrl = env['PUBLIC_URL'] ?? `http://localhost:${port}`
  if (!URL.canParse(publicUrl)) wrong.push(`PUBLIC_URL must be an address, not "${publicUrl}"`)
  const databaseUrl = env['DATABASE_URL'] || undefined
  const databaseOwnerUrl = env['DATABASE_OWNER_URL'] || undefined
  for (const [name, url] of Object.entries({
    DATABASE_URL: databaseUrl,
    DATABASE_OWNER_URL: databaseOwnerUrl,
  }))
    if (url !== undefined && !/^postgres(ql)?:\/\//.test(url))
      wrong.push(`${name} must begin with postgres://`)
  if (databaseOwnerUrl !== undefined && databaseUrl === undefined)
    wrong.push('DATABASE_OWNER_URL goes with a DATABASE_URL')
  const logLevel = logLevels.find((level) => level === (env['LOG_LEVEL'] ?? 'info'))
  if (!logLevel) wrong.push(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not "${env['LOG_LEVEL']}"`)
  const webConnections = connections(env, 'WEB_CONNECTIONS', { least: 3, usual: 10 }, wrong)
  const workerConnections = connections(env, 'WORKER_CONNECTIONS', { least: 8, usual: 20 }, wrong)
  const reveals = {
    perMinute: atLeastOne(env, 'REVEALS_PER_MINUTE', 50, wrong),
    perDay: atLeastOne(env, 'REVEALS_PER_DAY', 200, wrong),
  }
  if (wrong.length > 0 || !logLevel)
    throw new Error(`Settings are wrong:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
  const dataDir = resolve(env['DATA_DIR'] ?? './data')
  return {
    port,
    host: env['LISTEN_HOST'] || (isLocal(publicUrl) ? '127.0.0.1' : '0.0.0.0'),
    publicUrl: publicUrl.replace(/\/+$/, ''),
    trustedProxies: listOf(env['TRUSTED_PROXIES']),
    dataDir,
    databaseUrl,
    webConnections,
    workerConnections,
    databaseOwnerUrl,
    simulator: env['SIMULATOR'] === '1',
    platformHosts: listOf(env['PLATFORM_HOSTS']).map((host) => host.toLowerCase()),
    reveals,
    sealingKeyPath: resolve(env['SEALING_KEY_PATH'] ?? `${dataDir}/keys/sealing.json`),
    logLevel,
  }
}

/** With fewer than the least, its parts would wait for each other. */
function connections(
  env: Record<string, string | undefined>,
  name: string,
  { least, usual }: { least: number; usual: number },
  wrong: string[],
): number {
  const count = Number(env[name] || usual)
  if (!Number.isInteger(count) || count < least || count > 500)
    wrong.push(`${name} must be ${least} to 500, not "${env[name]}"`)
  return count
}

/** What our own child processes start with: this process's environment with some settings changed. */
export function childEnvironment(changes: Record<string, string>): Record<string, string | undefined> {
  // By default each thread keeps freed memory to itself: a worker under load then holds 40 MB more.
  return { MALLOC_ARENA_MAX: '2', ...process.env, ...changes }
}

const isLocal = (url: string) =>
  URL.canParse(url) && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname)

const listOf = (text = '') =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

function atLeastOne(
  env: Record<string, string | undefined>,
  name: string,
  usual: number,
  wrong: string[],
): number {
  const value = Number(env[name] ?? usual)
  if (!Number.isSafeInteger(value) || value < 1)
    wrong.push(`${name} must be a whole number, not "${env[name]}"`)
  return value
}
