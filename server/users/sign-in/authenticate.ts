import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Scope } from '../../core/access/actor.ts'
import type { Identity } from '../../core/http/http.ts'
import { assertOwnOrigin } from '../../core/http/http-security.ts'
import { AppError } from '../../errors.ts'
import { limitedTo } from '../current-rights.ts'
import { expand, type Permission, permissionTable } from '../permissions.ts'
import { idleHours, openCookie, sessionCookieName } from './auth.ts'
import { secretHash } from './secret-hash.ts'

const nobody: Identity = {
  actor: { kind: 'system', id: '', name: '' },
  scope: { shops: [], warehouses: [] },
  permissions: new Set(),
  sessionId: undefined,
}

/**
 * Sets `actor`, `scope` and `permissions` of every request, and refuses a request without the permission of its route. The actor is read by
 * one prepared query (0.2 ms) and never cached: a revoked session or key, a disabled user or a changed role takes effect with the next
 * request.
 */
export function addAuthentication(app: FastifyInstance): void {
  app.decorateRequest('identity')
  app.decorateRequest('actor', { getter: of('actor') })
  app.decorateRequest('scope', { getter: of('scope') })
  app.decorateRequest('permissions', { getter: of('permissions') })
  app.decorateRequest('sessionId', { getter: of('sessionId') })
  app.addHook('onRequest', async (request) => {
    const { permission } = request.routeOptions.config
    if (permission === undefined) {
      // Routes without a permission serve pages and other files, which are public. Under /api the server does not start with such a route.
      if (request.routeOptions.url?.startsWith('/api')) throw new AppError('not_signed_in')
      return
    }
    if (permission === 'public') {
      if (request.headers.origin !== undefined) assertOwnOrigin(request, app.config.publicUrl)
      return
    }
    const identity = await identify(app, request)
    if (!identity) throw new AppError('not_signed_in')
    if (identity.sessionId !== undefined) assertOwnOrigin(request, app.config.publicUrl)
    request.identity = identity
    if (permission !== 'signed_in') assertPermission(request, permission)
  })
}

function of<Name extends keyof Identity>(name: Name) {
  return function (this: FastifyRequest): Identity[Name] {
    return (this.identity ?? nobody)[name]
  }
}

/**
 * Throws `forbidden` without the permission. For handlers whose permission depends on more than the route, such as the action of a batch.
 */
export function assertPermission(
  request: { permissions: ReadonlySet<Permission> },
  permission: Permission,
): void {
  if (request.permissions.has(permission)) return
  const [, zh, en] = permissionTable[permission]
  throw new AppError('forbidden', { permission: { zh, en: `${en} (${permission})` } })
}

/** Returns the actor of a request; undefined if there is none. If the request has an invalid API key, its cookie is not tried. */
export async function identify(app: FastifyInstance, request: FastifyRequest): Promise<Identity | undefined> {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) return keyHolder(app, authorization)
  const token = openCookie(app.ring, cookie, sessionCookieName(app.config))
  return token === undefined ? undefined : person(app, token)
}

type Grants = {
  id: string
  name: string
  all_shops: boolean
  shop_ids: string[]
  all_warehouses: boolean
  warehouse_ids: string[]
  permissions: string[] | null
  stale: boolean
}

const personQuery = `
  select s.id as session_id, u.id, u.name, u.all_shops, u.shop_ids, u.all_warehouses, u.warehouse_ids, s.updated_at < now() - interval '5 minutes' as stale,
    (select array_agg(p) from user_role ur join role r on r.id = ur.role_id, unnest(r.permissions) p
     where ur.user_id = u.id) as permissions
  from user_session s join app_user u on u.id = s.user_id
  where s.token = $1 and s.expires_at > now() and s.updated_at > now() - make_interval(hours => $2)
    and u.disabled_at is null`

async function person(app: FastifyInstance, token: string): Promise<Identity | undefined> {
  const found = await app.pool.query<Grants & { session_id: string }>({
    name: 'person',
    text: personQuery,
    values: [token, idleHours],
  })
  const row = found.rows[0]
  if (!row) return undefined
  if (row.stale) touch(app, 'update user_session set updated_at = now() where id = $1', row.session_id)
  return identityOf('user', row, row.session_id)
}

/**
 * Selects a valid key with the rights of the user who created it. The key ends when that user is disabled, and has at most that user's
 * present rights.
 */
const keyQuery = `
  select k.id, k.name, k.all_shops, k.shop_ids, k.all_warehouses, k.warehouse_ids, k.permissions,
    k.last_used_at is null or k.last_used_at < now() - interval '1 minute' as stale,
    u.all_shops as maker_all_shops, u.shop_ids as maker_shop_ids,
    u.all_warehouses as maker_all_warehouses, u.warehouse_ids as maker_warehouse_ids,
    (select array_agg(p) from user_role ur join role r on r.id = ur.role_id, unnest(r.permissions) p
     where ur.user_id = u.id) as maker_permissions
  from api_key k join app_user u on u.id = k.created_by
  where k.key_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
    and u.disabled_at is null`

type KeyGrants = Grants & {
  maker_all_shops: boolean
  maker_shop_ids: string[]
  maker_all_warehouses: boolean
  maker_warehouse_ids: string[]
  maker_permissions: string[] | null
}

async function keyHolder(app: FastifyInstance, authorization: string): Promise<Identity | undefined> {
  const key = /^Bearer (sk_[\w-]{20,100})$/i.exec(authorization)?.[1]
  if (key === undefined) return undefined
  const found = await app.pool.query<KeyGrants>({
    name: 'key_holder',
    text: keyQuery,
    values: [secretHash(key)],
  })
  const row = found.rows[0]
  if (!row) return undefined
  if (row.stale) touch(app, 'update api_key set last_used_at = now() where id = $1', row.id)
  const identity = identityOf('api_key', row, undefined)
  const maker: Scope = {
    shops: row.maker_all_shops ? 'all' : row.maker_shop_ids,
    warehouses: row.maker_all_warehouses ? 'all' : row.maker_warehouse_ids,
  }
  return {
    ...identity,
    ...limitedTo(identity, { permissions: expand(row.maker_permissions ?? []), scope: maker }),
  }
}

function identityOf(kind: 'user' | 'api_key', row: Grants, sessionId: string | undefined): Identity {
  return {
    actor: { kind, id: row.id, name: row.name },
    scope: {
      shops: row.all_shops ? 'all' : row.shop_ids,
      warehouses: row.all_warehouses ? 'all' : row.warehouse_ids,
    },
    permissions: expand(row.permissions ?? []),
    sessionId,
  }
}

/** Stores the time of the last use. The request does not wait for it, and a failure is only logged. */
function touch(app: FastifyInstance, text: string, id: string): void {
  app.pool.query(text, [id]).catch((error: unknown) => app.log.warn({ err: error }, 'last use not noted'))
}
