import pg from 'pg'
import { acceptedStatistics, type ColumnStatistics, writeStatistics } from './statistics.ts'

/** As many as the smallest machine has processors. */
const connections = 2

type Accepted = Awaited<ReturnType<typeof acceptedStatistics>>

/**
 * Collects the statistics of all tables, several tables at once, the largest first. Without them the first lists would read whole tables.
 * `statistics`: those of the backup, which are not collected again where the server takes them.
 */
export async function analyzeAll(url: string, statistics: readonly ColumnStatistics[]): Promise<void> {
  const clients = Array.from({ length: connections }, () => {
    const client = new pg.Client({ connectionString: url, application_name: 'sanyi restore' })
    client.on('error', () => {})
    return client
  })
  try {
    await Promise.all(clients.map((client) => client.connect()))
    const [first] = clients
    if (!first) return
    const waiting = await tablesOf(first)
    const accepted = Map.groupBy(await acceptedStatistics(first, statistics), ({ table }) => table)
    await Promise.all(
      clients.map(async (client) => {
        for (let table = waiting.shift(); table !== undefined; table = waiting.shift())
          await analyze(client, table, accepted.get(table) ?? [])
      }),
    )
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})))
  }
}

/** A target of 0 leaves a column out, which a list of columns would do for the expressions of indexes as well. */
async function analyze(client: pg.Client, table: string, accepted: Accepted): Promise<void> {
  const quoted = pg.escapeIdentifier(table)
  const targets = (of: (one: Accepted[number]) => number) =>
    accepted
      .map((one) => `alter column ${pg.escapeIdentifier(one.column)} set statistics ${of(one)}`)
      .join(', ')
  if (accepted.length > 0) {
    await client.query('begin')
    await client.query(`alter table ${quoted} ${targets(() => 0)}`)
    await client.query(`analyze ${quoted}`)
    await client.query(`alter table ${quoted} ${targets(({ target }) => target)}`)
    const isWritten = await writeStatistics(client, accepted).catch(() => false)
    await client.query(isWritten ? 'commit' : 'rollback')
    if (isWritten) return
  }
  await client.query(`analyze ${quoted}`)
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const found = await client.query<{ name: string }>(`
    select relname as name from pg_class
    where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p') and not relispartition
    order by pg_table_size(oid) desc`)
  return found.rows.map(({ name }) => name)
}
