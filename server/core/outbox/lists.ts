import { type RawBuilder, sql } from 'kysely'
import type { Static } from 'typebox'
import { AppError } from '../../errors.ts'
import type { Actor, Scope } from '../access/actor.ts'
import { scopeSql } from '../access/scope.ts'
import type { WalkFrom } from '../batches/batch.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Row, Rows } from '../db/rows.ts'
import { hasOneOf } from '../lists/define-query.ts'
import { capped } from '../lists/list-table.ts'
import {
  type ActionFilter,
  actionStates,
  type actionsQuery,
  type countsAnswer,
  type countsQuery,
  type PlatformActionAnswer,
  stockKind,
} from './contract.ts'
import type { ActionHandler } from './handlers.ts'

type Listed = Row<
  'platform_action',
  | 'id'
  | 'shopId'
  | 'kind'
  | 'subjectType'
  | 'subjectId'
  | 'state'
  | 'attempt'
  | 'looks'
  | 'nextAt'
  | 'errorCode'
  | 'error'
  | 'payload'
  | 'result'
  | 'createdAt'
  | 'sentAt'
  | 'endedAt'
  | 'settledReason'
> & {
  waitsFor: PlatformActionAnswer['waitsFor']
  createdBy: Actor
  settledBy: Actor | null
}
/** Returns number and detail of each action's subject, by the action's id. The slices of the subjects supply it. */
export type SubjectsOf = (
  db: Database,
  rows: readonly Listed[],
) => Promise<ReadonlyMap<string, { no: string; detail: string }>>

const countCap = 10_000

export async function listActions<Shop>(
  db: Database,
  { handlers, subjectsOf }: { handlers: readonly ActionHandler<Shop>[]; subjectsOf: SubjectsOf },
  filter: Static<typeof actionsQuery>,
  scope: Scope,
): Promise<{ rows: PlatformActionAnswer[]; next: string | null }> {
  const limit = filter.limit ?? 50
  const { after } = filter
  if (after !== undefined && !/^[1-9]\d{0,17}$/.test(after)) throw new AppError('invalid_cursor', {}, 'after')
  const found = await sql<Listed>`
    select id, shop_id as "shopId", kind, subject_type as "subjectType", subject_id as "subjectId", state, attempt,
      looks, next_at as "nextAt", error_code as "errorCode", error, payload, result, created_by as "createdBy",
      created_at as "createdAt", sent_at as "sentAt", ended_at as "endedAt", settled_by as "settledBy",
      settled_reason as "settledReason", coalesce((
        select case when paused <> '{}' then 'paused' when ban_until > now() then 'banned' when away_since is not null then 'away' end
        from shop_gate gate where gate.shop_id = platform_action.shop_id
          and platform_action.state in ('pending', 'unknown') and platform_action.next_at is not null
      ), '') as "waitsFor"
    from platform_action
    where ${matched(filter, scope)}
      and (${after ?? null}::bigint is null or id < ${after ?? null}::bigint)
    order by id desc limit ${limit + 1}`.execute(db)
  const rows = found.rows.slice(0, limit)
  const subjects = await subjectsOf(db, rows)
  return {
    rows: rows.map((row) => ({
      ...present(handlers, row),
      subjectNo: subjects.get(row.id)?.no ?? '',
      subjectDetail: subjects.get(row.id)?.detail ?? '',
    })),
    next: found.rows.length > limit ? (rows.at(-1)?.id ?? null) : null,
  }
}

function present<Shop>(handlers: readonly ActionHandler<Shop>[], row: Listed) {
  const handler = handlers.find(({ kind }) => kind === row.kind)
  return {
    ...row,
    kindName: handler?.name ?? { zh: row.kind, en: row.kind },
    createdBy: row.createdBy.name,
    settledBy: row.settledBy?.name ?? null,
    needsPerson: row.state === 'unknown' && row.nextAt === null,
  }
}

/** The states that need a user come first; the menu shows their counts. */
const tabOrder = [
  'failed',
  'unknown',
  ...actionStates.filter((state) => state !== 'failed' && state !== 'unknown'),
]

/** Returns the number of actions in each state, at most `countCap` for a state. */
export async function countActions(
  db: Database,
  filter: Static<typeof countsQuery>,
  scope: Scope,
): Promise<Static<typeof countsAnswer>> {
  const found = await sql<Row<'platform_action', 'state'> & { count: number }>`
    select states.state, counted.count from unnest(${tabOrder}::text[]) with ordinality states (state, place)
    cross join lateral (
      select count(*)::int as count from (
        select from platform_action where platform_action.state = states.state and ${conditions(filter, scope)}
        limit ${countCap + 1}) capped
    ) counted order by place`.execute(db)
  const tabs = found.rows.map(({ state, count }) => {
    return [state, capped(count)] as const
  })
  return { tabs: Object.fromEntries(tabs) }
}

export async function extentOfActions(
  db: Database | Tx,
  filter: ActionFilter,
  scope: Scope,
): Promise<{ total: number; upTo: string | null }> {
  const found = await sql<Record<'total', number> & { upTo: Rows['platform_action']['id'] | null }>`
    select count(*)::int as total, max(id) as "upTo" from platform_action where ${matched(filter, scope)}`.execute(
    db,
  )
  return found.rows[0] ?? { total: 0, upTo: null }
}

export async function matchingActions(
  tx: Tx,
  filter: ActionFilter,
  scope: Scope,
  { cap, after }: WalkFrom,
): Promise<string[]> {
  const found = await sql<Row<'platform_action', 'id'>>`
    select id from platform_action where ${matched(filter, scope)} and id > coalesce(${after}::bigint, 0)
    order by id limit ${cap}`.execute(tx)
  return found.rows.map(({ id }) => id)
}

function matched(filter: ActionFilter, scope: Scope): RawBuilder<unknown> {
  const { subjectType = null, subjectId = null } = filter
  return sql`${conditions(filter, scope)} and ${hasOneOf(sql.ref('state'), filter.state)}
    and (${subjectType}::text is null or subject_type = ${subjectType}::text)
    and (${subjectId}::text is null or subject_id = ${subjectId}::text)`
}

function conditions(filter: Static<typeof countsQuery>, scope: Scope): RawBuilder<unknown> {
  const shops = filter.shopId?.split(',')
  return sql`${scopeSql(scope, sql.ref('shop_id'))} and ${hasOneOf(sql.ref('kind'), filter.kind)}
    and ${shops ? sql`shop_id = any(${shops}::bigint[])` : sql`true`}
    and ${ofStock(filter.stock)} and ${filter.needsPerson ? sql`next_at is null` : sql`true`}`
}

/**
 * Returns the SQL condition for the filter `stock`. The kind is a literal in it, so that the planner can use the index that excludes stock
 * sync.
 */
function ofStock(stock: 'without' | 'only' | undefined): RawBuilder<unknown> {
  if (stock === undefined) return sql`true`
  return stock === 'only' ? sql`kind = ${sql.lit(stockKind)}` : sql`kind <> ${sql.lit(stockKind)}`
}
