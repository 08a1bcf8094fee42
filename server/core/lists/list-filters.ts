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

/**
 * Converts the values of declared filters into facets, ranges and conditions. Filters without column, facet and range are left to their
 * list.
 */
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
