import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { expand } from '../permissions.ts'
import type { Asker } from '../rights.ts'
import type { Link } from '../sign-in/links.ts'
import { removeTwoFactor } from './two-factor.ts'
import { createUser, makePasswordLink } from './users.ts'

// What the owner of the machine may do without signing in: people who can read the sealing keys and the database could do it by SQL as well.

/** The owner of the machine at its console. The audit log names the system. */
const owner: Asker = {
  actor: systemActor,
  permissions: expand(['*']),
  scope: wholeScope,
  ip: 'console',
  id: '',
}

export type Administrator = Row<'app_user', 'email' | 'name' | 'disabledAt' | 'lastSignInAt'> &
  Record<'hasPassword' | 'twoStep', boolean>

/** Returns the users with the role of administrators, by address. */
export async function administrators(db: Database): Promise<Administrator[]> {
  const found = await sql<Administrator>`
    select u.email, u.name, u.disabled_at as "disabledAt", u.last_sign_in_at as "lastSignInAt", u.two_factor_enabled as "twoStep",
      exists (select from user_credential c where c.user_id = u.id and c.password is not null) as "hasPassword"
    from app_user u join user_role ur on ur.user_id = u.id join role r on r.id = ur.role_id
    where r.builtin = 'admin' order by u.email`.execute(db)
  return found.rows
}

/** Makes an administrator, who sets a password with the returned link. @throws {AppError} `duplicate` */
export async function newAdministrator(
  db: Database,
  publicUrl: string,
  { email, name }: Row<'app_user', 'email' | 'name'>,
): Promise<Link> {
  const found = await sql<Row<'role', 'id'>>`select id from role where builtin = 'admin'`.execute(db)
  const roleIds = found.rows.map(({ id }) => id)
  const made = await createUser(db, publicUrl, owner, {
    email,
    name,
    roleIds,
    shops: 'all',
    warehouses: 'all',
  })
  return made.link
}

/** Makes a link with which this user sets a new password. @throws {AppError} `not_found`, `user_disabled` */
export async function passwordLinkFor(db: Database, publicUrl: string, email: string): Promise<Link> {
  return makePasswordLink(db, publicUrl, owner, await userIdOf(db, email))
}

/** Turns two-step verification of this user off. @throws {AppError} `not_found`, `user_disabled`, `two_factor_off` */
export async function dropTwoStep(db: Database, email: string): Promise<void> {
  await removeTwoFactor(db, owner, await userIdOf(db, email))
}

async function userIdOf(db: Database, email: string): Promise<string> {
  const found = await sql<Row<'app_user', 'id' | 'disabledAt'>>`
    select id, disabled_at as "disabledAt" from app_user where email = ${email.toLowerCase()}`.execute(db)
  const [user] = found.rows
  if (!user) throw new AppError('not_found', { what: { zh: `用户 ${email}`, en: `User ${email}` } })
  // A link of a disabled user opens nothing.
  if (user.disabledAt) throw new AppError('user_disabled')
  return user.id
}
