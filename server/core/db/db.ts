import {
  Kysely,
  type KyselyPlugin,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
  type Transaction,
} from 'kysely'
import pg from 'pg'
import { minuteMs } from '../../lib/time.ts'
import type { Membership } from './connection-budget.ts'

/** The query builder of Kysely is not used, so the type has no tables. `rows.ts` has the types for `sql`. */
type Tables = Record<never, never>

export type Database = Kysely<Tables>
export type Tx = Transaction<Tables>

export type OpenDatabase = { db: Database; pool: pg.Pool; close(): Promise<void> }

/**
 * The server ends a transaction whose connection sends nothing for this time, because its client has hung or its machine is gone. This
 * releases the transaction's locks.
 */
const idleInTransactionMs = 30_000

/**
 * A setting that we set to 0, so that no statement uses parallel workers: starting one takes 5 ms, too long for short queries, and occupies
 * a second core.
 */
const alone = 'max_parallel_workers_per_gather'
const zone = '-c timezone=Asia/Shanghai'
/**
 * With these settings the server notices within one minute, instead of two hours, that the client of a connection is gone, and closes the
 * connection.
 */
const lifeSigns = {
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '60000',
}

/**
 * Opens a connection pool of at most `max` connections. If the server is lost, `onError` gets the error and new connections are made later.
 * `statementMs`: the server cancels a statement that takes longer, including its wait for locks, with code 57014; undefined: no limit.
 */
export function openDatabase(
  url: string,
  options: {
    max?: number
    name?: string
    statementMs?: number
    /** An unused connection is closed after this time; undefined: five minutes. */
    idleMs?: number
    /** The connections that this pool shares with others; undefined: it shares none. */
    budget?: Membership
    onError?: (error: Error) => void
  } = {},
): OpenDatabase {
  const address = addressOf(url)
  const pool = new pg.Pool({
    connectionString: address.url,
    max: options.max ?? 10,
    // A connection is kept for long because a new one loads the catalogue first: counting the tabs took 140 ms over new connections and 75
    // ms over used ones.
    idleTimeoutMillis: options.idleMs ?? 5 * minuteMs,
    application_name: options.name ?? 'sanyi',
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    ...(options.budget && { Client: options.budget.Client }),
    ...startSettings(address, options.statementMs),
  })
  const onError = options.onError ?? (() => {})
  pool.on('error', onError)
  options.budget?.share(pool)
  // The connection pool reports only errors of idle connections. Without this listener the process would end if a connection is lost
  // between two statements of a transaction.
  pool.on('connect', (client) => client.on('error', onError))
  const local = address.pooled ? localSettings(options.statementMs) : undefined
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: withPreparedStatements(pool, local) }),
  })
  return {
    db,
    pool,
    async close() {
      await db.destroy()
      // Kysely ends only a pool that it has used.
      if (!pool.ending) await pool.end()
      options.budget?.leave()
    },
  }
}

/**
 * Splits a URL. `theirs`: the server settings in its `options`; ours are added behind them and win. `pooled`: true if the URL says
 * `pooler=transaction`, that is, a pooler lends a connection for one transaction at a time (`reach.ts` detects that).
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

/** SQL: when today began, by the day of China, also on a connection with another time zone. */
export const startOfToday = sql<Date>`date_trunc('day', now(), 'Asia/Shanghai')`

/** Returns the settings with which a connection starts. A pooler accepts the time zone and refuses the other settings. */
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

/** Settings that are sent with each transaction behind a pooler, because the connection may serve another program after it. */
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
 * Marks a statement as prepared: each connection parses and plans it at its first uses only. Parsing a long statement takes several ms, as
 * long as running it for a hundred rows. Use it only if the text varies little and the best plan does not depend on the values.
 */
export const preparedStatement = sql.raw(preparedMarker)

/**
 * Returns a handle of the same database that prepares every statement, for a path that runs the same few dozen statements for one row at a
 * time: planning them takes longer than running them.
 */
export const withPlans = (db: Database): Database => db.withPlugin(preparesAll)

const preparesAll: KyselyPlugin = {
  transformQuery({ node }) {
    if (node.kind !== 'RawNode') return node
    const [first = '', ...rest] = node.sqlFragments
    return { ...node, sqlFragments: [`${preparedMarker}${first}`, ...rest] }
  },
  transformResult: async ({ result }) => result,
}

/** Wraps the connection pool: each connection prepares the statements that have the marker, under a name for each text. */
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

/**
 * Sends our settings in the same message that begins a transaction. A statement outside a transaction gets a transaction of its own if
 * statements have a time limit; without a limit it is sent without our settings.
 */
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

/** Converts an int8 of money or counts, which the driver returns as text, to a number. Ids stay text. */
export function num(value: string | number | bigint): number {
  const result = Number(value)
  if (!Number.isSafeInteger(result)) throw new RangeError(`${value} is not a safe integer`)
  return result
}

/**
 * For `.catch` of a statement that writes a unique value: throws `refusal()` if the value is taken, even by a transaction at the same
 * moment; any other error is thrown again.
 */
export const orTaken = (refusal: () => Error) => (error: unknown) => {
  const isTaken = error instanceof Error && 'code' in error && error.code === '23505'
  throw isTaken ? refusal() : error
}
