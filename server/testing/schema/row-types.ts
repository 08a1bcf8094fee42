import type { Catalogue, Column, Table } from '../../core/db/catalogue.ts'

/** The JavaScript type for each type of PostgreSQL. Numbers that JavaScript could round stay text. */
const read: Record<string, string> = {
  bigint: 'string',
  boolean: 'boolean',
  bytea: 'Buffer',
  date: 'Date',
  'double precision': 'number',
  int8multirange: 'string',
  integer: 'number',
  jsonb: 'unknown',
  numeric: 'string',
  smallint: 'number',
  text: 'string',
  'timestamp with time zone': 'Date',
  'timestamp without time zone': 'Date',
  uuid: 'string',
  xid8: 'string',
}

/** Returns the text of `rows.ts`: a type for the row of each table. Columns are named as in the answers of queries. */
export function rowTypes({ tables }: Catalogue): string {
  return `// The row types of all tables, with the JavaScript types that the database driver returns.
// Generated: SCHEMA=write node --test server/rules/schema.test.ts

/** Columns of a table: \`Row<'sales_order', 'id' | 'shopId'>\`. */
export type Row<T extends keyof Rows, C extends keyof Rows[T]> = Pick<Rows[T], C>

/** The row \`R\` after \`num\` has converted the columns \`C\` (int8, which the driver returns as text) to numbers. */
export type WithNumbers<R, C extends keyof R> = Omit<R, C> & Record<C, number>

/** The row \`R\` of an outer join: every column is null if the join finds no row. */
export type Nullable<R> = { [C in keyof R]: R[C] | null }

/** The row \`R\` of a query that leaves out rows with nulls, so no column is null. */
export type NotNull<R> = { [C in keyof R]: NonNullable<R[C]> }

/**
 * The row of a query that returns the fields of \`Answer\`. A field that is a column of the table \`T\`
 * has the column's type, or a narrower one (a union of codes, JSON); any other field has the type in \`Answer\`.
 */
export type RowFor<T extends keyof Rows, Answer> = {
  [C in keyof Answer]: C extends keyof Rows[T] ? ColumnFor<Rows[T][C], Answer[C]> : Answer[C]
}
type ColumnFor<Column, Wanted> = unknown extends Column
  ? Wanted
  : [Wanted, null extends Wanted ? true : false] extends [Column, null extends Column ? true : false]
    ? Wanted
    : Column

export type Rows = {
${tables.map(rowType).join('\n')}
}
`
}

function rowType(table: Table): string {
  const lines = table.columns.map((column) => `    ${camel(column.name)}: ${typeOf(column, table)}`)
  return `  ${table.name}: {\n${lines.join('\n')}\n  }`
}

function typeOf({ name, type, notNull }: Column, { constraints }: Table): string {
  const [, item = '', array = ''] = /^(.*?)((?:\[\])*)$/.exec(type) ?? []
  const known = read[item]
  if (known === undefined) throw new Error(`The type ${type} of the column ${name} is not known here.`)
  const words = constraints.map(({ definition }) => wordsOf(name, definition)).find(Boolean)
  return `${words?.map((word) => `'${word}'`).join(' | ') ?? `${known}${array}`}${notNull ? '' : ' | null'}`
}

/** Returns the values that a CHECK allows in this column, if it lists them. */
export function wordsOf(column: string, definition: string): string[] | undefined {
  const listed = new RegExp(
    `^CHECK \\(+${column} = (?:ANY \\(ARRAY\\[([^\\]]*)\\]\\)|('[^']*'::text))\\)+( AND |$)`,
  )
  const [, list, single] = listed.exec(definition) ?? []
  const words = list ?? single
  return words === undefined ? undefined : [...words.matchAll(/'([^']*)'/g)].map(([, word = '']) => word)
}

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
