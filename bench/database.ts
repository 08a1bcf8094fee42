import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type OpenDatabase, openDatabase } from '../server/core/db/db.ts'
import { type Postgres, startPostgres } from '../server/core/embedded/postgres.ts'
import { type KeyRing, loadKeyRing } from '../server/lib/seal.ts'

export const benchDir = fileURLToPath(new URL('../data/bench', import.meta.url))
export const keyFile = join(benchDir, 'keys', 'sealing.json')

export type BenchServer = { postgres: Postgres; ring: KeyRing }

/** Starts the embedded server of the benchmarks with the settings of production. */
export async function startServer(): Promise<BenchServer> {
  mkdirSync(benchDir, { recursive: true })
  const postgres = await startPostgres({ dataDir: join(benchDir, 'postgres') })
  return { postgres, ring: await loadKeyRing(keyFile) }
}

export function urlOf(server: BenchServer, database: string): string {
  const url = new URL(server.postgres.url)
  url.pathname = `/${database}`
  return url.href
}

/** Creates a database, replacing one of this name: empty, or a copy of a database without connections. */
export async function freshDatabase(server: BenchServer, name: string, copyOf?: string): Promise<string> {
  await onServer(server, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`)
    await client.query(
      `create database ${name}${copyOf === undefined ? '' : ` template ${copyOf} strategy file_copy`}`,
    )
  })
  return urlOf(server, name)
}

export async function renameDatabase(server: BenchServer, from: string, to: string): Promise<void> {
  await onServer(server, async (client) => {
    await client.query(`drop database if exists ${to} with (force)`)
    await client.query(`alter database ${from} rename to ${to}`)
  })
}

export async function hasDatabase(server: BenchServer, name: string): Promise<boolean> {
  return onServer(server, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    return found.rowCount === 1
  })
}

export function open(url: string, max = 8): OpenDatabase {
  return openDatabase(url, { max, name: 'sanyi bench' })
}

async function onServer<T>(server: BenchServer, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: urlOf(server, 'postgres') })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
