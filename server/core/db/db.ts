import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
  type Transaction,
} from 'kysely'
import pg from 'pg'
import { minuteMs } from '../../lib/time.ts'

/** The query builder is not used, so it knows no table: `rows.ts` has the types for `sql`. */
type Tables = Record<never, never>

export type Database = Kysely<Tables>
export type Tx = Transaction<Tables>

export type OpenDatabase = { db: Database; pool: pg.Pool; close(): Promise<void> }

/** Whoever is silent in a transaction for so long has hung, or its machine is gone: the locks it holds are given up. */
const idleInTransactionMs = 30_000

/** No statement takes a second core from other people: to start helpers takes 5 ms, and a look-up would for each of its weeks. */
const alone = 'max_parallel_workers_per_gather'
const zone = '-c timezone=Asia/Shanghai'
/** The server gives a connection up whose other end does not answer for a minute, instead of after two hours. */
const lifeSigns = {
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '60000',
}

/**
 * Opens a pool. `max` connections; a lost server is reported to `onError` and reconnected to, never fatal. A statement that
 * takes longer than `statementMs` (waiting for locks included) is cancelled by the server with code 57014; without it, none.
 */
export function openDatabase(
  url: string,
  options: { max?: number; name?: string; statementMs?: number; onError?: (error: Error) => void } = {},
): OpenDatabase {
  const address = addressOf(url)
  const pool = new pg.Pool({
    connectionString: address.url,
    max: options.max ?? 10,
    // A new connection has to learn the catalogue: the first tab counts over some were 140 ms, with known ones 75.
    idleTimeoutMillis: 5 * minuteMs,
    application_name: options.name ?? 'sanyi',
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    ...startSettings(address, options.statementMs),
  })
  const onError = options.onError ?? (() => {})
  pool.on('error', onError)
  // The pool listens to idle connections only: one that is lost between two statements of a transaction has nobody.
  pool.on('connect', (client) => client.on('error', onError))
  const local = address.pooled ? localSettings(options.statementMs) : undefined
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: withPreparedStatements(pool, local) }),
  })
  return { db, pool, close: () => db.destroy() }
}

/**
 * What an address says beside where the server is. `options` of it are added to ours, which count where both name a setting.
 * `pooler=transaction` says that a pooler lends a connection for one transaction at a time (`reach.ts` finds that out).
 */
export function addressOf(url: string): { url: string; theirs: string; pooled: boolean } {
  const at = url.indexOf('?')
  if (at < 0) return { url, theirs: '', pooled: false }
  const query = new URLSearchParams(url.slice(at + 1))
  const theirs = query.get('options') ?? ''
  const pooled = query.get('pooler') === 'transaction'
  query.delete('options')
  query.delete('pooler')
  return { url: query.size > 0 ? `${url.slice(0, at)}?${query}` : url.slice(0, at), theirs, pooled }
}

/** Of a whole connection. A pooler knows the time zone of each that it lends out, and refuses the others. */
function startSettings({ theirs, pooled }: ReturnType<typeof addressOf>, statementMs: number | undefined) {
  const joined = (...parts: string[]) => parts.filter(Boolean).join(' ')
  if (pooled) return { options: joined(theirs, zone) }
  const settings = { ...lifeSigns, [alone]: '0' }
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  return {
    options: joined(theirs, zone, ...ours),
    statement_timeout: statementMs ?? false,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  } as const
}

/** The same for one transaction, as what follows it on the connection may be somebody else's. */
type LocalSettings = { text: string; alsoAlone: boolean }

function localSettings(statementMs: number | undefined): LocalSettings {
  const settings = [
    `set local ${alone} = 0`,
    `set local idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
    ...(statementMs === undefined ? [] : [`set local statement_timeout = ${statementMs}`]),
  ]
  return { text: settings.join('; '), alsoAlone: statementMs !== undefined }
}

const preparedMarker = '/* planned once */'

/**
 * Begins a statement that a connection parses and plans for its first uses only: a long one takes several ms for that, as much as
 * to run it for a hundred rows. Only for statements of few texts, whose best plan does not hang on the values.
 */
export const preparedStatement = sql.raw(preparedMarker)

/** The pool, with the statements that are marked so prepared under a name of their own in each connection. */
function withPreparedStatements(pool: pg.Pool, local: LocalSettings | undefined): PostgresPool {
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    Client: pg.Client,
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const wrapped = known.get(client) ?? wrap(client, local)
      known.set(client, wrapped)
      return wrapped
    },
  }
}

function wrap(client: pg.PoolClient, local: LocalSettings | undefined): PostgresPoolClient {
  const named = withNames(client)
  return Object.assign(Object.create(client), { query: local ? withLocal(client, named, local) : named })
}

type Query = (text: string, values: unknown[]) => Promise<pg.QueryResult>

function withNames(client: pg.PoolClient): Query {
  const names = new Map<string, string>()
  const nameOf = (text: string) => {
    const name = names.get(text) ?? `planned_${names.size}`
    names.set(text, name)
    return name
  }
  return (text, values) =>
    client.query(text.startsWith(preparedMarker) ? { name: nameOf(text), text, values } : { text, values })
}

/** Each transaction begins with our settings, in the same message; a statement outside of one gets one of its own. */
function withLocal(client: pg.PoolClient, query: Query, local: LocalSettings): Query {
  let inside = false
  const begin = async (text: string) => {
    await client.query(`${text}; ${local.text}`)
    inside = true
  }
  const end = async (text: string) => {
    inside = false
    return client.query(text)
  }
  return async (text, values) => {
    if (/^(commit|rollback)$/i.test(text)) return end(text)
    if (/^(begin|start transaction)/i.test(text)) {
      await begin(text)
      return nothing
    }
    if (inside || !local.alsoAlone) return query(text, values)
    await begin('begin')
    try {
      const answer = await query(text, values)
      await end('commit')
      return answer
    } catch (error) {
      await end('rollback').catch(() => {})
      throw error
    }
  }
}

const nothing: pg.QueryResult = { command: 'BEGIN', rowCount: null, oid: 0, fields: [], rows: [] }

/** int8 columns that are money or counts are read as numbers with `num()`; ids stay text. */
export function num(value: string | number | bigint): number {
  const result = Number(value)
  if (!Number.isSafeInteger(result)) throw new RangeError(`${value} is not a safe integer`)
  return result
}

/** For `.catch` of what writes a name or number: one that somebody has is refused as `refusal` says, also of two in the same instant. */
export const orTaken = (refusal: () => Error) => (error: unknown) => {
  const isTaken = error instanceof Error && 'code' in error && error.code === '23505'
  throw isTaken ? refusal() : error
}
