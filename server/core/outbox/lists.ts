import { type RawBuilder, sql } from 'kysely'
import type { Actor, Scope } from '../access/actor.ts'
import { scopeSql } from '../access/scope.ts'
import type { WalkFrom } from '../batches/batch.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Row, Rows } from '../db/rows.ts'
import type { FilterOf } from '../lists/declare-contract.ts'
import { defineOwnList } from '../lists/define.ts'
import { hasOneOf } from '../lists/define-query.ts'
import { pageById } from '../lists/list.ts'
import { countOf } from '../lists/list-read.ts'
import { type CappedCount, capped, countCap } from '../lists/list-table.ts'
import { type PlatformActionAnswer, platformAction, stockKind } from './contract.ts'
import type { ActionHandler } from './handlers.ts'
import { actionList } from './lists-contract.ts'

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

type ActionFilter = FilterOf<typeof actionList>

/** The platform actions, newest first. */
export const platformActions = <Shop>(
  handlers: readonly ActionHandler<Shop>[],
  subjectsOf: SubjectsOf = async () => new Map(),
) =>
  defineOwnList(actionList, {
    tag: 'platform actions',
    row: platformAction,
    page: ({ db, scope }, filter, asked) =>
      pageById(asked, async (page) => {
        const rows = await actionRows(db, filter, scope, page)
        const subjects = await subjectsOf(db, rows)
        return rows.map((row) => ({
          ...present(handlers, row),
          subjectNo: subjects.get(row.id)?.no ?? '',
          subjectDetail: subjects.get(row.id)?.detail ?? '',
        }))
      }),
    counts: ({ db, scope }, filter) => countActions(db, filter, scope),
    count: ({ db, scope }, filter, most) => countMatching(db, filter, scope, most),
  })

async function actionRows(
  db: Database,
  filter: ActionFilter,
  scope: Scope,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<Listed[]> {
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
    where ${matched(filter, scope)} and (${after ?? null}::bigint is null or id < ${after ?? null}::bigint)
    order by id desc limit ${limit}`.execute(db)
  return found.rows
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

/** Returns the number of actions in each state, at most `countCap` for a state. */
async function countActions(
  db: Database,
  filter: ActionFilter,
  scope: Scope,
): Promise<Record<string, CappedCount>> {
  const found = await sql<Row<'platform_action', 'state'> & { count: number }>`
    select states.state, counted.count from unnest(${Object.keys(actionList.tabs)}::text[]) with ordinality states (state, place)
    cross join lateral (
      select count(*)::int as count from (
        select from platform_action where platform_action.state = states.state and ${conditions(filter, scope)}
        limit ${countCap + 1}) capped
    ) counted order by place`.execute(db)
  return Object.fromEntries(found.rows.map(({ state, count }) => [state, capped(count)]))
}

/** Returns the number of rows; with `most` the counting stops at one more. */
async function countMatching(
  db: Database,
  filter: ActionFilter,
  scope: Scope,
  most?: number,
): Promise<number> {
  if (most === undefined) return (await extentOfActions(db, filter, scope)).total
  return countOf(db, sql`platform_action where ${matched(filter, scope)}`, most)
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
  return sql`${conditions(filter, scope)} and ${hasOneOf(sql.ref('state'), filter.state)}`
}

function conditions(filter: ActionFilter, scope: Scope): RawBuilder<unknown> {
  const shops = filter.shopId?.split(',')
  const { subjectType = null, subjectId = null } = filter
  return sql`${scopeSql(scope, sql.ref('shop_id'))} and ${hasOneOf(sql.ref('kind'), filter.kind)}
    and ${shops ? sql`shop_id = any(${shops}::bigint[])` : sql`true`}
    and ${ofStock(filter.stock)} and ${filter.needsPerson ? sql`state = 'unknown' and next_at is null` : sql`true`}
    and (${subjectType}::text is null or subject_type = ${subjectType}::text)
    and (${subjectId}::text is null or subject_id = ${subjectId}::text)`
}

/**
 * Returns the SQL condition for the filter `stock`. The kind is a literal in it, so that the planner can use the index that excludes stock
 * sync.
 */
function ofStock(stock: string | undefined): RawBuilder<unknown> {
  if (stock === undefined) return sql`true`
  return stock === 'only' ? sql`kind = ${sql.lit(stockKind)}` : sql`kind <> ${sql.lit(stockKind)}`
}
