import { type RawBuilder, sql } from 'kysely'

/** SQL condition: the words of the row `t` contain each word of the text, ignoring case. The trigram index answers it. */
export function containsText(text: string): RawBuilder<unknown> {
  const terms = text.split(/\s+/).filter(Boolean)
  if (terms.length === 0) return sql`true`
  const held = terms.map((term) => {
    const pattern = `%${term.replace(/[\\%_]/g, '\\$&')}%`
    return sql`t.grams @> text_grams(lower(${term}::text)) and t.words like lower(${pattern}::text)`
  })
  return sql.join(held, sql` and `)
}
