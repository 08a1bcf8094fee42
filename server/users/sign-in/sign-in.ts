import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { audit } from '../../core/access/audit.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import {
  authHeaders,
  cookieAttributes,
  cookieName,
  openCookie,
  sessionCookieName,
  triesBeforeLock,
} from './auth.ts'
import { deviceCookie, knownDevice } from './devices.ts'
import { takeCode } from './one-time-codes.ts'
import { countTry, forgetTries, signInLimits, type Tries, wrongTry } from './tries.ts'

/** Where a sign-in comes from. A Fastify request has these fields. */
export type Origin = { ip: string; id: string; headers: Record<string, unknown> }

/** `codeNeeded`: the password was right, and the sign-in waits for a one-time code. The cookies connect the code with it. */
export type SignedIn = { codeNeeded: boolean; cookies: string[] }

/**
 * Signs in with a password. Throws `wrong_credentials` with the remaining attempts, `locked_out`, `user_disabled`. Success and failure
 * write an audit row. An attempt during a lock writes none, because continued guessing would fill the log.
 */
export async function signIn(
  app: FastifyInstance,
  input: { email: string; password: string; remember: boolean },
  origin: Origin,
): Promise<SignedIn> {
  const email = input.email.trim().toLowerCase()
  const device = knownDevice(app.ring, app.config, cookieOf(origin), email)
  const limits = signInLimits(email, origin.ip, device)
  const tries = await countTry(app.db, limits)
  const auth = await app.auth()
  const before = await storedPassword(app, email)
  const answer = await auth.api
    .signInEmail({
      body: { email, password: input.password, rememberMe: input.remember },
      headers: authHeaders(origin),
      returnHeaders: true,
    })
    .catch(async (error: unknown) => {
      if (!isRefusal(error)) throw error
      await auditFailure(app, email, 'wrong_credentials', origin)
      throw wrongTry('wrong_credentials', tries, 'password')
    })
  await forgetTries(app.db, limits)
  const codeNeeded = 'twoFactorRedirect' in answer.response
  const user = await findUser(app, email)
  if (user?.disabled) {
    await sql`delete from user_session where user_id = ${user.id}`.execute(app.db)
    await auditFailure(app, email, 'user_disabled', origin)
    throw new AppError('user_disabled')
  }
  const token = 'token' in answer.response ? answer.response.token : null
  if (user && (await endIfReplaced(app, { userId: user.id, before, token }))) {
    await auditFailure(app, email, 'wrong_credentials', origin)
    throw wrongTry('wrong_credentials', tries, 'password')
  }
  const cookies = answer.headers.getSetCookie()
  if (codeNeeded || !user) return { codeNeeded, cookies }
  return { codeNeeded, cookies: [...cookies, await noteSuccess(app, user, origin)] }
}

/** Completes a sign-in with a code of the authenticator app or with a backup code. Each works once. */
export async function verifyCode(app: FastifyInstance, code: string, origin: Origin): Promise<SignedIn> {
  const challenged = await challengedUser(app, origin)
  if (!challenged) throw new AppError('sign_in_expired')
  const auth = await app.auth()
  // The session cookie is removed, because the library would use that session's user instead of the one who signs in.
  const headers = authHeaders(origin)
  headers.set('cookie', withoutCookie(headers.get('cookie') ?? '', sessionCookieName(app.config)))
  const isTotp = /^\d{6}$/.test(code)
  // A code that was used before counts as a wrong one.
  const isFresh = !isTotp || (await takeCode(app, challenged.id, code))
  const call = { body: { code: isFresh ? code : '' }, headers, returnHeaders: true } as const
  try {
    const answer = isTotp ? await auth.api.verifyTOTP(call) : await auth.api.verifyBackupCode(call)
    const known = await noteSuccess(app, challenged, origin)
    return { codeNeeded: false, cookies: [...answer.headers.getSetCookie(), known] }
  } catch (error) {
    if (!isRefusal(error)) throw error
    await auditFailure(app, challenged.email, 'wrong_code', origin)
    throw wrongTry('wrong_code', await codeTries(app, challenged.id), 'code')
  }
}

/** Ends the session of the request. Returns the cookies that remove it from the browser. */
export async function signOut(app: FastifyInstance, origin: Origin): Promise<string[]> {
  const name = sessionCookieName(app.config)
  const token = openCookie(app.ring, cookieOf(origin), name)
  if (token !== undefined) {
    await app.db.transaction().execute(async (tx) => {
      const { rows } = await sql<Row<'app_user', 'id' | 'name'> & { session_id: string }>`
        delete from user_session s using app_user u where s.token = ${token} and u.id = s.user_id
        returning u.id, u.name, s.id as session_id
      `.execute(tx)
      const user = rows[0]
      if (!user) return
      await audit(tx, {
        actor: { kind: 'user', id: user.id, name: user.name },
        action: 'sign_out',
        subject: { type: 'session', id: user.session_id },
        request: origin,
      })
    })
  }
  return [`${name}=; Max-Age=0; ${cookieAttributes(app.config)}`]
}

type Known = Row<'app_user', 'id' | 'name' | 'email'> & { disabled: boolean }

async function findUser(app: FastifyInstance, email: string): Promise<Known | undefined> {
  const { rows } = await sql<Known>`
    select id, name, email, disabled_at is not null as disabled from app_user where email = ${email}
  `.execute(app.db)
  return rows[0]
}

async function storedPassword(app: FastifyInstance, email: string): Promise<string | null> {
  const { rows } = await sql<Row<'user_credential', 'password'>>`
    select c.password from app_user u join user_credential c on c.user_id = u.id and c.provider_id = 'credential'
    where u.email = ${email}`.execute(app.db)
  return rows[0]?.password ?? null
}

type Begun = { userId: string; before: string | null; token: string | null }

/**
 * Ends a sign-in whose password was replaced while it was compared, which takes some 60 ms. Returns true if it was. `storePassword` writes this row
 * first and then ends the sessions, so the lock waits for a replacement that did not see this session, and a later one sees it.
 */
async function endIfReplaced(app: FastifyInstance, { userId, before, token }: Begun): Promise<boolean> {
  return app.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ same: boolean }>`
      select password is not distinct from ${before} as same from user_credential
      where user_id = ${userId} and provider_id = 'credential' for share`.execute(tx)
    if (rows[0]?.same) return false
    await sql`delete from user_session where token = ${token}`.execute(tx)
    await sql`delete from user_verification where value = ${userId}`.execute(tx)
    return true
  })
}

async function challengedUser(app: FastifyInstance, origin: Origin): Promise<Known | undefined> {
  const identifier = openCookie(app.ring, cookieOf(origin), cookieName(app.config, 'two_factor'))
  if (identifier === undefined) return undefined
  const { rows } = await sql<Known>`
    select u.id, u.name, u.email, false as disabled
    from user_verification v join app_user u on u.id::text = v.value
    where v.identifier = ${identifier} and v.expires_at > now() and u.disabled_at is null
  `.execute(app.db)
  return rows[0]
}

async function codeTries(app: FastifyInstance, userId: string): Promise<Tries> {
  const { rows } = await sql<{ failures: Rows['user_two_factor']['failedVerificationCount'] }>`
    select failed_verification_count as failures from user_two_factor where user_id = ${userId}
  `.execute(app.db)
  return { left: triesBeforeLock - (rows[0]?.failures ?? 0) }
}

/**
 * Records a successful sign-in and ends the browser's former session. Returns the cookie that marks the device as known to this account.
 */
async function noteSuccess(app: FastifyInstance, user: Known, origin: Origin): Promise<string> {
  const before = openCookie(app.ring, cookieOf(origin), sessionCookieName(app.config))
  await app.db.transaction().execute(async (tx) => {
    await sql`update app_user set last_sign_in_at = now() where id = ${user.id}`.execute(tx)
    await audit(tx, {
      actor: { kind: 'user', id: user.id, name: user.name },
      action: 'sign_in.success',
      subject: { type: 'user', id: user.id },
      request: origin,
    })
    if (before !== undefined) await sql`delete from user_session where token = ${before}`.execute(tx)
    // Each sign-in also deletes expired sessions, verifications and failed attempts.
    await sql`delete from user_session where expires_at < now() - interval '30 days'`.execute(tx)
    await sql`delete from user_verification where expires_at < now()`.execute(tx)
    await sql`delete from sign_in_failure where last_at < now() - interval '1 day'`.execute(tx)
  })
  return deviceCookie(app.ring, app.config, cookieOf(origin), user.email)
}

/**
 * Writes the audit row of a failed sign-in. An unknown address is not stored, because users sometimes type their password into that field.
 */
async function auditFailure(
  app: FastifyInstance,
  email: string,
  reason: string,
  origin: Origin,
): Promise<void> {
  const user = await findUser(app, email)
  await app.db.transaction().execute((tx) =>
    audit(tx, {
      actor: user ? { kind: 'user', id: user.id, name: user.name } : { kind: 'system', id: '', name: '' },
      action: 'sign_in.fail',
      subject: { type: 'user', id: user?.id ?? '' },
      detail: { reason },
      request: origin,
    }),
  )
}

/** True if the library refused the call, and not if something failed. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500
}

function cookieOf(origin: Origin): string | undefined {
  const { cookie } = origin.headers
  return typeof cookie === 'string' ? cookie : undefined
}

function withoutCookie(header: string, name: string): string {
  return header
    .split(';')
    .filter((part) => part.split('=')[0]?.trim() !== name)
    .join(';')
}
