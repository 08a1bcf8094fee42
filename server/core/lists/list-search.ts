import { sql } from 'kysely'
import { hashFacet } from '../../lib/facets.ts'
import { buyerSearchKeys } from '../../lib/people.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { textHash } from '../../lib/text-hash.ts'
import type { Database } from '../db/db.ts'
import type { ListQuery, ListTable, Search } from './list-table.ts'

/**
 * True if the text is a complete trade number, for which the table has an index. Eleven digits that begin with 1 count as a mobile number.
 */
export function isTradeNumber(text: string): boolean {
  return /^[0-9]+(-[0-9]+)?$/.test(text) && text.length >= 8 && !/^1\d{10}$/.test(text)
}

/** Returns the facets and buyer keys for the text in the search box: a mobile number or its last four digits, a name, a nick, or goods. */
export async function searchOf(
  ring: KeyRing,
  text: string,
  itemsLike: (text: string) => Promise<readonly string[]>,
): Promise<Search> {
  const buyerKeys = buyerKeysOf(ring, text)
  if (/^(\d{4}|1\d{10})$/.test(text)) return { facets: [], buyerKeys }
  const items = await itemsLike(text)
  return {
    facets: [
      hashFacet('outerCode', textHash(text)),
      ...items.map((item) => hashFacet('item', textHash(item))),
    ],
    buyerKeys,
  }
}

/** Returns the keys of buyers for a text: a mobile number, its last four digits, a name or a nick. */
export function buyerKeysOf(ring: KeyRing, text: string): number[] {
  if (/^\d{4}$/.test(text)) return buyerSearchKeys(ring, 'mobileTail', text)
  if (/^1\d{10}$/.test(text)) return buyerSearchKeys(ring, 'mobile', text)
  return [...buyerSearchKeys(ring, 'name', text), ...buyerSearchKeys(ring, 'nick', text)]
}

/**
 * Returns the query without the buyer keys of its search if no row has one of them, as is so for most texts that name goods: to compare each
 * row with hundreds of keys would take longer than everything else.
 */
export async function withKnownBuyers<Sort extends string>(
  db: Database,
  { buyerTable }: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<ListQuery<Sort>> {
  const { facets, buyerKeys } = query.search ?? { facets: [], buyerKeys: [] }
  if (buyerTable === undefined || facets.length === 0 || buyerKeys.length === 0) return query
  const found = await sql<{ known: boolean }>`
    select exists (select from ${sql.table(buyerTable)} where key = any(${[...buyerKeys]}::bigint[])) as known`.execute(
    db,
  )
  return found.rows[0]?.known ? query : { ...query, search: { facets, buyerKeys: [] } }
}
