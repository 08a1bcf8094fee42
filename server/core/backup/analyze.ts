import pg from 'pg'

/** As many as the smallest machine has processors. */
const connections = 2

/** Collects the statistics of all tables, several tables at once, the largest first. Without them the first lists would read whole tables. */
export async function analyzeAll(url: string): Promise<void> {
  const clients = Array.from({ length: connections }, () => {
    const client = new pg.Client({ connectionString: url, application_name: 'sanyi restore' })
    client.on('error', () => {})
    return client
  })
  try {
    await Promise.all(clients.map((client) => client.connect()))
    const waiting = await statementsFor(clients[0])
    await Promise.all(
      clients.map(async (client) => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await client.query(next)
      }),
    )
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})))
  }
}

async function statementsFor(client: pg.Client | undefined): Promise<string[]> {
  const found = await client?.query<{ text: string }>(`
    select format('analyze %I', relname) as text from pg_class
    where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p') and not relispartition
    order by pg_table_size(oid) desc`)
  return found?.rows.map(({ text }) => text) ?? []
}
