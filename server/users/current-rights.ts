import { sql } from 'kysely'
import type { Actor, Scope } from '../actor.ts'
import type { Database } from '../db.ts'
import { AppError } from '../errors.ts'
import { intersect } from '../scope.ts'
import { expand, type Permission, permissionTable } from './permissions.ts'

type Grants = { allShops: boolean; shopIds: string[]; permissions: string[] | null }

/**
 * What background work may touch now that was started with `scope` by this actor: never more than then, and less when
 * shops were taken away since. Throws `forbidden` when the actor was disabled, revoked, or lacks the permission.
 */
export async function scopeNow(
  db: Database,
  actor: Actor,
  permission: Permission,
  scope: Scope,
): Promise<Scope> {
  if (actor.kind === 'system' || actor.kind === 'task') return scope
  const grants = actor.kind === 'user' ? await grantsOfUser(db, actor.id) : await grantsOfKey(db, actor.id)
  if (!grants || !expand(grants.permissions ?? []).has(permission)) {
    const [, zh, en] = permissionTable[permission]
    throw new AppError('forbidden', { permission: { zh, en } })
  }
  return intersect(scope, { shops: grants.allShops ? 'all' : grants.shopIds })
}

async function grantsOfUser(db: Database, id: string): Promise<Grants | undefined> {
  const found = await sql<Grants>`
    select all_shops as "allShops", shop_ids as "shopIds",
      (select array_agg(p) from user_role ur join role r on r.id = ur.role_id, unnest(r.permissions) p
       where ur.user_id = app_user.id) as permissions
    from app_user where id = ${id}::bigint and disabled_at is null`.execute(db)
  return found.rows[0]
}

async function grantsOfKey(db: Database, id: string): Promise<Grants | undefined> {
  const found = await sql<Grants>`
    select all_shops as "allShops", shop_ids as "shopIds", permissions from api_key
    where id = ${id}::bigint and revoked_at is null and (expires_at is null or expires_at > now())`.execute(
    db,
  )
  return found.rows[0]
}
