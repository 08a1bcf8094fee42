import { sql } from 'kysely'
import type { Actor, Scope } from '../core/access/actor.ts'
import { intersect } from '../core/access/scope.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { AppError } from '../errors.ts'
import { expand, type Permission, permissionTable } from './permissions.ts'
import type { Rights } from './rights.ts'

type Granted = Row<'app_user', 'id' | 'allShops' | 'shopIds' | 'allWarehouses' | 'warehouseIds'> &
  Row<'role', 'permissions'>
type Key = Granted & Row<'api_key', 'createdBy'>

const scopes = sql`t.all_shops as "allShops", t.shop_ids as "shopIds", t.all_warehouses as "allWarehouses", t.warehouse_ids as "warehouseIds"`

/**
 * Returns the scope that background work of this actor has now: the part of `scope`, with which it was started, that the actor still has.
 * Throws `forbidden` if the actor is disabled, revoked, or lacks the permission.
 */
export async function scopeNow(
  db: Database,
  actor: Actor,
  permission: Permission,
  scope: Scope,
): Promise<Scope> {
  if (actor.kind === 'system' || actor.kind === 'task') return scope
  const rights = (await presentRights(db, [actor]))(actor)
  if (!rights?.permissions.has(permission)) {
    const [, zh, en] = permissionTable[permission]
    throw new AppError('forbidden', { permission: { zh, en } })
  }
  return intersect(scope, rights.scope)
}

/**
 * Returns the present rights of people and programs. One that was disabled, revoked or ended has none. A key has at most the rights of the
 * person who made it, as in its requests.
 */
export async function presentRights(
  db: Database | Tx,
  actors: readonly Pick<Actor, 'kind' | 'id'>[],
): Promise<(actor: Pick<Actor, 'kind' | 'id'>) => Rights | undefined> {
  const idsOf = (kind: Actor['kind']) => actors.filter((one) => one.kind === kind).map(({ id }) => id)
  const keys = await sql<Key>`
    select t.id, t.created_by as "createdBy", t.permissions, ${scopes} from api_key t
    where t.id = any(${idsOf('api_key')}::bigint[]) and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())`.execute(
    db,
  )
  const userIds = [...idsOf('user'), ...keys.rows.map(({ createdBy }) => createdBy)]
  const users = await sql<Granted>`
    select t.id, ${scopes}, (select coalesce(array_agg(p), '{}') from user_role ur join role r on r.id = ur.role_id, unnest(r.permissions) p
      where ur.user_id = t.id) as permissions
    from app_user t where t.id = any(${userIds}::bigint[]) and t.disabled_at is null`.execute(db)
  const ofUsers = new Map(users.rows.map((row) => [row.id, rightsOf(row)]))
  const ofKeys = new Map(
    keys.rows.flatMap((row) => {
      const maker = ofUsers.get(row.createdBy)
      return maker ? [[row.id, limitedTo(rightsOf(row), maker)]] : []
    }),
  )
  return ({ kind, id }) => (kind === 'user' ? ofUsers : kind === 'api_key' ? ofKeys : undefined)?.get(id)
}

function rightsOf({ allShops, shopIds, allWarehouses, warehouseIds, permissions }: Granted): Rights {
  const scope: Scope = {
    shops: allShops ? 'all' : shopIds,
    warehouses: allWarehouses ? 'all' : warehouseIds,
  }
  return { permissions: expand(permissions), scope }
}

/** Returns the rights of a key that a person made: no more than that person has now. */
export const limitedTo = (own: Rights, maker: Rights): Rights => ({
  permissions: new Set([...own.permissions].filter((name) => maker.permissions.has(name))),
  scope: intersect(own.scope, maker.scope),
})
