import Type, { type Static, type TObject, type TProperties } from 'typebox'
import type { ErrorCode } from '../errors.ts'
import type { By, Scope } from './access/actor.ts'
import { type BatchAction, type BatchRows, batchAction, batchRows } from './batches/batch.ts'
import type { Database, Tx } from './db/db.ts'
import type { Outcome } from './decide.ts'
import { canRunDry, isDryRun } from './http/dry-run.ts'
import { type Routes, route } from './http/http.ts'
import type { Walkable } from './lists/define.ts'
import { extentOf, listIds, numbersOf } from './lists/list.ts'
import { idsWith, outcomes } from './lists/list-contract.ts'
import type { ListQuery, ListTable } from './lists/list-table.ts'
import type { VerbDeclaration } from './verbs-contract.ts'

/**
 * The rows that a verb changes. `of`: their kind, such as orders; `tag`: the heading of the routes in the API document; `walk`: needed for
 * a bulk action.
 */
export type VerbRows = { of: string; tag: string; walk?: BatchRows }

export type Verb<Path extends string = string, Body extends TObject = TObject> = {
  path: Path
  body: Body
  declared: VerbDeclaration
  rows: VerbRows
  errors: readonly ErrorCode[]
  bulk: BatchAction | undefined
  /**
   * Runs the verb for a body that the schema has accepted. Returns one outcome for each row. `dry`: the outcomes are those that it would have,
   * and nothing changes.
   */
  answer(db: Database, body: object, by: By, dry?: boolean): Promise<Outcome[]>
}

type Bound<Fields extends TProperties> = {
  rows: VerbRows
  /** The fields of the body besides the ids. */
  input?: Fields
  /** The fields of the input that the bulk action takes; undefined: all of them. */
  bulkInput?: readonly (keyof Fields & string)[]
  /** Error codes that refuse the whole request. */
  errors?: readonly ErrorCode[]
  /** Calls platforms before the transaction begins. */
  before?: BatchAction['before']
  /** Runs in one transaction and returns one outcome for each id. */
  run(tx: Tx, ids: readonly string[], input: Static<TObject<Fields>>, by: By): Promise<Outcome[]>
}

type Body<Fields extends TProperties> = ReturnType<typeof idsWith<Fields>>

/** Joins a declared verb and its function. The route, the bulk action and the types of the page's requests come from the result. */
export function defineVerb<const Path extends string, Fields extends TProperties = Record<never, never>>(
  declared: VerbDeclaration & { path: Path },
  bound: Bound<Fields>,
): Verb<Path, Body<Fields>>
export function defineVerb(declared: VerbDeclaration, bound: Bound<TProperties>): Verb {
  const { rows, input = {}, errors = [], before, run } = bound
  const { path } = declared
  return {
    ...{ path, declared, rows, errors, body: idsWith(input), bulk: bulkOf(declared, bound) },
    async answer(db, { ids, ...rest }: { ids: string[] }, by, dry) {
      await before?.(db, ids, by.scope)
      return inTransaction(db, (tx) => run(tx, ids, rest, by), dry)
    },
  }
}

/**
 * Joins a declared verb and its function if the body is something else than ids and fields for all of them, for example rows with fields of
 * their own. It has no bulk action.
 */
export function defineRowVerb<const Path extends string, Body extends TObject>(
  declared: VerbDeclaration & { path: Path },
  bound: { rows: VerbRows; body: Body; run(tx: Tx, body: Static<Body>, by: By): Promise<Outcome[]> },
): Verb<Path, Body> {
  const { rows, body, run } = bound
  return {
    ...{ path: declared.path, declared, rows, errors: [], body, bulk: undefined },
    answer: (db, asked: Static<Body>, by, dry) => inTransaction(db, (tx) => run(tx, asked, by), dry),
  }
}

/** Runs `work` in a transaction. `dry`: the transaction is rolled back, so that only the result remains. */
async function inTransaction<Result>(
  db: Database,
  work: (tx: Tx) => Promise<Result>,
  dry = false,
): Promise<Result> {
  if (!dry) return db.transaction().execute(work)
  const tx = await db.startTransaction().execute()
  try {
    return await work(tx)
  } finally {
    await tx.rollback().execute()
  }
}

function bulkOf(
  { path, permission, bulk }: VerbDeclaration,
  bound: Bound<TProperties>,
): BatchAction | undefined {
  if (!bulk) return undefined
  const { rows, input = {}, bulkInput = Object.keys(input), before, run } = bound
  if (!rows.walk) throw new Error(`${path} is done in bulk, and its rows cannot be walked.`)
  const fields = Object.fromEntries(Object.entries(input).filter(([name]) => bulkInput.includes(name)))
  return batchAction(rows.walk, {
    ...{ action: bulk.name, name: { zh: bulk.words[0], en: bulk.words[1] }, permission },
    input: Type.Object(fields, { additionalProperties: false }),
    before,
    run,
  })
}

/** Makes the `run` function of a verb that has no input besides the ids. */
export const plain =
  (verb: (tx: Tx, ids: readonly string[], by: By) => Promise<Outcome[]>) =>
  (tx: Tx, ids: readonly string[], _input: object, by: By) =>
    verb(tx, ids, by)

/** Makes one POST route for each verb. The answer has one outcome for each row. */
export function verbRoutes(verbs: readonly Verb[]): Routes {
  return async (app) => {
    for (const verb of verbs) {
      const { permission, summary } = verb.declared
      const schema = { tags: [verb.rows.tag], body: verb.body, response: { 200: outcomes } }
      app.post<{ Body: Record<string, unknown> }>(
        `/api${verb.path}`,
        canRunDry(route(permission, summary, schema, verb.errors)),
        async (request) => {
          const { body, actor, scope, ip, id } = request
          const by = { actor, scope, request: { ip, id } }
          return { results: await verb.answer(app.db, body, by, isDryRun(request)) }
        },
      )
    }
  }
}

export const bulkActions = (verbs: readonly Verb[]): BatchAction[] => verbs.flatMap(({ bulk }) => bulk ?? [])

/**
 * Returns the rows of a list for bulk actions, with the list's filter. `query` must sort by a value that no verb changes; otherwise rows
 * could be skipped or repeated.
 */
export function rowsOfList<Filter extends TObject, Sort extends string>(list: {
  filter: Filter
  table: ListTable<Sort>
  query(filter: Static<Filter>, scope: Scope, tx: Tx): ListQuery<Sort> | Promise<ListQuery<Sort>>
  numbers: Parameters<typeof numbersOf>[2] | BatchRows['numbers']
}): BatchRows {
  const { filter, table, query, numbers } = list
  return batchRows({
    filter,
    count: async (tx, asked, scope) => extentOf(tx, table, await query(asked, scope, tx)),
    async resolve(tx, asked, scope, { cap, after }) {
      const page = { limit: cap, after: after ?? undefined }
      const { ids, next } = await listIds(tx, table, await query(asked, scope, tx), page)
      return { ids, after: next }
    },
    numbers: typeof numbers === 'string' ? (db, ids) => numbersOf(db, table, numbers, ids) : numbers,
  })
}

/** Returns the rows of a declared list for bulk actions. `sort`: one of its sorts whose value no verb changes. */
export const rowsOfDeclared = (
  list: Walkable,
  numbers: Parameters<typeof rowsOfList>[0]['numbers'],
  sort = 'createdAt',
) =>
  rowsOfList({
    filter: list.filter,
    table: list.table,
    query: (filter, scope, db) => list.ask(filter, { db, scope }, sort),
    numbers,
  })
