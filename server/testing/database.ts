import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, realpath, rm, statfs, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RawBuilder, sql } from 'kysely'
import pg from 'pg'
import { makeRole, urlAs } from '../core/db/database-roles.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { migrate } from '../core/db/migrate.ts'
import { type Postgres, startPostgres } from '../core/embedded/postgres.ts'

export type TestDatabase = {
  /** URL of an empty database with every migration, for the role of web and worker processes. Each test has its own database. */
  url: string
  /** URL for the owner of the tables, for statements that only a test needs. */
  ownerUrl: string
  /** URL of a standby of the database; undefined: it has none. */
  standbyUrl?: string
  /** Runs these statements as the owner of the tables. */
  owner(text: string): Promise<void>
  /** Empties tables and the tables that refer to them. */
  empty(...tables: string[]): Promise<void>
  /** Drops the database even if clients are connected. */
  [Symbol.asyncDispose](): Promise<void>
}

const root = new URL('../../', import.meta.url)
const dataDir = fileURLToPath(new URL('data/test/postgres', root))
const templateLock = 7_214_032
const rolePassword = 'of a test'
/** The application's role in tests. It differs from the role of the embedded server, whose password the server sets itself. */
export const testRole = 'sanyi_test'
const ordinaryRole = 'ordinary_owner'

let server: Promise<string> | undefined
let template: Promise<string> | undefined
let made = 0

/**
 * Returns a fresh migrated database: `await using database = await testDatabase()`. It is a copy of a template and takes some tens of
 * milliseconds. The template is migrated once for each state of the migrations.
 */
export async function testDatabase(): Promise<TestDatabase> {
  server ??= serverUrl()
  const maintenance = await server
  template ??= templateOf(maintenance)
  const source = await template
  made += 1
  const name = `test_${process.pid}_${made}`
  // Copying files is faster than writing every page through the log, because this server never waits for the disk.
  await onServer(maintenance, (client) =>
    client.query(`create database ${name} template ${source} strategy file_copy`),
  )
  const ownerUrl = databaseUrl(maintenance, name)
  return {
    url: urlAs(ownerUrl, testRole, rolePassword),
    ...ownedAt(maintenance, ownerUrl, name),
  }
}

function ownedAt(maintenance: string, ownerUrl: string, name: string): Omit<TestDatabase, 'url'> {
  return {
    ownerUrl,
    owner: (text) => onServer(ownerUrl, async (client) => void (await client.query(text))),
    empty: (...tables) =>
      onServer(ownerUrl, async (client) => {
        await client.query(`set session_replication_role = replica; truncate ${tables.join(', ')} cascade`)
      }),
    [Symbol.asyncDispose]: async () => {
      await onServer(maintenance, (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
}

export async function emptyDatabase(): Promise<TestDatabase> {
  server ??= serverUrl()
  const maintenance = await server
  made += 1
  const name = `test_${process.pid}_${made}`
  await onServer(maintenance, async (client) => {
    await makeRole(client, testRole, rolePassword)
    await client.query(`create database ${name}`)
  })
  const ownerUrl = databaseUrl(maintenance, name)
  return { url: urlAs(ownerUrl, testRole, rolePassword), ...ownedAt(maintenance, ownerUrl, name) }
}

/** Returns an empty migrated database whose only role is its ordinary owner, as hosting companies provide it. */
export async function ordinaryDatabase(): Promise<TestDatabase> {
  server ??= serverUrl()
  const maintenance = await server
  made += 1
  const name = `test_${process.pid}_${made}`
  await onServer(maintenance, async (client) => {
    await makeRole(client, ordinaryRole, rolePassword)
    await client.query(`create database ${name}`)
    await client.query(`alter database ${name} owner to ${ordinaryRole}`)
  })
  const superUrl = databaseUrl(maintenance, name)
  const url = urlAs(superUrl, ordinaryRole, rolePassword)
  await migrate(url)
  return { url, ...ownedAt(maintenance, superUrl, name) }
}

/**
 * Starts the server for tests, which keeps running between runs of single files. It never waits for the disk, because data of tests may be
 * lost in a power cut.
 */
export async function startTestPostgres(): Promise<Postgres> {
  await moveToMemory()
  return startPostgres({
    dataDir,
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      shared_buffers: '256MB',
      max_wal_size: '256MB',
      max_connections: '300',
      // There are many databases that exist only for seconds; vacuuming each would take processor time from the tests.
      autovacuum: 'off',
    },
  })
}

/** Stops the server and frees its memory, unless another test uses it. */
export async function endTestPostgres(server: Postgres): Promise<void> {
  if (!(await server.stopIfUnused())) return
  const cluster = await realpath(dataDir)
  if (cluster.startsWith('/dev/shm/')) await rm(cluster, { recursive: true })
}

/** A copy of the template has some 650 files: on a disk that takes half a second, in memory a tenth of it. */
async function moveToMemory(): Promise<void> {
  const memory = await statfs('/dev/shm').catch(() => undefined)
  if (!memory || memory.bavail * memory.bsize < 4 * 2 ** 30) return
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  const place = `/dev/shm/sanyi-test-${name}`
  // A new clone has no password for what a killed run of the one before, at the same place, left in memory.
  if (!existsSync(`${dataDir}.password`)) await rm(place, { recursive: true, force: true })
  await mkdir(dirname(dataDir), { recursive: true })
  // An existing cluster stays where it is, in memory or on the disk.
  await symlink(place, dataDir).catch(() => {})
}

async function serverUrl(): Promise<string> {
  return process.env.SANYI_TEST_POSTGRES ?? (await startTestPostgres()).url
}

async function templateOf(maintenance: string): Promise<string> {
  const name = `template_${await migrationsHash()}`
  await onServer(maintenance, async (client) => {
    await client.query('select pg_advisory_lock($1)', [templateLock])
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount !== 0) return
    await dropForgotten(client)
    const draft = `${name}_draft`
    await client.query(`drop database if exists ${draft} with (force)`)
    await client.query(`create database ${draft}`)
    await makeRole(client, testRole, rolePassword)
    await migrate(databaseUrl(maintenance, draft), { application: testRole })
    // The database is renamed when it is complete, so that a killed run leaves no incomplete template.
    await client.query(`alter database ${draft} rename to ${name}`)
  })
  return name
}

/** Drops databases of test processes that have died, and templates that were not used for a day. */
async function dropForgotten(client: pg.Client): Promise<void> {
  const rows = await client.query<{ name: string; old: boolean }>(
    `select datname as name, (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '1 day' as old
     from pg_database where datname ~ '^(test|template)_'`,
  )
  for (const { name, old } of rows.rows) {
    const pid = /^test_(\d+)_/.exec(name)?.[1]
    const forgotten = pid === undefined ? old : !isRunning(Number(pid))
    if (forgotten) await client.query(`drop database if exists ${name} with (force)`)
  }
}

async function migrationsHash(): Promise<string> {
  const folder = new URL('migrations/', root)
  const files = (await readdir(folder)).filter((file) => /^\d+_.*\.sql$/.test(file)).sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(await readFile(new URL(file, folder)))
  // The migrator also makes the job tables, whose form comes with the package.
  for (const file of [
    'server/core/db/migrate.ts',
    'server/core/db/database-roles.ts',
    'server/core/db/job-tables.ts',
    'node_modules/pg-boss/package.json',
  ]) {
    hash.update(await readFile(new URL(file, root)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connected(url)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Opens a connection that is closed at the end of the block: `await using client = await connected(url)`. */
export async function connected(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Returns a wrapper of the database, and a function that returns how many statements the wrapper has run. */
export function counting(db: Database): { db: Database; statements: () => number } {
  let count = 0
  const watched = db.withPlugin({
    transformQuery({ node }) {
      count += 1
      return node
    },
    transformResult: async ({ result }) => result,
  })
  return { db: watched, statements: () => count }
}

/** Returns how many rows of these tables the work reads, in a transaction of its own. An index that finds one row reads one. */
export function rowsReadBy(
  db: Database,
  tables: readonly string[],
  work: (tx: Tx) => Promise<unknown>,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const before = await rowsRead(tx, tables)
    await work(tx)
    return (await rowsRead(tx, tables)) - before
  })
}

async function rowsRead(tx: Tx, tables: readonly string[]): Promise<number> {
  const found = await sql<{ rows: number }>`
    select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::int as rows from pg_stat_xact_user_tables
    where relname = any(${[...tables]}::text[])`.execute(tx)
  return found.rows[0]?.rows ?? 0
}

/**
 * Makes five thousand copies of a table's only row, with ids from 1000001. `own`: names and values of the columns that must be unique, for
 * jsonb_build_object, from the copy's number `n`.
 */
export const fiveThousandMore = (db: Database, table: string, own: RawBuilder<unknown>) =>
  sql`
    insert into ${sql.table(table)} overriding system value
    select (jsonb_populate_record(one, jsonb_build_object('id', 1000000 + n, ${own}))).*
    from ${sql.table(table)} one cross join generate_series(1, 5000) n`.execute(db)
