import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import { unnestRows } from '../lib/unnest.ts'
import type { Batch, Place } from './places.ts'

/** A row of a table that may have partitions, as long as this transaction has it locked. */
type Found = Record<'part' | 'place' | 'text', string>

/**
 * Puts stars for the words into the texts of a jsonb column, in the rows of a batch. Numbers and names of fields stay, as a word may consist of
 * digits or be the name of a field. Returns the number of changed rows.
 */
export async function cutJson(tx: Tx, { table, rows }: Place, column: string, batch: Batch): Promise<number> {
  const name = sql.ref(column)
  const found = await sql<Found>`
    select t.tableoid::text as part, t.ctid::text as place, t.${name}::text as text from ${sql.table(table)} t
    where ${rows(batch)} and t.${name} is not null for update of t`.execute(tx)
  const changed = found.rows.flatMap((row) => {
    const text = withoutWords(row.text, batch.words)
    return text === row.text ? [] : [{ ...row, text }]
  })
  if (changed.length === 0) return 0
  await sql`
    update ${sql.table(table)} t set ${name} = d.text::jsonb from ${asRows(changed)}
    where ${rows(batch)} and t.tableoid = d.part::oid and t.ctid = d.place::tid`.execute(tx)
  return changed.length
}

const asRows = (rows: readonly Found[]): RawBuilder<unknown> =>
  unnestRows('d', rows, [
    ['part', 'text', (row) => row.part],
    ['place', 'text', (row) => row.place],
    ['text', 'text', (row) => row.text],
  ])

/** A text of a JSON document, in quotes; with a colon behind it, it is the name of a field. */
const quoted = /"(?:[^"\\]|\\.)*"(?<colon>\s*:)?/g

/** Returns the JSON document with stars for the words in its texts. Its numbers are not read, since JavaScript would round those of 64 bits. */
export function withoutWords(document: string, words: readonly string[]): string {
  return document.replace(quoted, (all, colon: string | undefined) => {
    if (colon !== undefined) return all
    const text = String(JSON.parse(all))
    const cut = words.reduce((rest, word) => rest.replaceAll(word, () => '***'), text)
    return cut === text ? all : JSON.stringify(cut)
  })
}
