import { type RawBuilder, sql } from 'kysely'
import { facetOf } from '../../lib/facets.ts'
import type { Database } from '../db/db.ts'
import { limits } from './list-limits.ts'
import { countOf } from './list-read.ts'
import { allOf, type ListQuery, type ListTable } from './list-table.ts'

// Some facets exclude each other: no waiting trade is closed. Each of them is common, so nothing else shows fast that no row has both. An index
// on their columns does.

/**
 * A column that holds one facet of each row as a value. `textOf` returns the value; undefined: the facet is of another kind. Conditions in
 * `where` of such a list are compared in this index, so they are about its columns, or find few rows by an index of their own.
 */
export type Kind = {
  column: string
  cast: 'text' | 'int8'
  textOf: (facet: number) => string | undefined
}

export const kindOf = <Code extends string>(
  column: string,
  codes: readonly Code[],
  facetOfCode: (code: Code) => number,
): Kind => ({ column, cast: 'text', textOf: (one) => codes.find((code) => facetOfCode(code) === one) })

export const kindOfShop: Kind = {
  column: 'shop_id',
  cast: 'int8',
  textOf(one) {
    const { space, value } = facetOf(one)
    return space === 'shop' ? String(value) : undefined
  },
}

/** Returns the conditions of the columns for those facets of the query that they hold, and whether they hold all facets. */
export function kindsOf<Sort extends string>(
  { kinds = [] }: ListTable<Sort>,
  { facets }: ListQuery<Sort>,
): { held: readonly RawBuilder<unknown>[]; all: boolean } {
  const held = facets.flatMap((choice) => {
    for (const { column, cast, textOf } of kinds) {
      const values = choice.map(textOf).filter((one) => one !== undefined)
      if (values.length === choice.length)
        return [sql`t.${sql.ref(column)} = any(${values}::${sql.raw(cast)}[])`]
    }
    return []
  })
  return { held, all: kinds.length > 0 && held.length === facets.length }
}

/**
 * Returns the rows of the query's kinds if they are few, as a relation; undefined: they are many, or not known. They are read in the order of
 * their index, and never more than ten times as many, because PostgreSQL believes that facets do not depend on each other, and would read the
 * whole table for the rows that it expects.
 */
export async function fewOfKinds<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<RawBuilder<unknown> | undefined> {
  const { held } = kindsOf(table, query)
  if (held.length === 0) return undefined
  const column = (name: string) => sql`t.${sql.ref(name)}`
  const { group, kinds = [], name } = table
  const met = allOf([sql`${column(group.column)} = any(${[...query.groups]}::text[])`, ...held])
  const few = limits.fewOfKinds
  const count = await countOf(db, sql`${sql.table(name)} t where ${met} and ${allOf(query.where)}`, few)
  if (count > few) return undefined
  const inOrder = [group, ...kinds].map((one) => column(one.column))
  return sql`(select * from ${sql.table(name)} t where ${met} and ${allOf(query.where)} order by ${sql.join(inOrder)} limit ${10 * few})`
}
