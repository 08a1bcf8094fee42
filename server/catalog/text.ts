import { type RawBuilder, sql } from 'kysely'

/**
 * SQL condition: `words` of the row `t` contain each word of the text, ignoring case. The index on `grams` answers it: the letters and pairs of
 * letters of the words.
 */
export function containsText(
  text: string,
  { words, grams } = { words: sql`t.words`, grams: sql`t.grams` },
): RawBuilder<unknown> {
  const terms = text.split(/\s+/).filter(Boolean)
  if (terms.length === 0) return sql`true`
  const held = terms.map((term) => {
    const pattern = `%${term.replace(/[\\%_]/g, '\\$&')}%`
    return sql`${grams} @> text_grams(lower(${term}::text)) and ${words} like lower(${pattern}::text)`
  })
  return sql.join(held, sql` and `)
}
