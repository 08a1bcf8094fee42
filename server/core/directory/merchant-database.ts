import pg from 'pg'
import { makeRole } from '../db/database-roles.ts'
import type { Directory } from './directory.ts'
import {
  applicationRoleOf,
  databaseOf,
  type Merchant,
  ownerRoleOf,
  passwordsOf,
  type Server,
} from './merchants.ts'

/** Creates the merchant's two roles and its empty database on a server. What exists already stays. */
export async function createMerchantDatabase(
  directory: Directory,
  merchant: Merchant,
  server: Server,
): Promise<void> {
  const { key } = merchant
  const passwords = passwordsOf(directory, merchant)
  const [database, owner, application] = [databaseOf(key), ownerRoleOf(key), applicationRoleOf(key)]
  await onServer(server, async (client) => {
    await makeRole(client, owner, passwords.owner)
    await makeRole(client, application, passwords.application)
    // A role that is no superuser may give a database only to a role of which it is a member.
    await client.query(`grant ${owner} to current_user`)
    const found = await client.query('select from pg_database where datname = $1', [database])
    if (found.rowCount === 0) await client.query(`create database ${database} owner ${owner}`)
    // By default every role of the server may connect to every database.
    await client.query(`revoke all on database ${database} from public`)
    await client.query(`grant connect on database ${database} to ${application}`)
  })
}

/** False for a merchant whose drop was killed half-way. */
export function hasDatabase(server: Server, key: string): Promise<boolean> {
  return onServer(server, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseOf(key)])
    return rowCount === 1
  })
}

export async function dropMerchantDatabase(server: Server, key: string): Promise<void> {
  await onServer(server, async (client) => {
    await client.query(`drop database if exists ${databaseOf(key)} with (force)`)
    await client.query(`drop role if exists ${applicationRoleOf(key)}, ${ownerRoleOf(key)}`)
  })
}

/**
 * Closes the database for web and workers: their role cannot sign in any more, and its connections end. After this no process of the merchant
 * can write, also one that has not noticed yet.
 */
export async function closeDatabase(server: Server, key: string): Promise<void> {
  await onServer(server, async (client) => {
    const role = applicationRoleOf(key)
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
    if (rowCount === 0) return
    await client.query(`alter role ${role} nologin`)
    await client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = $1', [
      role,
    ])
  })
}

/** The number of connections of web and workers that are within a statement or a transaction. */
export function busySessions(server: Server, key: string): Promise<number> {
  return onServer(server, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where usename = $1 and state <> 'idle'`,
      [applicationRoleOf(key)],
    )
    return rows[0]?.n ?? 0
  })
}

export async function reopenDatabase(server: Server, key: string): Promise<void> {
  await onServer(
    server,
    async (client) => void (await client.query(`alter role ${applicationRoleOf(key)} login`)),
  )
}

async function onServer<T>({ ownerUrl }: Server, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'sanyi merchant' })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
