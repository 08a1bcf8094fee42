import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
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
    application_name: options.name ?? 'sanyi',
    // No statement takes a second core from other people: to start helpers takes 5 ms, and a look-up would for each of its weeks.
    options: '-c timezone=Asia/Shanghai -c max_parallel_workers_per_gather=0',
    statement_timeout: options.statementMs ?? false,
  })
  const onError = options.onError ?? (() => {})
  pool.on('error', onError)
  // The pool listens to idle connections only: one that is lost between two statements of a transaction has nobody.
  pool.on('connect', (client) => client.on('error', onError))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}

/** int8 columns that are money or counts are read as numbers with `num()`; ids stay text. */
export function num(value: string | number | bigint): number {
  const result = Number(value)
  if (!Number.isSafeInteger(result)) throw new RangeError(`${value} is not a safe integer`)
  return result
}
