import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { isLinkGood, makeLink, takeLink } from './links.ts'
import { assertGoodPassword, hashPassword, storePassword } from './password.ts'
import { type Origin, type SignedIn, signIn } from './sign-in.ts'

/**
 * Returns the link with which the first administrator signs up: `${publicUrl}/setup?token=…`, for one use within 24 hours. Undefined if
 * there is an administrator.
 */
export async function setupLink(db: Database, publicUrl: string): Promise<string | undefined> {
  if (await hasAdmin(db)) return undefined
  return (await makeLink(db, publicUrl)).url
}

export async function isSetupOpen(db: Database): Promise<boolean> {
  return !(await hasAdmin(db))
}

/** Creates the first administrator and signs in. Throws `setup_closed`. If the link is used several times at once, one use succeeds. */
export async function setUp(
  app: FastifyInstance,
  input: { token: string; email: string; name: string; password: string },
  origin: Origin,
): Promise<SignedIn> {
  const email = input.email.toLowerCase()
  assertGoodPassword(input.password, email)
  if (!(await isLinkGood(app.db, 'setup', input.token))) throw new AppError('setup_closed')
  const hash = await hashPassword(input.password)
  await app.db.transaction().execute(async (tx) => {
    // Without this lock, two requests with different links would both find no administrator.
    const role = await sql<Row<'role', 'id'>>`select id from role where builtin = 'admin' for update`.execute(
      tx,
    )
    const roleId = role.rows[0]?.id
    const link = await takeLink(tx, 'setup', input.token)
    if (!link || roleId === undefined || (await hasAdmin(tx))) throw new AppError('setup_closed')
    const id = await insertAdmin(tx, email, input.name.trim(), roleId)
    await storePassword(tx, id, hash)
    await audit(tx, {
      actor: { kind: 'user', id, name: input.name.trim() },
      action: 'setup',
      subject: { type: 'user', id },
      request: origin,
    })
  })
  return signIn(app, { email, password: input.password, remember: true }, origin)
}

async function insertAdmin(tx: Tx, email: string, name: string, roleId: string): Promise<string> {
  const { rows } = await sql<Row<'app_user', 'id'>>`
    with person as (
      insert into app_user (email, name, all_shops) values (${email}, ${name}, true)
      on conflict (email) do nothing returning id
    ), granted as (
      insert into user_role (user_id, role_id) select id, ${roleId}::bigint from person
    )
    select id from person
  `.execute(tx)
  const id = rows[0]?.id
  if (id === undefined)
    throw new AppError('duplicate', { what: { zh: '邮箱', en: 'E-mail address' } }, 'email')
  return id
}

async function hasAdmin(db: Database | Tx): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from user_role ur join role r on r.id = ur.role_id where r.builtin = 'admin'
    ) as found
  `.execute(db)
  return rows[0]?.found ?? false
}
