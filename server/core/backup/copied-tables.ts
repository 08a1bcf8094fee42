import type pg from 'pg'

/**
 * Tables that are not in a backup: those of the job library that have no rows of lasting value, and its version, since a restored database
 * keeps the library's own tables of the program that restores; `restoring`, which exists only while a backup is restored; and `relay_call`,
 * whose calls belong to processes that have ended by then, and must not be made by a relay once more; and `kept_log`, which
 * concerns the files of one server.
 */
const leftOut = [
  'restoring',
  'relay_call',
  'kept_log',
  'version',
  'bam',
  'instance',
  'warning',
  'queue_stats',
]

export type CopiedTable = { name: string; columns: string[]; sizeBytes: number }

/** The tables of this schema with the columns that are copied, the largest first. Generated columns are left out. */
export async function copiedTables(client: pg.Client): Promise<CopiedTable[]> {
  const { rows } = await client.query<CopiedTable>(
    `select c.relname as name, pg_table_size(c.oid)::float8 as "sizeBytes",
      array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = quote_ident(current_schema())::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> all($1::text[])
    group by c.oid, c.relname order by 2 desc, c.relname`,
    [leftOut],
  )
  return rows
}

/** Returns one statement with quoted names, made by the server. */
export async function statementOf(client: pg.Client, query: string, values: unknown[]): Promise<string> {
  const { rows } = await client.query<{ text: string }>(query, values)
  return rows[0]?.text ?? ''
}
