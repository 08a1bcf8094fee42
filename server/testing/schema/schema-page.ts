import type { Catalogue, Table } from '../../core/db/catalogue.ts'
import { wordsOf } from './row-types.ts'

/** The column `column` of `table` contains the key `key` of `target`, by a foreign key or by an arrow in the column's comment. */
export type Relation = { table: string; column: string; target: string; key: string }

const arrow = /→ (\w+)\.(\w+)/

export function relationsOf({ name, columns, foreignKeys }: Table): Relation[] {
  const declared = columns.flatMap(({ name: column, comment }) => {
    const [, target, key] = arrow.exec(comment) ?? []
    return target && key ? [{ table: name, column, target, key }] : []
  })
  const held = foreignKeys.flatMap(({ columns: [column = ''], target }) =>
    declared.some((one) => one.column === column && one.target === target)
      ? []
      : [{ table: name, column, target, key: 'id' }],
  )
  return [...held, ...declared]
}

/** Returns the page about the schema: each slice with a drawing, and the columns of every table. `rooms`: the room of each table. */
export function schemaPage({ tables }: Catalogue, rooms: ReadonlyMap<string, string>): string {
  const slices = Map.groupBy(tables, ({ name }) => sliceOf(rooms.get(name) ?? ''))
  const names = [...slices.keys()].sort()
  const list = names.map(
    (name) => `- [${name}](#${name}): ${(slices.get(name) ?? []).map(linked).join(', ')}`,
  )
  const sections = names.map((name) => sectionOf(name, slices.get(name) ?? [], rooms))
  return [head, list.join('\n'), ...sections].join('\n\n').concat('\n')
}

const head = `# Schema

Every table of the database, by the slice that owns it. Generated from the comments in the database and the README of each room
(\`SCHEMA=write node --test server/rules/schema.test.ts\`); \`migrations/schema.sql\` has the same tables with their indexes, checks and triggers. The tables of the job
library (pg-boss) are not here.

- A type with \`?\` may be null. Times end in \`_at\`, persons in \`_by\`, amounts of fen in \`_fen\`; days and times are instants, shown in China's time.
- An arrow (→) names the key that a column holds. Only some are foreign keys ([decision 0007](decisions/0007-no-foreign-keys-on-hot-rows.md)).
- In the drawings the arrows to \`shop\` are left out: nearly every table has one.`

const sliceOf = (room: string) => room.split('/')[0] ?? ''
const linked = ({ name }: Table) => `[${name}](#${name})`

function sectionOf(slice: string, tables: Table[], rooms: ReadonlyMap<string, string>): string {
  const parts = tables.map((table) => {
    const room = rooms.get(table.name) ?? ''
    return `### ${table.name}\n\n${table.comment} Room: [${room}](../server/${room}/README.md).\n\n${columnsOf(table)}`
  })
  return [`## ${slice}`, drawingOf(tables), ...parts].join('\n\n')
}

function columnsOf(table: Table): string {
  const relations = relationsOf(table)
  const rows = table.columns.map(({ name, type, notNull, comment }) => {
    const words = table.constraints.map(({ definition }) => wordsOf(name, definition)).find(Boolean)
    const said = [
      comment.replace(arrow, '').trim(),
      words?.map((word) => `\`${word || "''"}\``).join(' '),
      ...relations
        .filter(({ column }) => column === name)
        .map(({ target, key }) => `→ [${target}](#${target}).${key}`),
    ]
    return `| ${name} | ${shortType(type)}${notNull ? '' : '?'} | ${said.filter(Boolean).join(' ')} |`
  })
  return ['| Column | Type | Meaning |', '|---|---|---|', ...rows].join('\n')
}

const shortType = (type: string) => type.replace('timestamp with time zone', 'timestamptz')

function drawingOf(tables: Table[]): string {
  const boxes = tables.map((table) => {
    const keys = keyOf(table).map((key) => `    ${typeIn(table, key)} ${key} PK`)
    return `  ${table.name} {\n${keys.join('\n')}\n  }`
  })
  const lines = tables.flatMap((table) =>
    relationsOf(table)
      .filter(({ target }) => target !== 'shop' || table.name === 'shop_gate')
      .map(({ column, target }) => {
        const optional = !table.columns.find(({ name }) => name === column)?.notNull
        const alone = keyOf(table).join() === column
        return `  ${target} ${optional ? '|o' : '||'}--${alone ? 'o|' : 'o{'} ${table.name} : ${column}`
      }),
  )
  return ['```mermaid', 'erDiagram', ...boxes, ...lines, '```'].join('\n')
}

function keyOf({ constraints }: Table): string[] {
  const definition = constraints.find(({ kind }) => kind === 'p')?.definition ?? ''
  return /\((.*)\)/.exec(definition)?.[1]?.split(', ') ?? []
}

const typeIn = ({ columns }: Table, column: string) =>
  shortType(columns.find(({ name }) => name === column)?.type ?? '').replaceAll(' ', '_')
