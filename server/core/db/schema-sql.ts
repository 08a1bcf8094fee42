import pg from 'pg'
import type { Catalogue, Column, Table } from './catalogue.ts'

export function schemaSql({ sequences, functions, tables, statistics }: Catalogue, head: string): string {
  const keys = tables.flatMap(({ name, foreignKeys }) =>
    foreignKeys.map((key) => plain(`alter table ${name} add constraint ${key.name} ${key.definition};`)),
  )
  const parts = [
    head,
    'set local check_function_bodies = off;',
    sequences.join('\n'),
    ...functions,
    ...tables.map(tableSql),
    keys.join('\n'),
    statistics.map(plain).join('\n'),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function tableSql(table: Table): string {
  const { name, options, columns, constraints, indexes, triggers, settings } = table
  const inside = [
    ...columns.map(columnSql),
    ...constraints.map((one) => plain(`constraint ${one.name} ${one.definition}`)),
  ]
  return [
    `create table ${name} (\n  ${inside.join(',\n  ')}\n)${options && ` with (${options})`};`,
    ...commentsOf(table),
    ...[...indexes, ...triggers, ...settings].map(plain),
  ].join('\n')
}

const columnSql = ({ name, type, notNull, rest }: Column) =>
  [name, plain(type), notNull && 'not null', plain(rest)].filter(Boolean).join(' ')

export const commentsOf = ({ name, comment, columns }: Table) => [
  ...(comment ? [`comment on table ${name} is ${pg.escapeLiteral(comment)};`] : []),
  ...columns
    .filter((column) => column.comment)
    .map((one) => `comment on column ${name}.${one.name} is ${pg.escapeLiteral(one.comment)};`),
]

/**
 * Simplifies a definition of PostgreSQL: converts all but quoted texts to lower case, removes the casts `::text` behind them, and writes
 * `timestamptz`.
 */
const plain = (definition: string) =>
  definition
    .replaceAll(
      /('(?:[^']|'')*')(?:::text\b(?!\[))?|([^']+)/g,
      (_, text?: string, rest?: string) => text ?? rest?.toLowerCase() ?? '',
    )
    .replaceAll('timestamp with time zone', 'timestamptz')
