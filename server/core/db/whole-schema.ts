import type pg from 'pg'
import { readCatalogue } from './catalogue.ts'
import { commentsOf, schemaSql } from './schema-sql.ts'

/** The line of `migrations/0001_schema.sql` that ends the schema; inserted rows follow. */
export const rowsHead = '-- Rows that every installation begins with.'

const head = `-- The sum of the migrations in before-1. A new database begins here. A database that began with those runs the files that it lacks, and
-- must then have the same schema. Generated: SCHEMA=write node --test server/core/db/whole-schema.test.ts`

/** Prints the schema of this database as in `0001_schema.sql`, without the table `migration`, which the migrator creates. */
export async function wholeSchema(client: pg.Client): Promise<string> {
  const catalogue = await readCatalogue(client)
  const [own, tables] = [true, false].map((is) =>
    catalogue.tables.filter(({ name }) => (name === 'migration') === is),
  )
  const comments = (own ?? []).flatMap(commentsOf)
  return `${schemaSql({ ...catalogue, tables: tables ?? [] }, head)}\n${comments.join('\n')}\n`
}

/** The schema of an older database differs from that of `0001_schema.sql`. */
export class SchemaDiffers extends Error {
  readonly code = 'schema_differs'
}

/** Throws SchemaDiffers with the first object that differs. `text`: the content of `0001_schema.sql`. */
export async function assertWholeSchema(client: pg.Client, text: string): Promise<void> {
  const has = (await wholeSchema(client)).trimEnd().split('\n')
  const wanted = (text.split(rowsHead)[0] ?? '').trimEnd().split('\n')
  const at = [...has, ''].findIndex((line, n) => sense(line) !== sense(wanted[n] ?? ''))
  if (at < 0) return
  const object = wanted.slice(0, at + 1).findLast((line) => /^(create|comment) /i.test(line)) ?? ''
  throw new SchemaDiffers(
    `schema_differs: at "${object}" the database has "${has[at] ?? ''}" where 0001_schema.sql has "${wanted[at] ?? ''}". ` +
      'Change the database to match the file and start again; see migrations/README.md.',
  )
}

/** The storage parameters of a table or an index, such as `with (fillfactor='90')`. */
const storage = / with \(\w+=[^()]*\)/

/**
 * Reduces a line to the parts that must match. Storage parameters are ignored, because operators tune them; parentheses are ignored,
 * because PostgreSQL prints fewer of them after it has read its own output.
 */
const sense = (line: string) => line.replace(storage, '').replaceAll(/[()]/g, '')
