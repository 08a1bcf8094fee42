import type pg from 'pg'
import { PgBoss } from 'pg-boss'

/**
 * Creates or upgrades the tables of pg-boss in the current schema. Only the migrator calls it, under its lock, so that two processes do not
 * run it at once.
 */
export async function installJobTables(client: pg.Client): Promise<void> {
  const found = await client.query<{ schema: string }>('select quote_ident(current_schema()) as schema')
  const schema = found.rows[0]?.schema
  if (schema === undefined) throw new Error('The search_path names no schema that exists.')
  const executeSql = async (text: string, values?: unknown[]) => {
    const answer: unknown = await client.query(text, values)
    // A query with several statements returns an array of results.
    const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer
    return { rows: hasRows(last) ? last.rows : [] }
  }
  const boss = new PgBoss({
    db: { executeSql },
    schema,
    createSchema: false,
    supervise: false,
    schedule: false,
    registerInstance: false,
  })
  boss.on('error', () => {})
  await boss.start()
  await boss.stop({ graceful: false })
}

function hasRows(answer: unknown): answer is { rows: unknown[] } {
  return typeof answer === 'object' && answer !== null && 'rows' in answer && Array.isArray(answer.rows)
}
