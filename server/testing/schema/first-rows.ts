import pg from 'pg'
import type { Catalogue, Table } from '../../core/db/catalogue.ts'

/**
 * Returns the rows that migrations put into an empty database, as statements. Generated ids and times of insertion are left to the tables.
 */
export async function firstRows(client: pg.Client, { tables }: Catalogue): Promise<string> {
  const inserts: string[] = []
  for (const table of tables) {
    if (table.name !== 'migration') inserts.push(...(await rowsOf(client, table)))
  }
  return inserts.join('\n')
}

async function rowsOf(client: pg.Client, { name, columns, constraints }: Table): Promise<string[]> {
  const written = columns
    .filter(({ rest }) => !/^generated|^default now\(\)/.test(rest))
    .map((one) => one.name)
  const [, key] =
    /^PRIMARY KEY \((.*)\)$/.exec(constraints.find(({ kind }) => kind === 'p')?.definition ?? '') ?? []
  const values = written.map((column) => `quote_nullable(${pg.escapeIdentifier(column)}::text)`)
  const { rows } = await client.query<{ text: string }>(
    `select concat_ws(', ', ${values.join(', ')}) as text from ${pg.escapeIdentifier(name)} order by ${key}`,
  )
  if (rows.length === 0) return []
  return [
    `insert into ${name} (${written.join(', ')}) values\n${rows.map(({ text }) => `  (${text})`).join(',\n')};`,
  ]
}
