import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { searchHeaders } from '../../core/http/search-contract.ts'
import { AppError } from '../../errors.ts'
import { duplicateOr } from '../rights.ts'
import { personOf } from './me.ts'

export type ViewRow = Row<'saved_view', 'id' | 'list' | 'name' | 'query' | 'shared'> & {
  own: boolean
  owner: string
}

/** Returns the user's own views first, then the shared views of others. */
export async function viewsFor(
  db: Database,
  request: FastifyRequest,
  list: string | undefined,
): Promise<ViewRow[]> {
  const userId = personOf(request)
  const { rows } = await sql<ViewRow>`
    select v.id, v.list, v.name, v.query, v.shared, v.user_id = ${userId} as own, u.name as owner
    from saved_view v join app_user u on u.id = v.user_id
    where (v.user_id = ${userId} or v.shared) and (${list ?? null}::text is null or v.list = ${list ?? null})
    order by own desc, v.id limit 500
  `.execute(db)
  return rows
}

const maxViews = 200

export async function createView(
  db: Database,
  request: FastifyRequest,
  view: { list: string; name: string; query: string; shared?: boolean },
): Promise<string> {
  const userId = personOf(request)
  const { rows } = await sql<Row<'saved_view', 'id'>>`
    insert into saved_view (user_id, list, name, query, shared)
    select ${userId}::bigint, ${view.list}, ${view.name.trim()}, ${withoutSearch(view.query)}, ${view.shared ?? false}
    where (select count(*) from saved_view where user_id = ${userId}) < ${maxViews}
    returning id
  `
    .execute(db)
    .catch(asDuplicate)
  const id = rows[0]?.id
  if (id === undefined) throw new AppError('too_many_ids', { max: maxViews })
  return id
}

/** Changes a view. Only its owner can, even if it is shared. */
export async function changeView(
  db: Database,
  request: FastifyRequest,
  id: string,
  change: { name?: string; query?: string; shared?: boolean },
): Promise<void> {
  const { rows } = await sql`
    update saved_view set updated_at = now(),
      name = coalesce(${change.name?.trim() ?? null}, name),
      query = coalesce(${change.query === undefined ? null : withoutSearch(change.query)}, query),
      shared = coalesce(${change.shared ?? null}, shared)
    where id = ${id} and user_id = ${personOf(request)} returning id
  `
    .execute(db)
    .catch(asDuplicate)
  if (rows.length === 0) throw notFound()
}

export async function deleteView(db: Database, request: FastifyRequest, id: string): Promise<void> {
  const { rows } = await sql`
    delete from saved_view where id = ${id} and user_id = ${personOf(request)} returning id
  `.execute(db)
  if (rows.length === 0) throw notFound()
}

/**
 * Removes the search text from a view's query. Users search for buyers' names and phone numbers, and views are stored unsealed and may be
 * shared.
 */
function withoutSearch(query: string): string {
  return query
    .split('&')
    .filter((part) => !Object.hasOwn(searchHeaders, nameOf(part)))
    .join('&')
}

/** Returns a parameter's name. A name that cannot be decoded counts as the search text. */
function nameOf(part: string): string {
  try {
    return decodeURIComponent((part.split('=')[0] ?? '').replaceAll('+', ' '))
      .trim()
      .toLowerCase()
  } catch {
    return 'q'
  }
}

function asDuplicate(error: unknown): never {
  throw duplicateOr(error, 'saved_view_user_id_list_name_key', { zh: '视图名', en: 'View name' }, 'name')
}

function notFound(): AppError {
  return new AppError('not_found', { what: { zh: '视图', en: 'View' } })
}
