import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { assertSupported, endOlderPrograms, jobTablesNumber } from '../upgrade/support.ts'
import { grantApplication, grantWithin } from './database-roles.ts'
import {
  contractionOf,
  filesOf,
  migrationFolder,
  migrationNames,
  olderFolder,
  textOf,
} from './migration-files.ts'

const whole = '0001_schema.sql'

const migrationLock = 7_214_031

/** How long a migration waits for its locks while others work: those who come after it wait behind it. */
const lockMs = 2000
const lockTries = 60

/**
 * Applies `migrations/NNNN_name.sql` in order, each in one transaction, forward only. A database that is older than `0001_schema.sql` first
 * gets the missing files of `before-1`. Several processes may call it at once, also while others work on the database. A database that a
 * newer program has migrated stays as it is, if it supports this one; otherwise this throws. `application`: the role of the web and worker
 * processes, which gets its rights here. `only`: no other migrations are applied. `before`: called with the names of the migrations that
 * will be applied, if there are any. `say`: gets lines for a person.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<void> {
  const client = clientFor(databaseUrl)
  const holder = clientFor(databaseUrl)
  try {
    await client.connect()
    await takeLock(holder)
    await noticeEnd(client)
    await applyAll(client, options)
    await upgradeJobTables(client)
    if (options.application !== undefined) await grantApplication(client, options.application)
  } finally {
    await holder.end()
    await client.end()
  }
}

export type MigrateOptions = {
  application?: string
  only?: ReadonlySet<string>
  before?: (client: pg.Client, names: readonly string[]) => Promise<void>
  say?: (line: string) => void
}

/** Makes a client. Without the listener an error of the idle connection would end the process; the next query reports it. */
function clientFor(connectionString: string): pg.Client {
  const client = new pg.Client({ connectionString, application_name: 'sanyi migrate' })
  client.on('error', () => {})
  return client
}

/**
 * Takes the lock in a transaction of a second connection and keeps that transaction open. A lock of the session would not do: a pooler may
 * lend the connection to another client after each transaction.
 */
async function takeLock(holder: pg.Client): Promise<void> {
  await holder.connect()
  await holder.query('begin; set local idle_in_transaction_session_timeout = 0')
  await holder.query('select pg_advisory_xact_lock($1)', [migrationLock])
}

/**
 * Makes the server end a statement soon after this process was killed. Without it a long statement goes on to its end, and its locks keep
 * all others waiting. A server on Windows cannot; behind a pooler it holds for an unknown time, and does no harm.
 */
async function noticeEnd(client: pg.Client): Promise<void> {
  await client.query(`set client_connection_check_interval = '1s'`).catch(() => {})
}

async function applyAll(
  client: pg.Client,
  { only, before, say, application }: MigrateOptions,
): Promise<void> {
  await createTable(client)
  const applied = new Set(
    (await client.query<{ name: string }>('select name from migration')).rows.map((row) => row.name),
  )
  const files = await filesOf(migrationFolder)
  const older = await filesOf(olderFolder)
  const lost = [...applied].filter((name) => !files.includes(name) && !older.includes(name))
  const missing = files.filter((file) => !applied.has(file) && (only?.has(file) ?? true))
  if (lost.length > 0) {
    await assertSupported(client)
    if (await hasSupport(client, missing)) return
    throw new Error(
      `This database is newer than the program: it has ${lost.join(', ')}. Start the newer version.`,
    )
  }
  if (missing.length > 0) await before?.(client, missing)
  if (!applied.has(whole) && older.some((name) => applied.has(name))) {
    for (const name of older.filter((file) => !applied.has(file)))
      await inOne(client, name, async () => client.query(await textOf(olderFolder, name)))
    await enterWhole(client)
    applied.add(whole)
  }
  for (const name of missing.filter((file) => !applied.has(file))) {
    const text = await textOf(migrationFolder, name)
    const contraction = contractionOf(text)
    if (contraction) await endOlderPrograms(client, contraction.oldestProgram, say ?? (() => {}))
    await inOne(client, name, async () => {
      await client.query(text)
      if (application !== undefined) await grantWithin(client, application)
    })
    say?.(`  ${name}`)
  }
}

/** True if the database says which programs it supports, and lacks nothing of this one. */
async function hasSupport(client: pg.Client, missing: readonly string[]): Promise<boolean> {
  const found = await client.query<{ name: string | null }>(
    `select to_regclass('schema_support')::text as name`,
  )
  return found.rows[0]?.name != null && missing.length === 0
}

type Queried = Pick<pg.Client, 'query'>

/** The migrations of this program that the database does not have yet, and those of the database that this program does not know. */
export async function migrationGaps(database: Queried): Promise<{ missing: string[]; unknown: string[] }> {
  const { rows } = await database.query<{ name: string }>('select name from migration')
  const applied = new Set(rows.map(({ name }) => name))
  const known = new Set(await migrationNames())
  return {
    missing: (await filesOf(migrationFolder)).filter((name) => !applied.has(name)),
    unknown: [...applied].filter((name) => !known.has(name)).sort(),
  }
}

/** Checks that the schema made by the older migrations equals 0001_schema.sql, and records 0001_schema.sql as applied. */
async function enterWhole(client: pg.Client): Promise<void> {
  const { assertWholeSchema } = await import('./whole-schema.ts')
  const text = await textOf(migrationFolder, whole)
  await inOne(client, whole, () => assertWholeSchema(client, text))
}

/**
 * Creates the table of applied migrations if it is missing. It looks first, because a role without the right to create tables must also be
 * able to check that all migrations are applied.
 */
async function createTable(client: pg.Client): Promise<void> {
  const found = await client.query<{ name: string | null }>("select to_regclass('migration')::text as name")
  if (found.rows[0]?.name) return
  await client.query(
    'create table if not exists migration (name text primary key, applied_at timestamptz not null default now())',
  )
}

/** Creates or upgrades the tables of pg-boss. The library is loaded only if they change, because loading takes 200 ms. */
async function upgradeJobTables(client: pg.Client): Promise<void> {
  const exists = await client.query<{ name: string | null }>("select to_regclass('version')::text as name")
  const version = exists.rows[0]?.name
    ? (await client.query<{ version: number }>('select version from version')).rows[0]?.version
    : undefined
  const wanted = jobTablesNumber
  if (version === wanted) return
  if (version !== undefined && version > wanted) {
    throw new Error(
      `This database is newer than the program: its job tables have version ${version}. Start the newer version.`,
    )
  }
  const { installJobTables } = await import('./job-tables.ts')
  await installJobTables(client)
}

/** Does the work of one migration in a transaction, and again if others held a table that it locks. */
async function inOne(client: pg.Client, name: string, work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(`begin; set local lock_timeout = ${lockMs}`)
      await client.query('insert into migration (name) values ($1)', [name])
      await work()
      await client.query('commit')
      return
    } catch (cause) {
      await client.query('rollback')
      if (isBlocked(cause) && tries < lockTries) await sleep(lockMs / 2)
      else throw new Error(`Migration ${name} failed; nothing of it was kept.`, { cause })
    }
  }
}

/** lock_not_available, deadlock_detected. */
const isBlocked = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '40P01')
