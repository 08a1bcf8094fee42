import { join, resolve } from 'node:path'
import type { BucketAccess } from './core/backup/bucket.ts'
import type { Storage } from './core/backup/place.ts'

export type Config = {
  port: number
  /** The address on which the web process listens. By default this machine only; all addresses if PUBLIC_URL names another host. */
  host: string
  /** The URL by which browsers reach us. OAuth redirects use it too. */
  publicUrl: string
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is trusted. */
  trustedProxies: string[]
  /** Files of the certificate with which the web process speaks https, or `local`: it makes its own. Undefined: plain http. */
  tls: { certificatePath: string; keyPath: string } | 'local' | undefined
  /** How long a web process that is asked to stop still answers, while `/readyz` says 503. */
  drainMs: number
  dataDir: string
  /** True: an upgrade begins also without a backup or enough room. */
  upgradeAnyway: boolean
  /** URL of the PostgreSQL server. Undefined: the embedded PostgreSQL in `dataDir` is used. */
  databaseUrl: string | undefined
  /** URL of a standby of that server, which answers lists and reports. Undefined: there is none. */
  readDatabaseUrl: string | undefined
  /** Most database connections of one web process, and of one worker. All processes together share the server's limit. */
  webConnections: number
  workerConnections: number
  /** A web and a worker process of many merchants together have at most so many connections to one server. */
  serverConnections: number
  /** URL of the directory of merchants, for an operator of many installations. Undefined: this is one installation. */
  directoryUrl: string | undefined
  /** The URL for the owner of the tables, which migrates and links the audit log. The role of `databaseUrl` then needs fewer rights. */
  databaseOwnerUrl: string | undefined
  /** Path of the sealing keys. They are outside the database folder and its backups. */
  sealingKeyPath: string
  /** The S3-compatible storage for backups. Undefined: backups go to folders only. */
  bucket: BucketAccess | undefined
  /** True in the demo and in tests: a platform may have a plain-http address on this machine. */
  simulator: boolean
  /** Further hosts that a platform may have. A name includes its subdomains. */
  platformHosts: string[]
  /** The most reveals of buyers' data by one user: in a minute, and in a day without giving a reason. */
  reveals: { perMinute: number; perDay: number }
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Reads the settings from the environment. Throws one error that names every wrong setting. */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const wrong: string[] = []
  const port = Number(env['PORT'] ?? 3000)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    wrong.push(`PORT must be 0 to 65535, not "${env['PORT']}"`)
  const tls = tlsOf(env, wrong)
  const publicUrl = env['PUBLIC_URL'] ?? `${tls ? 'https' : 'http'}://localhost:${port}`
  if (!URL.canParse(publicUrl)) wrong.push(`PUBLIC_URL must be an address, not "${publicUrl}"`)
  else if (tls && !publicUrl.startsWith('https://'))
    wrong.push(`PUBLIC_URL must begin with https:// because TLS is on, not "${publicUrl}"`)
  const databaseUrl = env['DATABASE_URL'] || undefined
  const databaseOwnerUrl = env['DATABASE_OWNER_URL'] || undefined
  const readDatabaseUrl = env['READ_DATABASE_URL'] || undefined
  const directoryUrl = env['DIRECTORY_URL'] || undefined
  for (const [name, url] of Object.entries({
    DATABASE_URL: databaseUrl,
    DATABASE_OWNER_URL: databaseOwnerUrl,
    READ_DATABASE_URL: readDatabaseUrl,
    DIRECTORY_URL: directoryUrl,
  }))
    if (url !== undefined && !/^postgres(ql)?:\/\//.test(url))
      wrong.push(`${name} must begin with postgres://`)
  if (databaseOwnerUrl !== undefined && databaseUrl === undefined)
    wrong.push('DATABASE_OWNER_URL goes with a DATABASE_URL')
  if (readDatabaseUrl !== undefined && databaseUrl === undefined)
    wrong.push('READ_DATABASE_URL goes with a DATABASE_URL')
  const logLevel = logLevels.find((level) => level === (env['LOG_LEVEL'] ?? 'info'))
  if (!logLevel) wrong.push(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not "${env['LOG_LEVEL']}"`)
  const bucket = bucketOf(env, wrong)
  const webConnections = connections(env, 'WEB_CONNECTIONS', { least: 3, usual: 10 }, wrong)
  const workerConnections = connections(env, 'WORKER_CONNECTIONS', { least: 8, usual: 20 }, wrong)
  const serverConnections = connections(env, 'SERVER_CONNECTIONS', { least: 60, usual: 90 }, wrong)
  const drainSeconds = Number(env['DRAIN_SECONDS'] || 0)
  if (!(drainSeconds >= 0 && drainSeconds <= 300))
    wrong.push(`DRAIN_SECONDS must be 0 to 300, not "${env['DRAIN_SECONDS']}"`)
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
    tls,
    drainMs: drainSeconds * 1000,
    dataDir,
    upgradeAnyway: env['UPGRADE_ANYWAY'] === '1',
    databaseUrl,
    readDatabaseUrl,
    directoryUrl,
    webConnections,
    workerConnections,
    serverConnections,
    databaseOwnerUrl,
    simulator: env['SIMULATOR'] === '1',
    platformHosts: listOf(env['PLATFORM_HOSTS']).map((host) => host.toLowerCase()),
    reveals,
    bucket,
    sealingKeyPath: resolve(env['SEALING_KEY_PATH'] ?? `${dataDir}/keys/sealing.json`),
    logLevel,
  }
}

function tlsOf(env: Record<string, string | undefined>, wrong: string[]): Config['tls'] {
  const { TLS: tls, TLS_CERT: certificate, TLS_KEY: key } = env
  if (tls && tls !== 'local') wrong.push(`TLS may be local, not "${tls}"`)
  if (Boolean(certificate) !== Boolean(key)) wrong.push('TLS_CERT and TLS_KEY go together')
  if (tls && certificate) wrong.push('TLS=local makes a certificate: give no TLS_CERT with it')
  if (certificate && key) return { certificatePath: resolve(certificate), keyPath: resolve(key) }
  return tls === 'local' ? 'local' : undefined
}

function bucketOf(env: Record<string, string | undefined>, wrong: string[]): BucketAccess | undefined {
  const endpoint = env['S3_ENDPOINT'] || ''
  const [keyId, secret] = [env['S3_ACCESS_KEY_ID'] || '', env['S3_SECRET_ACCESS_KEY'] || '']
  if (endpoint === '' && keyId === '' && secret === '') return undefined
  if (endpoint === '' || keyId === '' || secret === '')
    wrong.push('S3_ENDPOINT, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY go together')
  else if (!/^https:\/\/[^/]+\/?$/.test(endpoint) && !(isLocal(endpoint) && endpoint.startsWith('http:')))
    wrong.push(`S3_ENDPOINT must begin with https:// and have no path, not "${endpoint}"`)
  return {
    endpoint,
    region: env['S3_REGION'] || 'us-east-1',
    keyId,
    secret,
    pathStyle: env['S3_PATH_STYLE'] === '1',
  }
}

/** Reads a number of connections. With fewer than `least`, parts of the process would wait for each other. */
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

/** Where backups into a bucket, and from one, have their files on the way. */
export const storageOf = ({ bucket, dataDir }: Config): Storage => ({
  bucket,
  staging: join(dataDir, 'backup-staging'),
})

export function childEnvironment(changes: Record<string, string>): Record<string, string | undefined> {
  // Without MALLOC_ARENA_MAX each thread keeps the memory that it freed; a busy worker then uses 40 MB more.
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
