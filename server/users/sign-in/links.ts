import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { sharedNow } from '../../lib/clock.ts'
import { secretHash } from './secret-hash.ts'

export type Link = { url: string; expiresAt: Date }

/** Whose password a link sets, and who made the link. */
export type LinkOf = { userId: string; madeBy: Pick<Actor, 'kind' | 'id'> }

/** Makes a link that works once within 24 hours. Only its hash is stored. Without `of` it is the link of the first set-up. */
export async function makeLink(db: Database | Tx, publicUrl: string, of?: LinkOf): Promise<Link> {
  const token = randomBytes(32).toString('base64url')
  const purpose = of === undefined ? 'setup' : 'password'
  // The owner of the machine, is limited by no rights.
  const isLimited = of !== undefined && of.madeBy.kind !== 'system'
  const madeBy = isLimited ? JSON.stringify({ kind: of.madeBy.kind, id: of.madeBy.id }) : null
  const { rows } = await sql<Row<'one_time_link', 'expiresAt'>>`
    insert into one_time_link (token_hash, purpose, user_id, made_by, expires_at)
    values (${secretHash(token)}, ${purpose}, ${of?.userId ?? null}, ${madeBy}::jsonb, now() + interval '24 hours')
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
): Promise<{ userId: string | null; madeBy: LinkOf['madeBy'] | null } | undefined> {
  const { rows } = await sql<Row<'one_time_link', 'userId'> & { madeBy: LinkOf['madeBy'] | null }>`
    update one_time_link set used_at = now()
    where token_hash = ${secretHash(token)} and purpose = ${purpose} and used_at is null and expires_at > now()
    returning user_id as "userId", made_by as "madeBy"
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
