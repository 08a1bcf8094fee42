import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
  type Transaction,
} from 'kysely'
import pg from 'pg'
import { minuteMs } from './lib/time.ts'
import type { Tables } from './tables.ts'

export type Database = Kysely<Tables>
export type Tx = Transaction<Tables>

export type OpenDatabase = { db: Database; pool: pg.Pool; close(): Promise<void> }

/**
 * Opens a pool. `max` connections; a lost server is reported to `onError` and reconnected to, never fatal. A statement that
 * takes longer than `statementMs` (waiting for locks included) is cancelled by the server with code 57014; without it, none.
 */
export function openDatabase(
  url: string,
  options: { max?: number; name?: string; statementMs?: number; onError?: (error: Error) => void } = {},
): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    // A new connection has to learn the catalogue: the first tab counts over some were 140 ms, with known ones 75.
    idleTimeoutMillis: 5 * minuteMs,
    application_name: options.name ?? 'sanyi',
    // No statement takes a second core from other people: to start helpers takes 5 ms, and a look-up would for each of its weeks.
    options: '-c timezone=Asia/Shanghai -c max_parallel_workers_per_gather=0',
    statement_timeout: options.statementMs ?? false,
  })
  const onError = options.onError ?? (() => {})
  pool.on('error', onError)
  // The pool listens to idle connections only: one that is lost between two statements of a transaction has nobody.
  pool.on('connect', (client) => client.on('error', onError))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: planningOnce(pool) }) })
  return { db, pool, close: () => db.destroy() }
}

const mark = '/* planned once */'

/**
 * Begins a statement that a connection parses and plans for its first uses only: a long one takes several ms for that, as much as
 * to run it for a hundred rows. Only for statements of few texts, whose best plan does not hang on the values.
 */
export const plannedOnce = sql.raw(mark)

/** The pool, with the statements that are marked so prepared under a name of their own in each connection. */
function planningOnce(pool: pg.Pool): PostgresPool {
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    Client: pg.Client,
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const wrapped = known.get(client) ?? withNames(client)
      known.set(client, wrapped)
      return wrapped
    },
  }
}

function withNames(client: pg.PoolClient): PostgresPoolClient {
  const names = new Map<string, string>()
  const nameOf = (text: string) => {
    const name = names.get(text) ?? `planned_${names.size}`
    names.set(text, name)
    return name
  }
  const query = (text: string, values: unknown[]) =>
    client.query(text.startsWith(mark) ? { name: nameOf(text), text, values } : { text, values })
  return Object.assign(Object.create(client), { query })
}

/** int8 columns that are money or counts are read as numbers with `num()`; ids stay text. */
export function num(value: string | number | bigint): number {
  const result = Number(value)
  if (!Number.isSafeInteger(result)) throw new RangeError(`${value} is not a safe integer`)
  return result
}
