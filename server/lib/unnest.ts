import { type RawBuilder, sql } from 'kysely'
import { type ArrayType, binaryArray } from './binary-array.ts'

type Value = string | number | boolean | Date | Uint8Array | null

export type Column<Row> = readonly [name: string, type: ArrayType, value: (row: Row) => Value]

/**
 * SQL for rows as a relation: `unnest($1::text[], $2::int8[] …) as name (tid, fen …)`. It has one parameter for each column, so any number
 * of rows is one round trip and one plan. unnest would flatten an array inside a row, so pass it as text (`arrayText`) and cast it in the
 * select. Names and types must come from code, never from input.
 */
export function unnestRows<Row>(
  name: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): RawBuilder<unknown> {
  const arrays = columns.map(
    ([, type, read]) => sql`${binaryArray(type, rows.map(read))}::${sql.raw(type)}[]`,
  )
  const names = columns.map(([column]) => sql.ref(column))
  return sql`unnest(${sql.join(arrays)}) as ${sql.ref(name)} (${sql.join(names)})`
}

/** Returns the text form of a PostgreSQL array: [1, 2] → "{1,2}". Texts are quoted. */
export function arrayText(values: readonly (number | string)[]): string {
  return `{${values.map((value) => (typeof value === 'number' ? value : JSON.stringify(value))).join(',')}}`
}
