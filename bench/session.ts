import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Config } from '../server/config.ts'
import type { Database } from '../server/core/db/db.ts'
import type { KeyRing } from '../server/lib/seal.ts'
import { sessionCookieName, signCookie } from '../server/users/sign-in/auth.ts'

/** Signs in a user with all permissions; returns the cookie. */
export async function signIn(
  db: Database,
  ring: KeyRing,
  config: Config,
): Promise<{ name: string; value: string }> {
  const token = randomBytes(24).toString('hex')
  await sql`
    with person as (
      insert into app_user (email, name, all_shops, shop_ids) values (${`${token}@example.com`}, '林晓', true, '{}') returning id
    ), part as (
      insert into role (name, permissions) values (${token}, '{*}') returning id
    ), granted as (
      insert into user_role (user_id, role_id) select person.id, part.id from person, part
    )
    insert into user_session (user_id, token, expires_at) select id, ${token}, now() + interval '1 day' from person`.execute(
    db,
  )
  return { name: sessionCookieName(config), value: signCookie(ring, token) }
}
