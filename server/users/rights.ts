import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Granted, Scope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { AppError } from '../errors.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { expand, type Permission, permissionTable } from './permissions.ts'

export type Rights = { permissions: ReadonlySet<Permission>; scope: Scope }

/** The person or program that asks for a change of users, with its rights. A request is one. */
export type Asker = Pick<FastifyRequest, 'actor' | 'permissions' | 'scope' | 'ip' | 'id'>

/**
 * Throws `beyond_own_rights` or `outside_scope` if `rights` exceed those of the asker. Otherwise a user who may manage users could grant or
 * take over any right.
 */
export function assertWithin(
  own: Pick<Asker, 'permissions' | 'scope'>,
  rights: Rights,
  field?: string,
): void {
  for (const name of rights.permissions) {
    if (own.permissions.has(name)) continue
    const [, zh, en] = permissionTable[name]
    throw new AppError('beyond_own_rights', { permission: { zh, en } }, field)
  }
  if (!isWithin(own.scope, rights.scope)) throw new AppError('outside_scope', {}, field)
}

export const isWithinRights = (own: Rights, rights: Rights): boolean =>
  [...rights.permissions].every((name) => own.permissions.has(name)) && isWithin(own.scope, rights.scope)

export function isWithin(own: Scope, granted: Scope): boolean {
  return !exceeds(own.shops, granted.shops) && !exceeds(own.warehouses, granted.warehouses)
}

function exceeds(own: Granted, granted: Granted): boolean {
  if (own === 'all') return false
  return granted === 'all' || granted.some((id) => !own.includes(id))
}

export function toScope({ shops, warehouses }: Scope): Scope {
  const once = (ids: Granted) => (ids === 'all' ? ids : [...new Set(ids)])
  return { shops: once(shops), warehouses: once(warehouses) }
}

/**
 * Locks the administrators' role, so that two changes of administrators run one after the other. Call it before the change, and
 * `assertAdminRemains` after it.
 */
export async function lockAdmins(tx: Tx): Promise<void> {
  await sql`select from role where builtin = 'admin' for update`.execute(tx)
}

/** Throws `last_admin` if no administrator is left who can sign in. */
export async function assertAdminRemains(tx: Tx): Promise<void> {
  const { rows } = await sql`
    select 1 from user_role ur
    join role r on r.id = ur.role_id
    join app_user u on u.id = ur.user_id
    join user_credential c on c.user_id = u.id and c.provider_id = 'credential'
    where r.builtin = 'admin' and u.disabled_at is null and u.all_shops and u.all_warehouses and c.password is not null
    limit 1
  `.execute(tx)
  if (rows.length === 0) throw new AppError('last_admin')
}

/** Returns the permissions of these roles together. Throws `not_found` if a role does not exist. */
export async function rightsOfRoles(tx: Tx, roleIds: readonly string[]): Promise<Set<Permission>> {
  const { rows } = await sql<Row<'role', 'permissions'>>`
    select permissions from role where id = any(${[...roleIds]}::bigint[])
  `.execute(tx)
  if (rows.length !== new Set(roleIds).size)
    throw new AppError('not_found', { what: { zh: '角色', en: 'Role' } }, 'roleIds')
  return expand(rows.flatMap((row) => row.permissions))
}

/** Returns the present rights of a user and locks the user's row. Throws `not_found`. */
export async function rightsOfUser(tx: Tx, userId: string): Promise<Rights> {
  const user = await sql<{
    all_shops: Rows['app_user']['allShops']
    shop_ids: Rows['app_user']['shopIds']
    all_warehouses: Rows['app_user']['allWarehouses']
    warehouse_ids: Rows['app_user']['warehouseIds']
  }>`
    select all_shops, shop_ids, all_warehouses, warehouse_ids from app_user where id = ${userId} for update
  `.execute(tx)
  const row = user.rows[0]
  if (!row) throw new AppError('not_found', { what: { zh: '用户', en: 'User' } })
  const granted = await sql<{ permission: string }>`
    select unnest(r.permissions) as permission from user_role ur join role r on r.id = ur.role_id where ur.user_id = ${userId}
  `.execute(tx)
  return {
    permissions: expand(granted.rows.map(({ permission }) => permission)),
    scope: toScope({
      shops: row.all_shops ? 'all' : row.shop_ids,
      warehouses: row.all_warehouses ? 'all' : row.warehouse_ids,
    }),
  }
}

export function parsePermissions(names: readonly string[], field = 'permissions'): Set<Permission> {
  const known = expand(names.filter((name) => name !== '*'))
  const unknown = names.find((name) => !expand([name]).size || name === '*')
  if (unknown !== undefined) {
    throw new AppError(
      'invalid_input',
      { detail: { zh: `没有权限 ${unknown}`, en: `no permission ${unknown}` } },
      field,
    )
  }
  return known
}

/** Returns `duplicate` if the error is a violation of this unique constraint; otherwise the error itself. */
export function duplicateOr(error: unknown, constraint: string, what: LocalizedText, field: string): unknown {
  const hit =
    error instanceof Error &&
    'code' in error &&
    error.code === '23505' &&
    'constraint' in error &&
    error.constraint === constraint
  return hit ? new AppError('duplicate', { what }, field) : error
}
