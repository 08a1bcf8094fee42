import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../errors.ts'
import type { Granted, Scope } from './actor.ts'

/**
 * Returns the SQL condition that keeps a query inside the scope: `where ${scopeSql(scope, sql.ref('t.shop_id'))}`. With a scope that has no
 * shops the query finds nothing.
 */
export function scopeSql(scope: Scope, column: RawBuilder<unknown>): RawBuilder<boolean> {
  if (scope.shops === 'all') return sql<boolean>`true`
  return sql<boolean>`${column} = any(${[...scope.shops]}::bigint[])`
}

export function inScope(scope: Scope, shopId: string): boolean {
  return scope.shops === 'all' || scope.shops.includes(shopId)
}

/** Throws `outside_scope` if one of the shops is not in the scope. */
export function assertInScope(scope: Scope, shopIds: Iterable<string>, field?: string): void {
  for (const shopId of shopIds) {
    if (!inScope(scope, shopId)) throw new AppError('outside_scope', {}, field)
  }
}

/** Returns the SQL condition for warehouses. A row without a warehouse is visible only to an actor who sees all warehouses. */
export function warehouseSql(scope: Scope, column: RawBuilder<unknown>): RawBuilder<boolean> {
  if (scope.warehouses === 'all') return sql<boolean>`true`
  return sql<boolean>`${column} = any(${[...scope.warehouses]}::bigint[])`
}

/** Returns the SQL condition for rows of granted shops in granted warehouses, of the table with this alias. */
export function grantedSql(scope: Scope, alias?: string): RawBuilder<boolean> {
  const column = (name: string) => sql.ref(alias === undefined ? name : `${alias}.${name}`)
  return sql<boolean>`${scopeSql(scope, column('shop_id'))} and ${warehouseSql(scope, column('warehouse_id'))}`
}

/** True if the scope has a shop of the rule; a rule without shops is for all shops. */
export function concerns({ shops }: Pick<Scope, 'shops'>, ofRule: readonly string[]): boolean {
  return shops === 'all' || ofRule.length === 0 || ofRule.some((id) => shops.includes(id))
}

export function inWarehouses(scope: Scope, warehouseId: string): boolean {
  return scope.warehouses === 'all' || scope.warehouses.includes(warehouseId)
}

/** Returns the scope with the shops and warehouses that are in both scopes. */
export function intersect(one: Scope, other: Scope): Scope {
  return {
    shops: both(one.shops, other.shops),
    warehouses: both(one.warehouses, other.warehouses),
  }
}

function both(one: Granted, other: Granted): Granted {
  if (one === 'all') return other
  return other === 'all' ? one : one.filter((id) => other.includes(id))
}
