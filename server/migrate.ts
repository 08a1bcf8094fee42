import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'

const folder = new URL('../migrations/', import.meta.url)

/** Serialises migrators of every process that starts at once on one database. */
const migrationLock = 7_214_031

/**
 * Applies `migrations/NNNN_name.sql` in order, each in one transaction, forward only.
 * Safe to run from many processes at once. Throws when a file that was applied has disappeared.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query('create table if not exists migration (name text primary key, applied_at timestamptz not null default now())')
    const applied = new Set((await client.query<{ name: string }>('select name from migration')).rows.map((row) => row.name))
    const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
    const lost = [...applied].filter((name) => !files.includes(name))
    if (lost.length > 0) throw new Error(`This database is newer than the program: it has ${lost.join(', ')}. Start the newer version.`)
    for (const name of files.filter((file) => !applied.has(file))) await apply(client, name)
  } finally {
    await client.end()
  }
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
