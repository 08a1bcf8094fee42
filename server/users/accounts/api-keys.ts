import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Granted } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { sharedNow } from '../../lib/clock.ts'
import { expand, type Permission } from '../permissions.ts'
import { assertWithin, parsePermissions, type Rights, toScope } from '../rights.ts'
import { secretHash } from '../sign-in/secret-hash.ts'
import { personOf } from './me.ts'

/** An API key cannot have these permissions, because a key that created other keys or users would have effects after its own end. */
export const forPeopleOnly: readonly Permission[] = ['users.write', 'api_keys.write', 'privacy.erase']

type NewApiKey = {
  name: string
  permissions: readonly string[]
  shops: Granted
  /** Undefined: the warehouses of the user who creates the key. */
  warehouses?: Granted
  expiresAt: Date | null
}

/**
 * Creates an API key. The key is returned once; only its hash is stored. A key never has more rights than the user who created it has now,
 * and it ends when that user is disabled.
 */
export function createApiKey(
  db: Database,
  request: FastifyRequest,
  input: NewApiKey,
): Promise<{ id: string; key: string }> {
  return db.transaction().execute((tx) => makeApiKey(tx, request, input))
}

/** Creates an API key as `createApiKey`, in a transaction with more. */
export async function makeApiKey(
  tx: Tx,
  request: FastifyRequest,
  input: NewApiKey,
): Promise<{ id: string; key: string }> {
  const createdBy = personOf(request)
  const permissions = parsePermissions(input.permissions)
  const scope = toScope({ shops: input.shops, warehouses: input.warehouses ?? request.scope.warehouses })
  assertWithin(request, { permissions, scope })
  const refused = forPeopleOnly.find((name) => permissions.has(name))
  if (refused) throw invalid('permissions', `接口密钥不能有 ${refused}`, `an API key cannot have ${refused}`)
  if (input.expiresAt && input.expiresAt <= sharedNow())
    throw invalid('expiresAt', '已经过去', 'lies in the past')
  const key = `sk_${randomBytes(32).toString('base64url')}`
  const { shops, warehouses } = scope
  const { rows } = await sql<Row<'api_key', 'id'>>`
    insert into api_key (name, prefix, key_hash, permissions, all_shops, shop_ids, all_warehouses, warehouse_ids, created_by, expires_at)
    values (${input.name.trim()}, ${key.slice(0, 9)}, ${secretHash(key)}, ${[...permissions]}::text[],
      ${shops === 'all'}, ${shops === 'all' ? [] : [...shops]}::bigint[],
      ${warehouses === 'all'}, ${warehouses === 'all' ? [] : [...warehouses]}::bigint[], ${createdBy}, ${input.expiresAt})
    returning id
  `.execute(tx)
  const id = rows[0]?.id ?? ''
  const detail = { permissions: [...permissions], shops, warehouses, expiresAt: input.expiresAt }
  await audit(tx, {
    actor: request.actor,
    action: 'api_key.create',
    subject: { type: 'api_key', id },
    detail,
    request,
  })
  return { id, key }
}

/** Revokes a key: the next request with it is refused. Its row stays, because the audit log names it. */
export async function revokeApiKey(db: Database, request: FastifyRequest, id: string): Promise<void> {
  await db.transaction().execute((tx) => revokeKey(tx, request, id))
}

/** Revokes a key as `revokeApiKey`, in a transaction with more. */
export async function revokeKey(tx: Tx, request: FastifyRequest, id: string): Promise<void> {
  const { rows } = await sql<Kept>`
    update api_key set revoked_at = coalesce(revoked_at, now()) where id = ${id}
    returning permissions, created_by as "createdBy", all_shops as "allShops", shop_ids as "shopIds",
      all_warehouses as "allWarehouses", warehouse_ids as "warehouseIds"
  `.execute(tx)
  const [key] = rows
  if (!key) throw new AppError('not_found', { what: { zh: '接口密钥', en: 'API key' } })
  // A user may revoke another user's key only if the key has no more rights than the user.
  if (key.createdBy !== request.actor.id) assertWithin(request, rightsOfKey(key))
  await audit(tx, {
    actor: request.actor,
    action: 'api_key.revoke',
    subject: { type: 'api_key', id },
    request,
  })
}

type Kept = Row<
  'api_key',
  'permissions' | 'createdBy' | 'allShops' | 'shopIds' | 'allWarehouses' | 'warehouseIds'
>

function rightsOfKey(key: Kept): Rights {
  return {
    permissions: expand(key.permissions),
    scope: {
      shops: key.allShops ? 'all' : key.shopIds,
      warehouses: key.allWarehouses ? 'all' : key.warehouseIds,
    },
  }
}

function invalid(field: string, zh: string, en: string): AppError {
  return new AppError('invalid_input', { detail: { zh: `${field} ${zh}`, en: `${field} ${en}` } }, field)
}
