import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { assertWithin, isWithin, rightsOfUser } from '../rights.ts'
import { idleHours } from '../sign-in/auth.ts'
import { personOf } from './me.ts'

export type SessionRow = Row<'user_session', 'id' | 'createdAt' | 'expiresAt'> & {
  current: boolean
  ip: NonNullable<Rows['user_session']['ipAddress']>
  userAgent: NonNullable<Rows['user_session']['userAgent']>
  lastUsedAt: Rows['user_session']['updatedAt']
}

export async function sessionsOf(
  db: Database,
  request: FastifyRequest,
  userId: string,
): Promise<SessionRow[]> {
  const { rows } = await sql<SessionRow>`
    select id, id = ${request.sessionId ?? null}::bigint as current, coalesce(ip_address, '') as ip,
      coalesce(user_agent, '') as "userAgent", created_at as "createdAt", updated_at as "lastUsedAt", expires_at as "expiresAt"
    from user_session
    where user_id = ${userId} and expires_at > now() and updated_at > now() - make_interval(hours => ${idleHours})
    order by updated_at desc, id desc limit 200
  `.execute(db)
  return rows.map((row) => ({ ...row, current: row.current ?? false }))
}

/** Returns the sessions of another user. Throws `not_found` if that user has shops or warehouses outside the asker's scope. */
export async function sessionsOfUser(db: Database, request: FastifyRequest, userId: string) {
  await db.transaction().execute(async (tx) => {
    const { scope } = await rightsOfUser(tx, userId)
    if (userId !== request.actor.id && !isWithin(request.scope, scope))
      throw new AppError('not_found', { what: { zh: '用户', en: 'User' } })
  })
  return sessionsOf(db, request, userId)
}

/** Ends one of the user's own sessions, or with 'others' all except the present one. */
export async function endOwnSessions(
  db: Database,
  request: FastifyRequest,
  which: { id: string } | 'others',
): Promise<void> {
  const userId = personOf(request)
  await db.transaction().execute(async (tx) => {
    const { rows } =
      which === 'others'
        ? await sql`
            delete from user_session where user_id = ${userId} and id is distinct from ${request.sessionId ?? null}::bigint
            returning id`.execute(tx)
        : await sql`delete from user_session where user_id = ${userId} and id = ${which.id} returning id`.execute(
            tx,
          )
    if (which !== 'others' && rows.length === 0)
      throw new AppError('not_found', { what: { zh: '登录', en: 'Session' } })
    await auditEnd(tx, request, userId, rows.length)
  })
}

/** Ends every session of a user, at once in every process. */
export async function endSessionsOf(db: Database, request: FastifyRequest, userId: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    assertWithin(request, await rightsOfUser(tx, userId))
    const { rows } = await sql`delete from user_session where user_id = ${userId} returning id`.execute(tx)
    await auditEnd(tx, request, userId, rows.length)
  })
}

async function auditEnd(tx: Tx, request: FastifyRequest, userId: string, ended: number): Promise<void> {
  await audit(tx, {
    actor: request.actor,
    action: 'session.end',
    subject: { type: 'user', id: userId },
    detail: { ended },
    request,
  })
}
