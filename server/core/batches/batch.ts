import type { Static, TObject } from 'typebox'
import Value from 'typebox/value'
import { AppError } from '../../errors.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { By, Scope } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Outcome } from '../decide.ts'
import '../../lib/formats.ts'
import type { Permission } from '../../users/permissions.ts'

/** Ids of one transaction. A few hundred rows are enough for one statement; more rows would only hold the row locks longer. */
export const chunkSize = 500

/** A verb that runs over all rows of a filter, or over a list of ids. */
export type BatchAction = {
  action: string
  name: LocalizedText
  permission: Permission
  parseInput(raw: unknown): unknown
  parseFilter(raw: unknown): unknown
  count(tx: Tx, filter: unknown, scope: Scope): Promise<Extent>
  resolve(tx: Tx, filter: unknown, scope: Scope, from: WalkFrom): Promise<Walk>
  before: ((db: Database, ids: readonly string[], scope: Scope) => Promise<void>) | undefined
  run(tx: Tx, ids: readonly string[], input: unknown, by: By): Promise<Outcome[]>
  numbers(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/**
 * The number of rows that a filter matches now, and the greatest id among them. Rows with a greater id were created later and are left out
 * of the batch.
 */
export type Extent = { total: number; upTo: string | null }

/** The next ids of a filter, and the keyset position from which to continue; `after` null: there are no more ids. */
export type Walk = { ids: string[]; after: string | null }

/** At most `cap` ids, after the keyset position `after`; null: from the beginning. */
export type WalkFrom = { cap: number; after: string | null }

/** The functions that count and walk the rows of a filter and give their display numbers. */
export type BatchRows = Pick<BatchAction, 'parseFilter' | 'count' | 'resolve' | 'numbers'>

type RowsDeclaration<Filter extends TObject> = {
  filter: Filter
  /** Counts exactly, because the total is shown. One scan: `select count(*), max(id)`. */
  count(tx: Tx, filter: Static<Filter>, scope: Scope): Promise<Extent>
  /**
   * Returns the next at most `cap` matching ids, by keyset after `after`, in any order that an index provides and that the verb does not
   * change. It is called in the chunk's transaction after each chunk, so it must be fast even if few rows match. Fewer ids than `cap`, even
   * none, do not mean the end: only `after` null does.
   */
  resolve(tx: Tx, filter: Static<Filter>, scope: Scope, from: WalkFrom): Promise<Walk>
  /** Returns the display number of each id, such as the order number, for the list of refused rows. */
  numbers?(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, string>>
}

type WorkDeclaration<Input extends TObject> = {
  /** The stable name of the action in the API: 'staged_trades.convert' */
  action: string
  name: LocalizedText
  permission: Permission
  input: Input
  /**
   * Calls platforms before a chunk, outside its transaction and without any lock. Another worker may make the same calls at the same time.
   */
  before?: BatchAction['before']
  /**
   * Runs the verb for all ids in one set-based call. It throws only on an unexpected error: then it is called again for each half of the
   * ids, until the failing row is found.
   */
  run(tx: Tx, ids: readonly string[], input: Static<Input>, by: By): Promise<Outcome[]>
}

export function batchRows<Filter extends TObject>(declaration: RowsDeclaration<Filter>): BatchRows {
  const parseFilter = (raw: unknown) => parse(declaration.filter, raw, 'target.filter')
  return {
    parseFilter,
    count: (tx, filter, scope) => declaration.count(tx, parseFilter(filter), scope),
    resolve: (tx, filter, scope, from) => declaration.resolve(tx, parseFilter(filter), scope, from),
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
    run: (tx, ids, input, by) => run(tx, ids, parseInput(input), by),
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
