import { sql } from 'kysely'
import type { Actor, Scope } from '../core/access/actor.ts'
import { intersect } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Nullable, Row } from '../core/db/rows.ts'
import { AppError } from '../errors.ts'
import { expand, type Permission, permissionTable } from './permissions.ts'

type Grants = Row<'app_user', 'allShops' | 'shopIds' | 'allWarehouses' | 'warehouseIds'> &
  Nullable<Row<'role', 'permissions'>>

/**
 * Returns the scope that background work of this actor has now: the part of `scope`, with which it was started, that the actor still has.
 * Throws `forbidden` if the actor is disabled, revoked, or lacks the permission. An API key has at most the present rights of the user who
 * created it.
 */
export async function scopeNow(
  db: Database,
  actor: Actor,
  permission: Permission,
  scope: Scope,
): Promise<Scope> {
  if (actor.kind === 'system' || actor.kind === 'task') return scope
  let within = scope
  for (const grants of await grantsOf(db, actor)) {
    if (!grants || !expand(grants.permissions ?? []).has(permission)) {
      const [, zh, en] = permissionTable[permission]
      throw new AppError('forbidden', { permission: { zh, en } })
    }
    within = intersect(within, {
      shops: grants.allShops ? 'all' : grants.shopIds,
      warehouses: grants.allWarehouses ? 'all' : grants.warehouseIds,
    })
  }
  return within
}

/** Returns the rights of the actor. For a key: its own and those of the user who created it, because both must allow the work. */
async function grantsOf(db: Database, actor: Actor): Promise<(Grants | undefined)[]> {
  if (actor.kind === 'user') return [await grantsOfUser(db, actor.id)]
  const key = await grantsOfKey(db, actor.id)
  return key ? [key, await grantsOfUser(db, key.createdBy)] : [undefined]
}

async function grantsOfUser(db: Database, id: string): Promise<Grants | undefined> {
  const found = await sql<Grants>`
    select all_shops as "allShops", shop_ids as "shopIds", all_warehouses as "allWarehouses", warehouse_ids as "warehouseIds",
      (select array_agg(p) from user_role ur join role r on r.id = ur.role_id, unnest(r.permissions) p
       where ur.user_id = app_user.id) as permissions
    from app_user where id = ${id}::bigint and disabled_at is null`.execute(db)
  return found.rows[0]
}

async function grantsOfKey(db: Database, id: string): Promise<(Grants & { createdBy: string }) | undefined> {
  const found = await sql<Grants & Row<'api_key', 'createdBy'>>`
    select all_shops as "allShops", shop_ids as "shopIds", all_warehouses as "allWarehouses", warehouse_ids as "warehouseIds", permissions, created_by as "createdBy" from api_key
    where id = ${id}::bigint and revoked_at is null and (expires_at is null or expires_at > now())`.execute(
    db,
  )
  return found.rows[0]
}
