import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { expand } from '../permissions.ts'
import { assertWithin, duplicateOr, parsePermissions } from '../rights.ts'

const roleName = { zh: '角色名', en: 'Role name' }
const noShops = { shops: [], warehouses: [] }

export async function createRole(
  db: Database,
  request: FastifyRequest,
  input: { name: string; nameEn?: string; permissions: readonly string[] },
): Promise<string> {
  const permissions = parsePermissions(input.permissions)
  assertWithin(request, { permissions, scope: noShops }, 'permissions')
  return db
    .transaction()
    .execute(async (tx) => {
      const { rows } = await sql<Row<'role', 'id'>>`
        insert into role (name, name_en, permissions)
        values (${input.name.trim()}, ${input.nameEn?.trim() ?? ''}, ${[...permissions]}::text[]) returning id
      `.execute(tx)
      const id = rows[0]?.id ?? ''
      const detail = { permissions: [...permissions] }
      await audit(tx, {
        actor: request.actor,
        action: 'role.create',
        subject: { type: 'role', id },
        detail,
        request,
      })
      return id
    })
    .catch((error: unknown) => {
      throw duplicateOr(error, 'role_name_key', roleName, 'name')
    })
}

/** Changes a role. It takes effect with the next request of every user who has the role. */
export async function changeRole(
  db: Database,
  request: FastifyRequest,
  id: string,
  change: { name?: string; nameEn?: string; permissions?: readonly string[] },
): Promise<void> {
  const permissions = change.permissions && parsePermissions(change.permissions)
  if (permissions) assertWithin(request, { permissions, scope: noShops }, 'permissions')
  await db
    .transaction()
    .execute(async (tx) => {
      await lockRole(tx, request, id)
      await sql`
        update role set updated_at = now(),
          name = coalesce(${change.name?.trim() ?? null}, name),
          name_en = coalesce(${change.nameEn?.trim() ?? null}, name_en),
          permissions = coalesce(${permissions ? [...permissions] : null}::text[], permissions)
        where id = ${id}
      `.execute(tx)
      const detail = {
        fields: Object.keys(change),
        ...(permissions ? { permissions: [...permissions] } : {}),
      }
      await audit(tx, {
        actor: request.actor,
        action: 'role.change',
        subject: { type: 'role', id },
        detail,
        request,
      })
    })
    .catch((error: unknown) => {
      throw duplicateOr(error, 'role_name_key', roleName, 'name')
    })
}

export async function deleteRole(db: Database, request: FastifyRequest, id: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { name } = await lockRole(tx, request, id)
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from user_role where role_id = ${id}
    `.execute(tx)
    const count = rows[0]?.count ?? 0
    if (count > 0) throw new AppError('role_in_use', { count })
    await sql`delete from role where id = ${id}`.execute(tx)
    // The row is gone, so only the audit still says which role it was.
    await audit(tx, {
      actor: request.actor,
      action: 'role.delete',
      subject: { type: 'role', id },
      detail: { name },
      request,
    })
  })
}

async function lockRole(tx: Tx, request: FastifyRequest, id: string): Promise<Row<'role', 'name'>> {
  const { rows } = await sql<Row<'role', 'name' | 'builtin' | 'permissions'>>`
    select name, builtin, permissions from role where id = ${id} for update
  `.execute(tx)
  const role = rows[0]
  if (!role) throw new AppError('not_found', { what: { zh: '角色', en: 'Role' } })
  if (role.builtin !== null) throw new AppError('builtin_role')
  assertWithin(request, { permissions: expand(role.permissions), scope: noShops })
  return { name: role.name }
}
