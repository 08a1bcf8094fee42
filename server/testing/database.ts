import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, realpath, rm, statfs, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { makeRole, urlAs } from '../core/db/database-roles.ts'
import { migrate } from '../core/db/migrate.ts'
import { type Postgres, startPostgres } from '../core/embedded/postgres.ts'

export type TestDatabase = {
  /** Address of an empty database with every migration applied, as the application's role; nobody else uses it. */
  url: string
  /** The same as the owner of its tables, for what only a test does: emptying, changing, spoiling them. */
  ownerUrl: string
  /** Runs these statements as the owner. */
  owner(text: string): Promise<void>
  /** Empties tables and what refers to them; also those that nobody else could empty. */
  empty(...tables: string[]): Promise<void>
  /** Drops it, whoever is still connected. */
  [Symbol.asyncDispose](): Promise<void>
}

const root = new URL('../../', import.meta.url)
const dataDir = fileURLToPath(new URL('data/test/postgres', root))
const templateLock = 7_214_032
const rolePassword = 'of a test'
/** Of the tests' own: the server keeps the password of its application's. */
export const testRole = 'sanyi_test'
const ordinaryRole = 'ordinary_owner'

let server: Promise<string> | undefined
let template: Promise<string> | undefined
let made = 0

/**
 * Gives a fresh migrated database: `await using database = await testDatabase()`. It is a copy of a template, made in
 * some tens of milliseconds; the template is migrated once for each state of the migrations.
 */
export async function testDatabase(): Promise<TestDatabase> {
  server ??= serverUrl()
  const maintenance = await server
  template ??= templateOf(maintenance)
  const source = await template
  made += 1
  const name = `test_${process.pid}_${made}`
  // Copying the files beats writing every page through the log, on a server that never waits for the disk.
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

/** A database without any table. */
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

/** An empty migrated database whose only role is an ordinary one that owns it, as a hoster gives it. */
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
 * The server for tests, kept running between runs of single files. What a test writes need not outlive a power cut,
 * so it never waits for the disk; a crash of this server itself loses nothing either way.
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
      // Many short-lived databases: visiting each of them for vacuuming would only take the processors from the tests.
      autovacuum: 'off',
    },
  })
}

/** Stops it and frees its memory, unless somebody else is testing with it. */
export async function endTestPostgres(server: Postgres): Promise<void> {
  if (!(await server.stopIfUnused())) return
  const cluster = await realpath(dataDir)
  if (cluster.startsWith('/dev/shm/')) await rm(cluster, { recursive: true })
}

/** A copy of the template is some 650 files: on a disk half a second of a busy machine, in memory a tenth of that. */
async function moveToMemory(): Promise<void> {
  const memory = await statfs('/dev/shm').catch(() => undefined)
  if (!memory || memory.bavail * memory.bsize < 4 * 2 ** 30) return
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  await mkdir(dirname(dataDir), { recursive: true })
  // One that is there already, on whichever side, stays where it is.
  await symlink(`/dev/shm/sanyi-test-${name}`, dataDir).catch(() => {})
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
    // Renamed only when complete: a run that is killed half-way leaves nothing that looks like a template.
    await client.query(`alter database ${draft} rename to ${name}`)
  })
  return name
}

/** Databases of test processes that died, and templates of migrations that nobody used for a day. */
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

/** A connection of the test's own, which ends with its block. */
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

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
