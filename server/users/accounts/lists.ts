import type { Static } from 'typebox'
import type { Database } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import type { auditQuery, usersQuery } from '../contract.ts'
import { expand, namedPermission, permissions } from '../permissions.ts'
import { type Asker, allApiKeys, allRoles, findAudit, findUsers } from '../queries.ts'

export async function listUsers(db: Database, asker: Asker, query: Static<typeof usersQuery>) {
  const { limit = 50, after, ...filter } = query
  const found = await findUsers(db, { ...filter, ...cursor(after), limit: limit + 1 }, asker)
  return page(found.map(withGrants), limit)
}

export async function listRoles(db: Database) {
  const roles = await allRoles(db)
  return {
    rows: roles.map((role) => ({ ...role, permissions: [...expand(role.permissions)] })),
    permissions: permissions.map(namedPermission),
  }
}

export async function listApiKeys(db: Database, asker: Asker) {
  const keys = await allApiKeys(db, asker)
  return {
    rows: keys.map(withGrants),
  }
}

export async function listAudit(db: Database, asker: Asker, query: Static<typeof auditQuery>) {
  const { limit = 50, after, action, from, to, ...filter } = query
  const found = await findAudit(db, asker, {
    ...filter,
    ...cursor(after),
    ...(action === undefined ? {} : { actions: action.split(',').map((name) => name.trim()) }),
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
    limit: limit + 1,
  })
  return page(found, limit)
}

type Stored = { all_shops: boolean; shop_ids: string[]; all_warehouses: boolean; warehouse_ids: string[] }

function withGrants<Row extends Stored>({ all_shops, shop_ids, all_warehouses, warehouse_ids, ...row }: Row) {
  return { ...row, shops: granted(all_shops, shop_ids), warehouses: granted(all_warehouses, warehouse_ids) }
}

const granted = (all: boolean, ids: string[]): 'all' | string[] => (all ? 'all' : ids)

function page<Row extends { id: string }>(found: Row[], limit: number): { rows: Row[]; next: string | null } {
  const rows = found.slice(0, limit)
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null }
}

/** Checks the cursor of a short list, which is the last row's id. */
function cursor(after: string | undefined): { after?: string } {
  if (after === undefined) return {}
  if (!/^[1-9]\d{0,17}$/.test(after)) throw new AppError('invalid_cursor', {}, 'after')
  return { after }
}
