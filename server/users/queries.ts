import { type RawBuilder, sql } from 'kysely'
import type { Granted } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import type { Identity } from '../core/http/http.ts'

export type UserRow = Row<'app_user', 'id' | 'email' | 'name' | 'lastSignInAt' | 'createdAt'> & {
  roles: Row<'role', 'id' | 'name' | 'nameEn'>[]
  all_shops: Rows['app_user']['allShops']
  shop_ids: Rows['app_user']['shopIds']
  all_warehouses: Rows['app_user']['allWarehouses']
  warehouse_ids: Rows['app_user']['warehouseIds']
  twoFactor: Rows['app_user']['twoFactorEnabled']
  state: 'active' | 'invited' | 'disabled'
}

export type UserFilter = { q?: string; state?: UserRow['state']; after?: string | undefined; limit: number }

/** The actor of a request. Users, keys and audit rows outside the actor's shops and warehouses are not shown. */
export type Asker = Pick<Identity, 'actor' | 'scope'>

const isSelf = ({ actor }: Asker, id: RawBuilder<unknown>) =>
  sql`${actor.kind === 'user'} and ${id}::text = ${actor.id}`

/** SQL condition: the shops and warehouses of the row `of` are within the asker's scope. */
function grantsWithin({ scope }: Asker, of: string): RawBuilder<unknown> {
  const within = (own: Granted, all: string, ids: string) =>
    own === 'all'
      ? sql`true`
      : sql`(not ${sql.ref(`${of}.${all}`)} and ${sql.ref(`${of}.${ids}`)} <@ ${[...own]}::bigint[])`
  return sql`(${within(scope.shops, 'all_shops', 'shop_ids')} and ${within(scope.warehouses, 'all_warehouses', 'warehouse_ids')})`
}

/** Returns users by id. There are tens of them, so a filter may read them all. */
export async function findUsers(db: Database, filter: UserFilter, asker: Asker): Promise<UserRow[]> {
  const text = filter.q?.trim().replace(/[\\%_]/g, '\\$&')
  const { rows } = await sql<UserRow>`
    select * from (
      select u.id, u.email, u.name, u.all_shops, u.shop_ids, u.all_warehouses, u.warehouse_ids, u.two_factor_enabled as "twoFactor",
        u.last_sign_in_at as "lastSignInAt", u.created_at as "createdAt",
        case when u.disabled_at is not null then 'disabled'
          when exists (select from user_credential c where c.user_id = u.id and c.password is not null) then 'active'
          else 'invited' end as state,
        coalesce((
          select jsonb_agg(jsonb_build_object('id', r.id::text, 'name', r.name, 'nameEn', r.name_en) order by r.id)
          from user_role ur join role r on r.id = ur.role_id where ur.user_id = u.id), '[]') as roles
      from app_user u
    ) u
    where u.id > ${filter.after ?? '0'}::bigint and (${isSelf(asker, sql`u.id`)} or ${grantsWithin(asker, 'u')})
      and (${filter.state ?? null}::text is null or u.state = ${filter.state ?? null})
      and (${text ?? null}::text is null or u.name ilike ${`%${text}%`} or u.email ilike ${`%${text}%`})
    order by u.id limit ${filter.limit}
  `.execute(db)
  return rows
}

export type RoleRow = Row<'role', 'id' | 'name' | 'nameEn' | 'permissions'> &
  Record<'builtin', boolean> & { users: number }

export async function allRoles(db: Database): Promise<RoleRow[]> {
  const { rows } = await sql<RoleRow>`
    select r.id, r.name, r.name_en as "nameEn", r.permissions, r.builtin is not null as builtin,
      (select count(*)::int from user_role ur where ur.role_id = r.id) as users
    from role r order by r.builtin nulls last, r.id
  `.execute(db)
  return rows
}

export type ApiKeyRow = Row<
  'api_key',
  'id' | 'name' | 'prefix' | 'permissions' | 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'revokedAt'
> & {
  all_shops: Rows['api_key']['allShops']
  shop_ids: Rows['api_key']['shopIds']
  all_warehouses: Rows['api_key']['allWarehouses']
  warehouse_ids: Rows['api_key']['warehouseIds']
  createdBy: Row<'app_user', 'id' | 'name'>
}

export async function allApiKeys(db: Database, asker: Asker): Promise<ApiKeyRow[]> {
  const { rows } = await sql<ApiKeyRow>`
    select k.id, k.name, k.prefix, k.permissions, k.all_shops, k.shop_ids, k.all_warehouses, k.warehouse_ids,
      jsonb_build_object('id', u.id::text, 'name', u.name) as "createdBy", k.created_at as "createdAt",
      k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt"
    from api_key k join app_user u on u.id = k.created_by
    where ${isSelf(asker, sql`k.created_by`)} or ${grantsWithin(asker, 'k')}
    order by k.revoked_at is not null, k.id desc limit 500
  `.execute(db)
  return rows
}

export type AuditRow = Row<'audit_log', 'id' | 'at' | 'action' | 'shopId' | 'ip' | 'requestId'> & {
  actor: Record<'kind' | 'id' | 'name', string>
  subject: Record<'type' | 'id', string>
  detail: Record<string, unknown>
}

export type AuditFilter = {
  actorId?: string
  actorKind?: string
  actions?: readonly string[]
  subjectType?: string
  subjectId?: string
  shopId?: string
  from?: Date
  to?: Date
  after?: string | undefined
  limit: number
}

/**
 * SQL condition for the audit rows that the asker may see. Rows without a shop (sign-ins, roles, keys, warehouses) are shown to an asker
 * with all shops and warehouses; any other asker sees only those of own actions.
 */
function auditWithin({ actor, scope }: Asker): RawBuilder<unknown> {
  if (scope.shops === 'all' && scope.warehouses === 'all') return sql`true`
  const ofShops = sql`(shop_id is not null and ${scopeSql(scope, sql.ref('shop_id'))})`
  return sql`(${ofShops} or (shop_id is null and actor_kind = ${actor.kind} and actor_id = ${actor.id}))`
}

/** Returns audit rows, latest first. Every index of the table is in the order of time. */
export async function findAudit(db: Database, asker: Asker, filter: AuditFilter): Promise<AuditRow[]> {
  const conditions: RawBuilder<unknown>[] = [auditWithin(asker)]
  if (filter.actorId !== undefined) conditions.push(sql`actor_id = ${filter.actorId}`)
  if (filter.actorKind !== undefined) conditions.push(sql`actor_kind = ${filter.actorKind}`)
  if (filter.actions !== undefined) conditions.push(sql`action = any(${[...filter.actions]}::text[])`)
  if (filter.subjectType !== undefined) conditions.push(sql`subject_type = ${filter.subjectType}`)
  if (filter.subjectId !== undefined) conditions.push(sql`subject_id = ${filter.subjectId}`)
  if (filter.shopId !== undefined) conditions.push(sql`shop_id = ${filter.shopId}`)
  if (filter.from !== undefined) conditions.push(sql`at >= ${filter.from}`)
  if (filter.to !== undefined) conditions.push(sql`at < ${filter.to}`)
  if (filter.after !== undefined) {
    conditions.push(sql`(at, id) < (select at, id from audit_log where id = ${filter.after})`)
  }
  const { rows } = await sql<AuditRow>`
    select id, at, jsonb_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) as actor, action,
      jsonb_build_object('type', subject_type, 'id', subject_id) as subject, shop_id as "shopId", detail, ip,
      request_id as "requestId"
    from audit_log where ${sql.join(conditions, sql` and `)}
    order by at desc, id desc limit ${filter.limit}
  `.execute(db)
  return rows
}
