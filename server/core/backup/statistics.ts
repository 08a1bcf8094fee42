import type pg from 'pg'
import Type, { type Static } from 'typebox'

/** What ANALYZE found of a column, by the names of `pg_stats`, as texts of PostgreSQL. */
export const columnStatisticsSchema = Type.Object({
  table: Type.String(),
  column: Type.String(),
  found: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
})
export type ColumnStatistics = Static<typeof columnStatisticsSchema>

/** The argument of `pg_restore_attribute_stats` of this name, with its type. */
const facts = {
  null_frac: 'real',
  avg_width: 'integer',
  n_distinct: 'real',
  most_common_vals: 'text',
  most_common_freqs: 'real[]',
  histogram_bounds: 'text',
  correlation: 'real',
  most_common_elems: 'text',
  most_common_elem_freqs: 'real[]',
  elem_count_histogram: 'real[]',
}

/** The first version of PostgreSQL with `pg_restore_attribute_stats`. */
const takesStatistics = 180_000

/**
 * Returns the statistics of columns that have a target of their own: they are collected from several times the rows of others, so a restore
 * takes them from the backup instead.
 */
export async function costlyStatistics(client: pg.Client): Promise<ColumnStatistics[]> {
  const fields = Object.keys(facts).map((name) => `'${name}', s.${name}::text`)
  const { rows } = await client.query<ColumnStatistics>(`
    select s.tablename as table, s.attname as column, jsonb_build_object(${fields.join(', ')}) as found
    from pg_stats s join pg_class c on c.relname = s.tablename and c.relkind = 'r' and c.relnamespace = quote_ident(current_schema())::regnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attname = s.attname and a.attstattarget > 0
    where s.schemaname = current_schema() and not s.inherited
    order by 1, 2`)
  return rows
}

/** Those of the statistics that this server takes: columns that it has, with a target of their own. An older server takes none. */
export async function acceptedStatistics(
  client: pg.Client,
  statistics: readonly ColumnStatistics[],
): Promise<(ColumnStatistics & { target: number })[]> {
  const { rows } = await client.query<{ at: number; target: number }>(
    `select n::int - 1 as at, a.attstattarget::int as target
    from unnest($1::text[], $2::text[]) with ordinality u (relname, attname, n)
    join pg_attribute a on a.attrelid = to_regclass(quote_ident(u.relname)) and a.attname = u.attname and a.attstattarget > 0
    where current_setting('server_version_num')::int >= $3`,
    [statistics.map(({ table }) => table), statistics.map(({ column }) => column), takesStatistics],
  )
  return rows.flatMap(({ at, target }) => {
    const one = statistics[at]
    return one ? [{ ...one, target }] : []
  })
}

/** Returns false if the server warned of one and did not take it. */
export async function writeStatistics(
  client: pg.Client,
  statistics: readonly ColumnStatistics[],
): Promise<boolean> {
  const pairs = Object.entries(facts).map(([name, type]) => `'${name}', (s.found ->> '${name}')::${type}`)
  const { rows } = await client.query<{ taken: boolean }>(
    `select bool_and(pg_restore_attribute_stats('schemaname', current_schema()::text, 'relname', s.table, 'attname', s.column,
      'inherited', false, ${pairs.join(', ')})) as taken
    from jsonb_to_recordset($1::jsonb) s ("table" text, "column" text, found jsonb)`,
    [JSON.stringify(statistics)],
  )
  return rows[0]?.taken ?? false
}
