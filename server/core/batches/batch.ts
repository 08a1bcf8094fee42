import type { Static, TObject } from 'typebox'
import Value from 'typebox/value'
import { AppError } from '../../errors.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { Actor, Scope } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Outcome } from '../decide.ts'
import '../../lib/formats.ts'
import type { Permission } from '../../users/permissions.ts'

/** Ids of one transaction. A few hundred rows fill a statement; more would only lengthen the wait for its locks. */
export const chunkSize = 500

/** A verb over everything that a filter matches, or over a list of ids. */
export type BatchAction = {
  action: string
  name: LocalizedText
  permission: Permission
  parseInput(raw: unknown): unknown
  parseFilter(raw: unknown): unknown
  count(tx: Tx, filter: unknown, scope: Scope): Promise<Extent>
  resolve(tx: Tx, filter: unknown, scope: Scope, cap: number, after: string | null): Promise<Walk>
  before: ((db: Database, ids: readonly string[], scope: Scope) => Promise<void>) | undefined
  run(tx: Tx, ids: readonly string[], input: unknown, actor: Actor, scope: Scope): Promise<Outcome[]>
  numbers(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** How many rows a filter matches now, and the greatest id that is meant: rows that come later are not. */
export type Extent = { total: number; upTo: string | null }

/** A part of the walk over a filter, and where it goes on; null: that was all. */
export type Walk = { ids: string[]; after: string | null }

/** How the rows of a filter are counted, walked and named. */
export type BatchRows = Pick<BatchAction, 'parseFilter' | 'count' | 'resolve' | 'numbers'>

type RowsDeclaration<Filter extends TObject> = {
  filter: Filter
  /** Exact: what is shown as the total. One scan: `select count(*), max(id)`. */
  count(tx: Tx, filter: Static<Filter>, scope: Scope): Promise<Extent>
  /**
   * The next at most `cap` ids that match, by keyset from `after` on, in any order that an index serves and that the
   * verb does not change. Called after each chunk in the chunk's transaction, so it must be quick whatever share of the
   * rows matches; fewer than `cap`, even none, is no end.
   */
  resolve(tx: Tx, filter: Static<Filter>, scope: Scope, cap: number, after: string | null): Promise<Walk>
  /** The numbers by which people know these rows, by id, for the list of what was refused. */
  numbers?(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, string>>
}

type WorkDeclaration<Input extends TObject> = {
  /** Stable: 'staged_trades.convert' */
  action: string
  name: LocalizedText
  permission: Permission
  input: Input
  /** Asks platforms before a chunk, without its transaction or any lock; another worker may ask the same. */
  before?: BatchAction['before']
  /** One set-based verb. Throws only on the unexpected: then it is called again for halves, down to the bad row. */
  run(tx: Tx, ids: readonly string[], input: Static<Input>, actor: Actor, scope: Scope): Promise<Outcome[]>
}

export function batchRows<Filter extends TObject>(declaration: RowsDeclaration<Filter>): BatchRows {
  const parseFilter = (raw: unknown) => parse(declaration.filter, raw, 'target.filter')
  return {
    parseFilter,
    count: (tx, filter, scope) => declaration.count(tx, parseFilter(filter), scope),
    resolve: (tx, filter, scope, cap, after) =>
      declaration.resolve(tx, parseFilter(filter), scope, cap, after),
    numbers: async (db, ids) => declaration.numbers?.(db, ids) ?? new Map(),
  }
}

export function batchAction<Input extends TObject>(
  rows: BatchRows,
  { action, name, permission, input: schema, before, run }: WorkDeclaration<Input>,
): BatchAction {
  const parseInput = (raw: unknown) => parse(schema, raw, 'input')
  return {
    ...{ ...rows, action, name, permission, before, parseInput },
    run: (tx, ids, input, actor, scope) => run(tx, ids, parseInput(input), actor, scope),
  }
}

export function defineBatchAction<Filter extends TObject, Input extends TObject>(
  declaration: RowsDeclaration<Filter> & WorkDeclaration<Input>,
): BatchAction {
  return batchAction(batchRows(declaration), declaration)
}

function parse<Schema extends TObject>(schema: Schema, raw: unknown, place: string): Static<Schema> {
  const filled: unknown = Value.Default(schema, Value.Clone(raw ?? {}))
  if (Value.Check(schema, filled)) return filled
  const first = Value.Errors(schema, filled)[0]
  const field = `${place}${first?.instancePath ?? ''}`
  throw new AppError('invalid_input', { detail: `${field} ${first?.message ?? ''}` }, field)
}
