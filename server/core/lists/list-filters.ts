import { type RawBuilder, sql } from 'kysely'
import type { FilterDeclaration } from './declare-contract.ts'
import { compare, type Filter, facetsOf, namesOf, split, wrong } from './define.ts'
import { matching, type Range } from './list-table.ts'

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
    const found = facetsAsked(key, filter, String(asked[key]))
    if (found) facets.push(found)
    else if (filter.present !== undefined) where.push(sql`not ${matching({ facets: [[filter.present]] })}`)
    else if (filter.column !== undefined) where.push(compare(key, filter, asked))
  }
  return { facets, where, ranges, few }
}

function facetsAsked(key: string, filter: FilterDeclaration, value: string): readonly number[] | undefined {
  if (filter.present !== undefined) return value === 'true' ? [filter.present] : undefined
  if (filter.facets) return split(value).flatMap((one) => filter.facets?.(one) ?? wrong(key))
  if (filter.kind !== 'choices' || filter.facet === undefined) return undefined
  return facetsOf(key, filter.choices, filter.facet, value)
}

function rangeOf(
  key: string,
  { kind, range: on }: FilterDeclaration,
  asked: Filter,
): Range<string> | undefined {
  if (on === undefined) return undefined
  const text = (name: string) => (asked[name] === undefined ? undefined : String(asked[name]))
  const [from, to] = kind === 'period' ? [text(`${key}From`), text(`${key}To`)] : [undefined, text(key)]
  return from === undefined && to === undefined ? undefined : { on, from, to }
}
