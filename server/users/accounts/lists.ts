import type { Static } from 'typebox'
import type { Database } from '../../core/db/db.ts'
import { pageById } from '../../core/lists/list.ts'
import type { auditQuery, usersQuery } from '../contract.ts'
import { expand, namedPermission, permissions } from '../permissions.ts'
import { type Asker, allApiKeys, allRoles, findAudit, findUsers } from '../queries.ts'

export async function listUsers(db: Database, asker: Asker, query: Static<typeof usersQuery>) {
  const { limit = 50, after, ...filter } = query
  return pageById({ after, limit }, async (page) =>
    (await findUsers(db, { ...filter, ...page }, asker)).map(withGrants),
  )
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
  return pageById({ after, limit }, (page) =>
    findAudit(db, asker, {
      ...filter,
      ...page,
      ...(action === undefined ? {} : { actions: action.split(',').map((name) => name.trim()) }),
      ...(from === undefined ? {} : { from: new Date(from) }),
      ...(to === undefined ? {} : { to: new Date(to) }),
    }),
  )
}

type Stored = { all_shops: boolean; shop_ids: string[]; all_warehouses: boolean; warehouse_ids: string[] }

function withGrants<Row extends Stored>({ all_shops, shop_ids, all_warehouses, warehouse_ids, ...row }: Row) {
  return { ...row, shops: granted(all_shops, shop_ids), warehouses: granted(all_warehouses, warehouse_ids) }
}

const granted = (all: boolean, ids: string[]): 'all' | string[] => (all ? 'all' : ids)
