import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { makeApiKey, revokeKey } from '../../users/accounts/api-keys.ts'
import { assertWholeScope, isWholeScope } from '../notices/channels.ts'
import type { WatchdogOut } from './contract.ts'

/** A watchdog is an API key with this permission alone, of a user who sees all shops and warehouses. */
const rightsOfWatchdog = {
  permissions: ['watchdogs.serve'],
  shops: 'all',
  warehouses: 'all',
  expiresAt: null,
} as const

/** Seconds without a question after which a watchdog counts as silent. It asks every ten, and each minute is written. */
const silentSeconds = 150

const what = { zh: '看门狗', en: 'Watchdog' }
export const isWatchdog = sql`k.permissions = '{watchdogs.serve}'::text[] and k.revoked_at is null`

export async function listWatchdogs(db: Database): Promise<WatchdogOut[]> {
  type Found = Row<'api_key', 'id' | 'name' | 'prefix' | 'lastUsedAt' | 'createdAt'> & Record<'live', boolean>
  const found = await sql<Found>`
    select k.id, k.name, k.prefix, k.last_used_at as "lastUsedAt", k.created_at as "createdAt",
      coalesce(k.last_used_at > now() - make_interval(secs => ${silentSeconds}), false) as live
    from api_key k where ${isWatchdog} order by k.name, k.id limit 100`.execute(db)
  return found.rows.map(({ lastUsedAt, ...row }) => ({ ...row, heardAt: lastUsedAt }))
}

/** Adds a watchdog. Its key, which is returned this one time, opens the addresses and secrets of all channels for alarms. */
export function createWatchdog(
  db: Database,
  request: FastifyRequest,
  name: string,
): Promise<{ id: string; key: string }> {
  assertWholeScope(request)
  return db.transaction().execute((tx) => makeApiKey(tx, request, { ...rightsOfWatchdog, name: name.trim() }))
}

/** Removes a watchdog: its key ends. Throws `not_found`. */
export async function removeWatchdog(db: Database, request: FastifyRequest, id: string): Promise<void> {
  assertWholeScope(request)
  await db.transaction().execute(async (tx) => {
    if (!(await nameOf(tx, id))) throw new AppError('not_found', { what })
    await revokeKey(tx, request, id)
  })
}

/** Returns the name of the watchdog that asks. Throws `not_found` for every other actor, also for people with every permission. */
export async function watchdogOfRequest(
  db: Database,
  { actor, scope }: Pick<FastifyRequest, 'actor' | 'scope'>,
): Promise<string> {
  const name = actor.kind === 'api_key' && isWholeScope(scope) ? await nameOf(db, actor.id ?? '') : undefined
  if (name === undefined) throw new AppError('not_found', { what })
  return name
}

async function nameOf(db: Database | Tx, id: string): Promise<string | undefined> {
  const found = await sql<Row<'api_key', 'name'>>`
    select k.name from api_key k where k.id = ${id}::bigint and ${isWatchdog}`.execute(db)
  return found.rows[0]?.name
}
