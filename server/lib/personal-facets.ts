import { sql } from 'kysely'
import { type FacetSpace, facet, hashFacet } from './facets.ts'
import { type KeyRing, searchHash } from './seal.ts'

/** What of a buyer is searched for. */
export type SearchedPerson = {
  nick: string
  receiver?: { name: string; mobile: string; phone: string }
}

// They lie side by side: the next space is `item`.
const spaces = ['mobile', 'mobileTail', 'name', 'nick'] as const satisfies readonly FacetSpace[]

/** The facets by which a buyer is found, as keyed hashes: phone, its last four digits, name, nick. Empty parts have none. */
export function personalFacets(ring: KeyRing, { nick, receiver }: SearchedPerson): number[] {
  const mobile = receiver?.mobile || receiver?.phone || ''
  const parts = { mobile, mobileTail: /\d{4}$/.exec(mobile)?.[0], name: receiver?.name, nick }
  return spaces.flatMap((space) => {
    const text = parts[space]
    return text ? [hashFacet(space, searchHash(ring, space, text))] : []
  })
}

/** A row's facets `t.facets` with those above replaced by `d.facets` (text): what goes along with a value sealed anew. */
export const replacedPersonalFacets = sql`array(
  select f from unnest(t.facets) with ordinality u (f, n) where f < ${sql.lit(facet('mobile', 0))} or f >= ${sql.lit(facet('item', 0))}
  order by n) || d.facets::int[]`
