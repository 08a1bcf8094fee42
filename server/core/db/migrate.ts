import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import packageJson from 'pg-boss/package.json' with { type: 'json' }
import { grantApplication } from './database-roles.ts'

const folder = new URL('../../../migrations/', import.meta.url)

/** Advisory lock that lets only one process migrate a database at a time. */
const migrationLock = 7_214_031

/**
 * Applies `migrations/NNNN_name.sql` in order, each in one transaction, forward only. Several processes may call it at once. Throws if the
 * file of an applied migration no longer exists. `application`: the role of the web and worker processes, which is granted its rights here.
 */
export async function migrate(databaseUrl: string, options: { application?: string } = {}): Promise<void> {
  const client = clientFor(databaseUrl)
  const holder = clientFor(databaseUrl)
  try {
    await client.connect()
    await takeLock(holder)
    await applyAll(client)
    await upgradeJobTables(client)
    if (options.application !== undefined) await grantApplication(client, options.application)
  } finally {
    await holder.end()
    await client.end()
  }
}

/** Makes a client. The error of a connection that breaks while it is idle is ignored here, because the next query reports it. */
function clientFor(connectionString: string): pg.Client {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  return client
}

/**
 * Takes the lock in a transaction of a second connection, and keeps that transaction open: behind a pooler, a connection may be lent to
 * another client as soon as its transaction ends, so a lock of the session could be lost.
 */
async function takeLock(holder: pg.Client): Promise<void> {
  await holder.connect()
  await holder.query('begin; set local idle_in_transaction_session_timeout = 0')
  await holder.query('select pg_advisory_xact_lock($1)', [migrationLock])
}

async function applyAll(client: pg.Client): Promise<void> {
  await createTable(client)
  const applied = new Set(
    (await client.query<{ name: string }>('select name from migration')).rows.map((row) => row.name),
  )
  const files = (await readdir(folder)).filter((name) => /^\d+_.*\.sql$/.test(name)).sort()
  const lost = [...applied].filter((name) => !files.includes(name))
  if (lost.length > 0)
    throw new Error(
      `This database is newer than the program: it has ${lost.join(', ')}. Start the newer version.`,
    )
  for (const name of files.filter((file) => !applied.has(file))) await apply(client, name)
}

/**
 * Creates the table of applied migrations unless it exists. Looking first lets a role that may not create tables still check that nothing
 * is to be applied.
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
  const wanted = packageJson.pgboss.schema
  if (version === wanted) return
  if (version !== undefined && version > wanted) {
    throw new Error(
      `This database is newer than the program: its job tables have version ${version}. Start the newer version.`,
    )
  }
  const { installJobTables } = await import('./job-tables.ts')
  await installJobTables(client)
}

async function apply(client: pg.Client, name: string): Promise<void> {
  const text = await readFile(new URL(name, folder), 'utf8')
  await client.query('begin')
  try {
    await client.query('insert into migration (name) values ($1)', [name])
    await client.query(text)
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback')
    throw new Error(`Migration ${name} failed; nothing of it was kept.`, { cause })
  }
}
