import type { Static, TObject } from 'typebox'
import Value from 'typebox/value'
import { AppError } from '../../errors.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { By, Scope } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Outcome } from '../decide.ts'
import '../../lib/formats.ts'
import type { Permission } from '../../users/permissions.ts'

/** The number of ids of a bulk action that one transaction processes. A larger number would keep row locks longer and save little. */
export const chunkSize = 500

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

/** The next ids that match a filter. `after`: the keyset position from which to continue; null: no further row matches the filter. */
export type Walk = { ids: string[]; after: string | null }

/** At most `cap` ids, after the keyset position `after`; null: from the beginning. */
export type WalkFrom = { cap: number; after: string | null }

export type BatchRows = Pick<BatchAction, 'parseFilter' | 'count' | 'resolve' | 'numbers'>

type RowsDeclaration<Filter extends TObject> = {
  filter: Filter
  /** Returns the exact count and the greatest id in one scan: `select count(*), max(id)`. */
  count(tx: Tx, filter: Static<Filter>, scope: Scope): Promise<Extent>
  /**
   * Returns at most `cap` matching ids after the keyset position `after`. The order must come from an index, and the verb must not change
   * it. It runs in the transaction of each chunk, so it must be fast even if few rows match. Only `after: null` means the end; an answer
   * with few or no ids does not.
   */
  resolve(tx: Tx, filter: Static<Filter>, scope: Scope, from: WalkFrom): Promise<Walk>
  /** Returns the display number of each id, such as the order number, for the list of refused rows. */
  numbers?(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, string>>
}

type WorkDeclaration<Input extends TObject> = {
  /** The stable name of the action in the API, such as 'staged_trades.convert'. */
  action: string
  name: LocalizedText
  permission: Permission
  input: Input
  /**
   * Calls platforms before a chunk, outside its transaction and without row locks. Two workers may make the same calls at the same time.
   */
  before?: BatchAction['before']
  /**
   * Runs the verb for all ids in one set-based call. If it throws, it is called again with each half of the ids, until the failing row is
   * found.
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
