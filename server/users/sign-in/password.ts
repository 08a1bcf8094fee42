import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Rows } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { isCommonPassword } from './common-passwords.ts'
import { countTry, forgetTries, ownLimits } from './tries.ts'

/** Hashes a password with scrypt and a salt, 64 bytes, as the library verifies it. It takes about 60 ms outside the event loop. */
export async function hashPassword(password: string): Promise<string> {
  const crypto = await import('better-auth/crypto')
  return crypto.hashPassword(password)
}

/**
 * Checks the present password before a user changes how they sign in. Attempts are limited, because the password could be guessed in an
 * unattended browser. Throws `wrong_password`, `locked_out`.
 */
export async function assertOwnPassword(
  db: Database,
  request: { actor: { id: string } },
  password: string,
  field = 'password',
): Promise<void> {
  const { rows } = await sql<{ hash: Rows['user_credential']['password'] }>`
    select c.password as hash from app_user u
    left join user_credential c on c.user_id = u.id and c.provider_id = 'credential'
    where u.id = ${request.actor.id}
  `.execute(db)
  const user = rows[0]
  if (!user?.hash) throw new AppError('wrong_password', {}, field)
  const limits = ownLimits(request.actor.id)
  await countTry(db, limits)
  const crypto = await import('better-auth/crypto')
  if (!(await crypto.verifyPassword({ hash: user.hash, password })))
    throw new AppError('wrong_password', {}, field)
  await forgetTries(db, limits)
}

/** Throws if a password is too short, too common, or similar to the e-mail address. Length protects more than rules about characters. */
export function assertGoodPassword(password: string, email: string, field = 'password'): void {
  const lower = password.toLowerCase()
  const refuse = (zh: string, en: string) => new AppError('invalid_input', { detail: { zh, en } }, field)
  if ([...password].length < 10)
    throw refuse('密码至少 10 个字符', 'the password needs at least 10 characters')
  if (password.length > 128) throw refuse('密码最多 128 个字符', 'the password has at most 128 characters')
  const local = email.toLowerCase().split('@')[0] ?? ''
  if (
    lower.includes(email.toLowerCase()) ||
    (local.length > 3 && lower.startsWith(local) && lower.length - local.length < 6)
  ) {
    throw refuse('密码不能由邮箱变来', 'the password must not be made of the e-mail address')
  }
  if (new Set(lower).size < 5 || isCommonPassword(password)) {
    throw refuse('密码太容易猜', 'the password is too easy to guess')
  }
}

/** Stores a password, and ends every session of the user except `keepSessionId` and every sign-in that waits for a code. */
export async function storePassword(
  tx: Tx,
  userId: string,
  hash: string,
  keepSessionId?: string,
): Promise<void> {
  await sql`
    insert into user_credential (user_id, account_id, provider_id, password)
    values (${userId}, ${userId}, 'credential', ${hash})
    on conflict (user_id, provider_id) do update set password = excluded.password, updated_at = now()
  `.execute(tx)
  await sql`delete from user_verification where value = ${userId}`.execute(tx)
  await sql`delete from user_session where user_id = ${userId} and id is distinct from ${keepSessionId ?? null}::bigint`.execute(
    tx,
  )
}
