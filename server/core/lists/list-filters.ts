import type { RawBuilder } from 'kysely'
import type { FilterDeclaration } from './declare-contract.ts'
import { compare, type Filter, facetsAsked, namesOf, rangeOf } from './define.ts'
import type { Range } from './list-table.ts'

type Asked = {
  facets: (readonly number[])[]
  where: RawBuilder<unknown>[]
  ranges: Range<string>[]
  few: boolean
}

/** Returns the facets, ranges and conditions of declared filters. A filter without column, facet and range is left to its list. */
export function askedOf(filters: Readonly<Record<string, FilterDeclaration>>, asked: Filter): Asked {
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  const ranges: Range<string>[] = []
  let few = false
  for (const [key, filter] of Object.entries(filters)) {
    const range = rangeOf(key, filter, asked)
    if (range) ranges.push(range)
    if (range || namesOf(key, filter).every((name) => asked[name] === undefined)) continue
    few ||= filter.few === true
    const found = facetsAsked(key, filter, asked[key])
    if (found) facets.push(found)
    else if ((filter.present ?? filter.column) !== undefined) where.push(compare(key, filter, asked))
  }
  return { facets, where, ranges, few }
}
