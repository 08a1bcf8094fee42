import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { lockMinutes, triesBeforeLock } from './auth.ts'

export type Tries = { left: number }

/**
 * A limit of attempts within 15 minutes. `subject`: the hash of an account, address or device. `shared`: attempts for other accounts count
 * too.
 */
type Limit = { subject: Buffer; limit: number; shared?: boolean }

/** Attempts for one account from all addresses, without those on known devices. */
const accountLimit = 20
const addressLimit = 50
const deviceLimit = 10

/**
 * Returns the limits that a sign-in counts for: 5 attempts for an account from one address, 20 for an account from anywhere, 50 from an
 * address. On a device where this account has signed in before, only the device's limit counts, so that attempts from elsewhere cannot lock
 * the user out.
 */
export function signInLimits(email: string, ip: string, device: string | undefined): Limit[] {
  if (device !== undefined) return [{ subject: subjectOf('device', device, email), limit: deviceLimit }]
  return [
    { subject: subjectOf('account at address', email, ip), limit: triesBeforeLock },
    { subject: subjectOf('account', email), limit: accountLimit },
    { subject: subjectOf('address', ip), limit: addressLimit, shared: true },
  ]
}

/** Returns the limit for a signed-in user who enters their password again. Only that user's sessions count for it. */
export function ownLimits(userId: string): Limit[] {
  return [{ subject: subjectOf('own password', userId), limit: triesBeforeLock }]
}

/**
 * Counts an attempt before its password is checked, so that parallel guesses count too. An attempt that one limit refuses does not count
 * for the others. Accounts that do not exist are counted in the same way. Throws `locked_out`.
 */
export async function countTry(db: Database, limits: readonly Limit[]): Promise<Tries> {
  const sorted = limits.toSorted((a, b) => a.subject.compare(b.subject))
  const subjects = sorted.map(({ subject }) => subject)
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ wait: number | null }>`
      insert into sign_in_failure as f (subject, failures) select * from unnest(${subjects}::bytea[]) s, lateral (select 0) n
      order by 1
      on conflict (subject) do update set last_at = now()
      returning case when locked_until > now() then ceil(extract(epoch from locked_until - now()) / 60)::int end as wait
    `.execute(tx)
    const waits = rows.flatMap(({ wait }) => wait ?? [])
    if (waits.length > 0) throw new AppError('locked_out', { minutes: Math.max(...waits) })
    const counted = await sql<{ left: number }>`
      with now_counted as (
        select subject, "limit", case when failures = 0 or locked_until is not null
          or began_at < now() - make_interval(mins => ${lockMinutes}) then 1 else failures + 1 end as failures
        from sign_in_failure
        join unnest(${subjects}::bytea[], ${sorted.map(({ limit }) => limit)}::int[]) as t (subject, "limit") using (subject)
      )
      update sign_in_failure f set failures = n.failures,
        began_at = case when n.failures = 1 then now() else f.began_at end,
        locked_until = case when n.failures >= n."limit" then now() + make_interval(mins => ${lockMinutes}) end
      from now_counted n where f.subject = n.subject
      returning n."limit" - f.failures as left
    `.execute(tx)
    return { left: Math.min(...counted.rows.map(({ left }) => left)) }
  })
}

/** Corrects the counts after a right password: deletes those of this account, and takes this attempt off the count of the address. */
export async function forgetTries(db: Database, limits: readonly Limit[]): Promise<void> {
  const own = limits.filter(({ shared }) => !shared).map(({ subject }) => subject)
  const shared = limits.filter((one) => one.shared)
  await sql`delete from sign_in_failure where subject = any(${own}::bytea[])`.execute(db)
  if (shared.length === 0) return
  await sql`
    update sign_in_failure f set failures = greatest(failures - 1, 0),
      locked_until = case when failures > "limit" then locked_until end
    from unnest(${shared.map(({ subject }) => subject)}::bytea[], ${shared.map(({ limit }) => limit)}::int[]) as t (subject, "limit")
    where f.subject = t.subject
  `.execute(db)
}

export function wrongTry(code: 'wrong_credentials' | 'wrong_code', { left }: Tries, field: string): AppError {
  if (left <= 0) return new AppError('locked_out', { minutes: lockMinutes }, field)
  return new AppError(code, { left, minutes: lockMinutes }, field)
}

function subjectOf(...parts: string[]): Buffer {
  return createHash('sha256').update(parts.join('\0')).digest()
}
