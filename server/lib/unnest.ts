import { type RawBuilder, sql } from 'kysely'
import { type ArrayType, binaryArray } from './binary-array.ts'

type Value = string | number | boolean | Date | Uint8Array | null

/** One column of a set that travels to the server: its name, its type, and how to read it from a row. */
export type Column<Row> = readonly [name: string, type: ArrayType, value: (row: Row) => Value]

/**
 * Rows as a relation: `unnest($1::text[], $2::int8[] …) as name (tid, fen …)`. One parameter a column, however many
 * rows, so a thousand rows are one round trip and one plan. Arrays inside a row travel as text (`arrayText`) and are
 * cast where they are selected, since unnest would flatten them. Names and types come from code, never from input.
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

/** [1, 2] → "{1,2}"; texts are quoted. */
export function arrayText(values: readonly (number | string)[]): string {
  return `{${values.map((value) => (typeof value === 'number' ? value : JSON.stringify(value))).join(',')}}`
}
