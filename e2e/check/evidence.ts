import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Checked } from '../checker.ts'
import type { House } from '../day-house.ts'

/**
 * Writes the facts that explain differences before the house is torn down, and returns their folder: every table (a line of JSON for each
 * row), the simulator's books, the logs and the differences.
 */
export async function keepEvidence(house: House, checked: Checked): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-evidence-'))
  const keep = (name: string, text: string) => writeFile(join(folder, name), text)
  const tables = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`.execute(
    house.db,
  )
  for (const { name } of tables.rows) {
    const rows = await sql<{ line: string }>`
      select to_jsonb(t)::text as line from ${sql.table(name)} t`.execute(house.db)
    if (rows.rows.length > 0) await keep(`${name}.jsonl`, rows.rows.map(({ line }) => `${line}\n`).join(''))
  }
  for (const { key } of house.shops)
    for (const book of ['books/', 'done?shop=']) {
      const answer = await fetch(`${house.sandbox.url}/control/${book}${key}`)
      await keep(`${book.replace(/\W.*/, '')}-${key}.jsonl`, await answer.text())
    }
  await keep('processes.log', house.logs.map(({ name, text }) => `--- ${name}\n${text}`).join('\n'))
  await keep('differences.json', JSON.stringify(checked.differences, null, 1))
  return folder
}
