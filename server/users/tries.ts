import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../db.ts'
import { AppError } from '../errors.ts'
import { lockMinutes, triesBeforeLock } from './auth.ts'

export type Tries = { left: number }

/**
 * Counts a try to sign in before its password is looked at, so that parallel guesses count too. Limits: 5 for an
 * account from one address, 20 for an account from anywhere, 50 from an address; each within 15 minutes. Accounts that
 * do not exist are counted alike. Throws `locked_out`.
 */
export async function countTry(db: Database, email: string, ip: string): Promise<Tries> {
  const limits = [
    { subject: subjectOf('account at address', email, ip), limit: triesBeforeLock },
    { subject: subjectOf('account', email), limit: 20 },
    { subject: subjectOf('address', ip), limit: 50 },
  ].sort((a, b) => a.subject.compare(b.subject))
  const { rows } = await sql<{ failures: number; limit: number; wait: number | null }>`
    with try as (
      select * from unnest(${limits.map((row) => row.subject)}::bytea[], ${limits.map((row) => row.limit)}::int[]) as t (subject, "limit")
    ), counted as (
      insert into sign_in_failure as f (subject, failures) select subject, 1 from try order by subject
      on conflict (subject) do update set
        last_at = now(),
        failures = case
          when f.locked_until > now() then f.failures + 1
          when f.locked_until is not null or f.last_at < now() - make_interval(mins => ${lockMinutes}) then 1
          else f.failures + 1 end,
        locked_until = case
          when f.locked_until > now() then f.locked_until
          when f.locked_until is not null or f.last_at < now() - make_interval(mins => ${lockMinutes}) then null
          when f.failures + 1 >= (select "limit" from try where try.subject = f.subject)
            then now() + make_interval(mins => ${lockMinutes})
          else null end
      returning subject, failures, locked_until
    )
    select failures, "limit", ceil(extract(epoch from locked_until - now()) / 60)::int as wait
    from counted join try using (subject)
  `.execute(db)
  const locked = rows.filter((row) => row.failures > row.limit)
  if (locked.length > 0)
    throw new AppError('locked_out', { minutes: Math.max(...locked.map((row) => row.wait ?? lockMinutes)) })
  return { left: Math.min(...rows.map((row) => row.limit - row.failures)) }
}

/** After a right password. What the address did to other accounts stays counted. */
export async function forgetTries(db: Database, email: string, ip: string): Promise<void> {
  const subjects = [subjectOf('account at address', email, ip), subjectOf('account', email)]
  await sql`delete from sign_in_failure where subject = any(${subjects}::bytea[])`.execute(db)
}

/** What to answer to a wrong try. */
export function wrongTry(code: 'wrong_credentials' | 'wrong_code', { left }: Tries, field: string): AppError {
  if (left <= 0) return new AppError('locked_out', { minutes: lockMinutes }, field)
  return new AppError(code, { left, minutes: lockMinutes }, field)
}

function subjectOf(...parts: string[]): Buffer {
  return createHash('sha256').update(parts.join('\0')).digest()
}
