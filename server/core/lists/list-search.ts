import { hashFacet } from '../../lib/facets.ts'
import { buyerSearchKeys } from '../../lib/people.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { textHash } from '../../lib/text-hash.ts'
import type { Search } from './list-table.ts'

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
