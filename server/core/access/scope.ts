import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../errors.ts'
import type { Granted, Scope } from './actor.ts'

/** Returns the SQL condition that limits a query to the shops of the scope: `where ${scopeSql(scope, sql.ref('t.shop_id'))}`. */
export function scopeSql(scope: Scope, column: RawBuilder<unknown>): RawBuilder<boolean> {
  if (scope.shops === 'all') return sql<boolean>`true`
  return sql<boolean>`${column} = any(${[...scope.shops]}::bigint[])`
}

export function inScope(scope: Scope, shopId: string): boolean {
  return scope.shops === 'all' || scope.shops.includes(shopId)
}

export function assertInScope(scope: Scope, shopIds: Iterable<string>, field?: string): void {
  for (const shopId of shopIds) {
    if (!inScope(scope, shopId)) throw new AppError('outside_scope', {}, field)
  }
}

/**
 * Returns the SQL condition that limits a query to the warehouses of the scope. A row without a warehouse is found only if the scope has
 * all warehouses.
 */
export function warehouseSql(scope: Scope, column: RawBuilder<unknown>): RawBuilder<boolean> {
  if (scope.warehouses === 'all') return sql<boolean>`true`
  return sql<boolean>`${column} = any(${[...scope.warehouses]}::bigint[])`
}

/** Returns the SQL condition for rows of the shops and the warehouses of the scope. `alias`: of the table. */
export function grantedSql(scope: Scope, alias?: string): RawBuilder<boolean> {
  const column = (name: string) => sql.ref(alias === undefined ? name : `${alias}.${name}`)
  return sql<boolean>`${scopeSql(scope, column('shop_id'))} and ${warehouseSql(scope, column('warehouse_id'))}`
}

/** True if a rule for the shops `ofRule` applies to a shop of the scope. An empty `ofRule` means all shops. */
export function concerns({ shops }: Pick<Scope, 'shops'>, ofRule: readonly string[]): boolean {
  return shops === 'all' || ofRule.length === 0 || ofRule.some((id) => shops.includes(id))
}

export function inWarehouses(scope: Scope, warehouseId: string): boolean {
  return scope.warehouses === 'all' || scope.warehouses.includes(warehouseId)
}

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
