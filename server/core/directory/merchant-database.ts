import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { hasUsersOrShops } from '../backup/restore.ts'
import { makeRole } from '../db/database-roles.ts'
import type { Directory } from './directory.ts'
import {
  applicationRoleOf,
  databaseOf,
  type Merchant,
  ownerRoleOf,
  ownerUrlOf,
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
    await grantRoles(client, key)
    const found = await client.query('select from pg_database where datname = $1', [database])
    if (found.rowCount === 0) await client.query(`create database ${database} owner ${owner}`)
    // By default every role of the server may connect to every database.
    await client.query(`revoke all on database ${database} from public`)
    await client.query(`grant connect on database ${database} to ${application}`)
  })
}

/**
 * Makes the role of the commands a member of the merchant's two roles. A role that is no superuser may only as a member give a database to one of
 * them, and see and end their sessions.
 */
export async function joinRoles(server: Server, key: string): Promise<void> {
  await onServer(server, (client) => grantRoles(client, key))
}

async function grantRoles(client: pg.Client, key: string): Promise<void> {
  const { rows } = await client.query<{ roles: string | null }>(
    `select string_agg(quote_ident(rolname), ', ') as roles from pg_roles where rolname = any($1::text[])`,
    [[ownerRoleOf(key), applicationRoleOf(key)]],
  )
  const roles = rows[0]?.roles
  if (roles) await client.query(`grant ${roles} to current_user with inherit true`)
}

/**
 * True if two addresses are of one PostgreSQL: a session at one of them is seen at the other. Servers that were copied from one image have the
 * same identifier, and a server may have several addresses, so that neither of these says it.
 */
export function isSameServer(one: Server, other: Server): Promise<boolean> {
  const mark = `sanyi ${randomBytes(12).toString('hex')}`
  return onServer(one, async (client) => {
    await client.query(`select set_config('application_name', $1, false)`, [mark])
    const seen = await onServer(other, (there) =>
      there.query('select from pg_stat_activity where application_name = $1', [mark]),
    )
    // This fails if the session ended meanwhile.
    await client.query('select 1')
    return seen.rowCount !== 0
  })
}

/** True if the server has a database of this key with users or shops. */
export async function hasUsedDatabase(server: Server, key: string): Promise<boolean> {
  if (!(await hasDatabase(server, key))) return false
  const url = new URL(server.ownerUrl)
  url.pathname = `/${databaseOf(key)}`
  return onServer({ ownerUrl: url.href }, hasUsersOrShops)
}

/** False for a merchant whose drop was killed half-way. */
export function hasDatabase(server: Server, key: string): Promise<boolean> {
  return onServer(server, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseOf(key)])
    return rowCount === 1
  })
}

/** True if a server has a database of this merchant, and not one that another directory made under the same key: its owner has the same password. */
export async function hasOwnDatabase(
  directory: Directory,
  merchant: Merchant,
  server: Server,
): Promise<boolean> {
  if (!(await hasDatabase(server, merchant.key))) return false
  try {
    return await onServer({ ownerUrl: ownerUrlOf(directory, merchant, server) }, async () => true)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '28P01') return false
    throw error
  }
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

async function onServer<T>(
  { ownerUrl }: Pick<Server, 'ownerUrl'>,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'sanyi merchant' })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
