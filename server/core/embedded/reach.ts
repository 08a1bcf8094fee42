import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { addressOf, openDatabase } from '../db/db.ts'

/** The oldest version that is accepted. The tests run on 17, which Debian has, and on 18, which the package brings. */
const oldestServer = 17

const againMs = 1000
/** Milliseconds between two messages on the terminal that this process still waits for the database. */
const sayEveryMs = 30_000

/**
 * Returns the URL of a usable database. Waits until the server answers, unless `isPatient` is false, checks its version before anything is written, and detects a pooler
 * that lends connections for one transaction. Throws an error with a message for the administrator if waiting cannot help.
 */
export async function reachDatabase(
  url: string,
  say: (line: string) => void,
  { isPatient = true } = {},
): Promise<string> {
  const reached = await untilItAnswers(url, say, isPatient)
  const found = await ask(reached)
  if (found.major < oldestServer)
    throw new Error(
      `数据库是 PostgreSQL ${found.version},三易需要 ${oldestServer} 或更新的版本。还没有改动任何数据。\n` +
        `The database is PostgreSQL ${found.version}; Sanyi needs ${oldestServer} or newer. Nothing was changed.`,
    )
  if (found.zone === 'Asia/Shanghai' && (addressOf(reached).pooled || found.timeout === '30s')) return reached
  if (!addressOf(reached).pooled) {
    // A pooler accepted the connection but ignored our settings.
    const pooled = pooledUrl(url)
    if ((await ask(pooled)).zone === 'Asia/Shanghai') return pooled
  }
  throw new Error(
    '连接池没有把时区设置传给数据库:PgBouncer 要 1.20 或更新,且 ignore_startup_parameters 里不能有 options。\n' +
      'The pooler does not pass the time zone on: PgBouncer 1.20 or newer, without "options" in ignore_startup_parameters.',
  )
}

type Found = { version: string; major: number; zone: string; timeout: string }

async function ask(url: string): Promise<Found> {
  const { pool, close } = openDatabase(url, { max: 1, name: 'sanyi start' })
  try {
    const { rows } = await pool.query<Found>(`
      select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major,
        current_setting('TimeZone') as zone, current_setting('idle_in_transaction_session_timeout') as timeout`)
    const [found] = rows
    if (!found) throw new Error('The database does not tell its version.')
    return found
  } finally {
    await close()
  }
}

async function untilItAnswers(url: string, say: (line: string) => void, isPatient: boolean): Promise<string> {
  for (let saidAt = -sayEveryMs; ; await sleep(againMs)) {
    try {
      await ask(url)
      return url
    } catch (error) {
      if (refusedByPooler(error)) return pooledUrl(url)
      if (!isPatient || !mayPass(error)) throw notReached(url, error)
      if (performance.now() - saidAt < sayEveryMs) continue
      saidAt = performance.now()
      say(
        `数据库 ${placeOf(url)} 还没有应答,等待 · The database does not answer yet, waiting: ${wordsOf(error)}`,
      )
    }
  }
}

/** True if a pooler refused the connection because of our settings (08P01 "unsupported startup parameter"). */
const refusedByPooler = (error: unknown) =>
  codeOf(error) === '08P01' && error instanceof Error && /startup parameter/.test(error.message)

/**
 * True for an error that may pass by itself: the server starts or stops, has no free connection, or is not on the network yet. A wrong user
 * name or password is another error.
 */
const mayPass = (error: unknown) =>
  /^(57P0[1-3]|53300|08\w{3}|ECONN\w+|ENOTFOUND|EAI_AGAIN|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)$/.test(
    codeOf(error),
  ) ||
  (error instanceof Error && /^(Connection terminated|timeout exceeded)/.test(error.message))

function pooledUrl(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}pooler=transaction`
}

function notReached(url: string, error: unknown): Error {
  const words = wordsOf(error)
  return new Error(`数据库 ${placeOf(url)} 连不上 · The database cannot be used: ${words}`)
}

function placeOf(url: string): string {
  const { host, port, database } = new pg.Client({ connectionString: addressOf(url).url })
  return `${host}:${port}/${database ?? ''}`
}

const wordsOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
