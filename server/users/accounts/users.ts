import { sql } from 'kysely'
import type { Granted } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { presentRights } from '../current-rights.ts'
import {
  type Asker,
  assertAdminRemains,
  assertWithin,
  duplicateOr,
  isWithinRights,
  lockAdmins,
  rightsOfRoles,
  rightsOfUser,
  toScope,
} from '../rights.ts'
import { dropLinks, isLinkGood, type Link, type LinkOf, makeLink, takeLink } from '../sign-in/links.ts'
import { assertGoodPassword, hashPassword, storePassword } from '../sign-in/password.ts'
import type { Origin } from '../sign-in/sign-in.ts'

const nothing = { shops: [], warehouses: [] }
const address = { zh: '邮箱', en: 'E-mail address' }

/**
 * Creates a user, who sets a password with the returned link. Throws `duplicate`, `not_found` (role), `beyond_own_rights`, `outside_scope`.
 */
export async function createUser(
  db: Database,
  publicUrl: string,
  request: Asker,
  input: {
    email: string
    name: string
    roleIds: readonly string[]
    shops: Granted
    /** Undefined: the warehouses of the user who creates this one. */
    warehouses?: Granted
  },
): Promise<{ id: string; link: Link }> {
  return db
    .transaction()
    .execute(async (tx) => {
      const { shops, warehouses = request.scope.warehouses } = input
      const scope = toScope({ shops, warehouses })
      assertWithin(request, { permissions: await rightsOfRoles(tx, input.roleIds), scope })
      const { rows } = await sql<Row<'app_user', 'id'>>`
        insert into app_user (email, name) values (${input.email.toLowerCase()}, ${input.name.trim()}) returning id
      `.execute(tx)
      const id = rows[0]?.id ?? ''
      await storeRoles(tx, id, input.roleIds)
      await storeShops(tx, id, scope.shops)
      await storeWarehouses(tx, id, scope.warehouses)
      const detail = { roleIds: input.roleIds, ...scope }
      await audit(tx, {
        actor: request.actor,
        action: 'user.create',
        subject: { type: 'user', id },
        detail,
        request,
      })
      return { id, link: await makeLink(tx, publicUrl, { userId: id, madeBy: request.actor }) }
    })
    .catch((error: unknown) => {
      throw duplicateOr(error, 'app_user_email_key', address, 'email')
    })
}

export type UserChange = {
  email?: string
  name?: string
  roleIds?: readonly string[]
  shops?: Granted
  warehouses?: Granted
  disabled?: boolean
}

/**
 * Changes a user. Undefined fields do not change. Disabling a user ends the user's sessions. Throws `not_found`, `last_admin`, `duplicate`,
 * `beyond_own_rights`, `outside_scope`.
 */
export async function changeUser(
  db: Database,
  request: Asker,
  id: string,
  change: UserChange,
): Promise<void> {
  await db
    .transaction()
    .execute(async (tx) => {
      await lockAdmins(tx)
      const now = await rightsOfUser(tx, id)
      assertWithin(request, now)
      if (change.roleIds !== undefined) {
        assertWithin(
          request,
          { permissions: await rightsOfRoles(tx, change.roleIds), scope: nothing },
          'roleIds',
        )
        await storeRoles(tx, id, change.roleIds)
      }
      if (change.shops !== undefined) {
        const scope = toScope({ ...nothing, shops: change.shops })
        assertWithin(request, { permissions: new Set(), scope }, 'shops')
        await storeShops(tx, id, scope.shops)
      }
      if (change.warehouses !== undefined) {
        const scope = toScope({ ...nothing, warehouses: change.warehouses })
        assertWithin(request, { permissions: new Set(), scope }, 'warehouses')
        await storeWarehouses(tx, id, scope.warehouses)
      }
      await sql`
        update app_user set updated_at = now(),
          email = coalesce(${change.email?.toLowerCase() ?? null}, email),
          name = coalesce(${change.name?.trim() ?? null}, name),
          disabled_at = case ${change.disabled ?? null}::boolean
            when true then coalesce(disabled_at, now()) when false then null else disabled_at end
        where id = ${id}
      `.execute(tx)
      if (change.disabled) await sql`delete from user_session where user_id = ${id}`.execute(tx)
      if (change.disabled || change.email !== undefined) await dropLinks(tx, id)
      await assertAdminRemains(tx)
      const { roleIds, shops, warehouses, disabled } = change
      const detail = { fields: Object.keys(change), roleIds, shops, warehouses, disabled }
      await audit(tx, {
        actor: request.actor,
        action: 'user.change',
        subject: { type: 'user', id },
        detail,
        request,
      })
    })
    .catch((error: unknown) => {
      throw duplicateOr(error, 'app_user_email_key', address, 'email')
    })
}

/**
 * Makes a link with which a user sets a new password. Earlier links stop working. The present password is valid until the new one is set.
 */
export async function makePasswordLink(
  db: Database,
  publicUrl: string,
  request: Asker,
  id: string,
): Promise<Link> {
  return db.transaction().execute(async (tx) => {
    assertWithin(request, await rightsOfUser(tx, id))
    await dropLinks(tx, id)
    await audit(tx, {
      actor: request.actor,
      action: 'user.password_link',
      subject: { type: 'user', id },
      request,
    })
    return makeLink(tx, publicUrl, { userId: id, madeBy: request.actor })
  })
}

/**
 * Sets a password by its link and ends every session of the user. Throws `link_expired`, also if its maker may no longer manage the user:
 * with a link of former days they would take over rights that the user got since.
 */
export async function resetPassword(
  db: Database,
  input: { token: string; password: string },
  origin: Origin,
): Promise<void> {
  if (!(await isLinkGood(db, 'password', input.token))) throw new AppError('link_expired')
  // Hashing takes long, so the password is hashed before the link is used and no lock is kept meanwhile.
  const hash = await hashPassword(input.password)
  await db.transaction().execute(async (tx) => {
    const link = await takeLink(tx, 'password', input.token)
    if (!link?.userId || !(await mayStillManage(tx, link.madeBy, link.userId)))
      throw new AppError('link_expired')
    const { rows } = await sql<Row<'app_user', 'id' | 'name' | 'email'>>`
      select id, name, email from app_user where id = ${link.userId} and disabled_at is null
    `.execute(tx)
    const user = rows[0]
    if (!user) throw new AppError('link_expired')
    assertGoodPassword(input.password, user.email)
    await storePassword(tx, user.id, hash)
    await dropLinks(tx, user.id)
    await audit(tx, {
      actor: { kind: 'user', id: user.id, name: user.name },
      action: 'user.password',
      subject: { type: 'user', id: user.id },
      detail: { byLink: true },
      request: origin,
    })
  })
}

async function mayStillManage(tx: Tx, maker: LinkOf['madeBy'] | null, userId: string): Promise<boolean> {
  if (!maker) return true
  const user = await rightsOfUser(tx, userId)
  const own = (await presentRights(tx, [maker]))(maker)
  return own?.permissions.has('users.write') === true && isWithinRights(own, user)
}

async function storeRoles(tx: Tx, userId: string, roleIds: readonly string[]): Promise<void> {
  await sql`delete from user_role where user_id = ${userId}`.execute(tx)
  await sql`
    insert into user_role (user_id, role_id) select ${userId}::bigint, unnest(${[...roleIds]}::bigint[])
  `.execute(tx)
}

async function storeShops(tx: Tx, userId: string, shops: Granted): Promise<void> {
  await sql`
    update app_user set all_shops = ${shops === 'all'}, shop_ids = ${shops === 'all' ? [] : [...shops]}::bigint[]
    where id = ${userId}
  `.execute(tx)
}

async function storeWarehouses(tx: Tx, userId: string, warehouses: Granted): Promise<void> {
  const ids = warehouses === 'all' ? [] : [...warehouses]
  await sql`
    update app_user set all_warehouses = ${warehouses === 'all'}, warehouse_ids = ${ids}::bigint[]
    where id = ${userId}
  `.execute(tx)
}
