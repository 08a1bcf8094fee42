import { type RawBuilder, sql } from 'kysely'
import type { Scope } from './actor.ts'
import { AppError } from './errors.ts'

/**
 * The condition that keeps a query inside the scope: `where ${scopeSql(scope, sql.ref('t.shop_id'))}`.
 * A scope without shops finds nothing.
 */
export function scopeSql(scope: Scope, column: RawBuilder<unknown>): RawBuilder<boolean> {
  if (scope.shops === 'all') return sql<boolean>`true`
  return sql<boolean>`${column} = any(${[...scope.shops]}::bigint[])`
}

export function inScope(scope: Scope, shopId: string): boolean {
  return scope.shops === 'all' || scope.shops.includes(shopId)
}

/** Throws `outside_scope` when one of the shops is not granted. */
export function assertInScope(scope: Scope, shopIds: Iterable<string>, field?: string): void {
  for (const shopId of shopIds) {
    if (!inScope(scope, shopId)) throw new AppError('outside_scope', {}, field)
  }
}

/** The shops that both allow. */
export function intersect(one: Scope, other: Scope): Scope {
  if (one.shops === 'all') return other
  if (other.shops === 'all') return one
  const { shops } = other
  return { shops: one.shops.filter((id) => shops.includes(id)) }
}
