import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { lockMinutes, triesBeforeLock } from './auth.ts'

export type Tries = { left: number }

/** Who guesses at what, and how often within 15 minutes. */
type Limit = { subject: Buffer; limit: number; shared?: boolean }

/** Guesses of one account by everybody whom it does not know. */
const accountLimit = 20
const addressLimit = 50
const deviceLimit = 10

/**
 * What a try to sign in counts towards: 5 for an account from one address, 20 for an account from anywhere, 50 from an address. A
 * device on which this account has signed in before has a count of its own instead, so that no stranger keeps it out.
 */
export function signInLimits(email: string, ip: string, device: string | undefined): Limit[] {
  if (device !== undefined) return [{ subject: subjectOf('device', device, email), limit: deviceLimit }]
  return [
    { subject: subjectOf('account at address', email, ip), limit: triesBeforeLock },
    { subject: subjectOf('account', email), limit: accountLimit },
    { subject: subjectOf('address', ip), limit: addressLimit, shared: true },
  ]
}

/** Who is signed in and gives their password once more: nobody else can use this up. */
export function ownLimits(userId: string): Limit[] {
  return [{ subject: subjectOf('own password', userId), limit: triesBeforeLock }]
}

/**
 * Counts a try before its password is looked at, so that parallel guesses count too. What one limit refuses counts towards none:
 * whoever goes on guessing from one place fills up nothing but that. Accounts that do not exist are counted alike. Throws
 * `locked_out`.
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

/** After a right password: what others guess from the same address stays counted, this try does not. */
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

/** What to answer to a wrong try. */
export function wrongTry(code: 'wrong_credentials' | 'wrong_code', { left }: Tries, field: string): AppError {
  if (left <= 0) return new AppError('locked_out', { minutes: lockMinutes }, field)
  return new AppError(code, { left, minutes: lockMinutes }, field)
}

function subjectOf(...parts: string[]): Buffer {
  return createHash('sha256').update(parts.join('\0')).digest()
}
