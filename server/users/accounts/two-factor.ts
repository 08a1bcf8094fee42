import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { audit } from '../../core/access/audit.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { type Asker, assertWithin, rightsOfUser } from '../rights.ts'
import { authHeaders, openCookie, sessionCookieName, signCookie } from '../sign-in/auth.ts'
import { takeCode } from '../sign-in/one-time-codes.ts'
import { assertOwnPassword } from '../sign-in/password.ts'
import { isRefusal } from '../sign-in/sign-in.ts'
import { personOf } from './me.ts'

/**
 * Begins two-step verification: returns a secret for the authenticator app, and backup codes. It is active after the user has entered a
 * code.
 */
export async function enrol(app: FastifyInstance, request: FastifyRequest, password: string) {
  personOf(request)
  await assertOwnPassword(app.db, request, password)
  const auth = await app.auth()
  const answer = await auth.api
    .enableTwoFactor({ body: { password, method: 'totp' }, headers: sessionHeaders(app, request) })
    .catch(refused('two_factor_on'))
  if (answer.method !== 'totp') throw new AppError('two_factor_on')
  return { uri: answer.totpURI, backupCodes: answer.backupCodes }
}

/**
 * Turns two-step verification on. Returns the cookies of the new session. Throws `two_factor_off` if it was not begun, `two_factor_on` if
 * it is on already, and `invalid_input` for a wrong code.
 */
export async function confirmEnrolment(
  app: FastifyInstance,
  request: FastifyRequest,
  code: string,
): Promise<string[]> {
  const id = personOf(request)
  const { rows } = await sql<Row<'user_two_factor', 'verified'>>`
    select verified from user_two_factor where user_id = ${id}
  `.execute(app.db)
  if (!rows[0]) throw new AppError('two_factor_off')
  if (rows[0].verified) throw new AppError('two_factor_on')
  await takeCode(app, id, code)
  const auth = await app.auth()
  const answer = await auth.api
    .verifyTOTP({ body: { code }, headers: sessionHeaders(app, request), returnHeaders: true })
    .catch((error: unknown) => {
      if (!isRefusal(error)) throw error
      throw new AppError('invalid_input', { detail: { zh: '验证码不对', en: 'the code is wrong' } }, 'code')
    })
  await note(app, request, 'two_factor.on', id)
  return answer.headers.getSetCookie()
}

/** Turns two-step verification off after checking the password. Returns the cookies of the new session. */
export async function disable(
  app: FastifyInstance,
  request: FastifyRequest,
  password: string,
): Promise<string[]> {
  const id = personOf(request)
  await assertOwnPassword(app.db, request, password)
  const auth = await app.auth()
  const answer = await auth.api
    .disableTwoFactor({ body: { password }, headers: sessionHeaders(app, request), returnHeaders: true })
    .catch(refused('two_factor_off'))
  await note(app, request, 'two_factor.off', id)
  return answer.headers.getSetCookie()
}

/** Turns off two-step verification of another user who lost the phone, and ends that user's sessions. */
export async function removeTwoFactor(db: Database, request: Asker, userId: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    assertWithin(request, await rightsOfUser(tx, userId))
    const { rows } = await sql`delete from user_two_factor where user_id = ${userId} returning id`.execute(tx)
    if (rows.length === 0) throw new AppError('two_factor_off')
    await sql`update app_user set two_factor_enabled = false, updated_at = now() where id = ${userId}`.execute(
      tx,
    )
    await sql`delete from user_session where user_id = ${userId}`.execute(tx)
    await audit(tx, {
      actor: request.actor,
      action: 'two_factor.remove',
      subject: { type: 'user', id: userId },
      request,
    })
  })
}

async function note(
  app: FastifyInstance,
  request: FastifyRequest,
  action: string,
  id: string,
): Promise<void> {
  await app.db
    .transaction()
    .execute((tx) => audit(tx, { actor: request.actor, action, subject: { type: 'user', id }, request }))
}

/** Returns headers with the session cookie signed by the current key, because the library accepts no older key. */
function sessionHeaders(app: FastifyInstance, request: FastifyRequest): Headers {
  const name = sessionCookieName(app.config)
  const token = openCookie(app.ring, request.headers.cookie, name) ?? ''
  const headers = authHeaders(request)
  headers.set('cookie', `${name}=${signCookie(app.ring, token)}`)
  return headers
}

function refused(code: 'two_factor_on' | 'two_factor_off') {
  return (error: unknown): never => {
    throw isRefusal(error) ? new AppError(code) : error
  }
}
