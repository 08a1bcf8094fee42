import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { sharedNow } from '../../lib/clock.ts'
import { secretHash } from './secret-hash.ts'

export type Link = { url: string; expiresAt: Date }

/** Makes a link that works once within 24 hours. Only its hash is stored. Without `userId` it is the link of the first set-up. */
export async function makeLink(db: Database | Tx, publicUrl: string, userId?: string): Promise<Link> {
  const token = randomBytes(32).toString('base64url')
  const purpose = userId === undefined ? 'setup' : 'password'
  const { rows } = await sql<Row<'one_time_link', 'expiresAt'>>`
    insert into one_time_link (token_hash, purpose, user_id, expires_at)
    values (${secretHash(token)}, ${purpose}, ${userId ?? null}, now() + interval '24 hours')
    returning expires_at as "expiresAt"
  `.execute(db)
  const expiresAt = rows[0]?.expiresAt ?? sharedNow()
  return { url: `${publicUrl}/${purpose}?token=${token}`, expiresAt }
}

/**
 * Uses a link. Returns undefined if the link was used, has expired or does not exist. If it is used several times at once, one use
 * succeeds, and only if its transaction commits.
 */
export async function takeLink(
  tx: Tx,
  purpose: 'setup' | 'password',
  token: string,
): Promise<{ userId: string | null } | undefined> {
  const { rows } = await sql<Row<'one_time_link', 'userId'>>`
    update one_time_link set used_at = now()
    where token_hash = ${secretHash(token)} and purpose = ${purpose} and used_at is null and expires_at > now()
    returning user_id as "userId"
  `.execute(tx)
  return rows[0]
}

/** True if the link can be used now. Check it before a password is hashed, so that requests without a valid link cost no processor time. */
export async function isLinkGood(
  db: Database,
  purpose: 'setup' | 'password',
  token: string,
): Promise<boolean> {
  const { rows } = await sql`
    select from one_time_link
    where token_hash = ${secretHash(token)} and purpose = ${purpose} and used_at is null and expires_at > now()
  `.execute(db)
  return rows.length > 0
}

export async function dropLinks(tx: Tx, userId: string): Promise<void> {
  await sql`delete from one_time_link where user_id = ${userId} and used_at is null`.execute(tx)
}
