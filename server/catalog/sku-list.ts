import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Rows } from '../core/db/rows.ts'
import type { ListQuery, ListTable } from '../core/lists/list-table.ts'
import { AppError } from '../errors.ts'
import { facet, idFacet } from '../lib/facets.ts'
import { type SkuFilter, type SkuSort, type SkuTab, skuSorts } from './contract.ts'
import { type SkuKind, skuKinds } from './lifecycle.ts'
import { containsText } from './text.ts'

export const skuTable: ListTable<SkuSort> = {
  name: 'sku',
  group: { column: 'standing' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: {
    createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
    updatedAt: { value: sql`t.updated_at`, cast: 'timestamptz' },
    code: { value: sql`t.code`, cast: 'text' },
  },
}

const groupsOf: Record<SkuTab, readonly string[]> = {
  active: ['active'],
  bundle: ['active'],
  retired: ['retired'],
  all: ['active', 'retired'],
}

const kindFacet = (kind: SkuKind) => facet('skuKind', skuKinds.indexOf(kind) + 1)

/** Converts the named filters into facets and conditions. SKUs belong to no shop; the scope only decides whose listings count. */
export async function skuQuery(
  db: Database,
  filter: SkuFilter,
  scope: Scope,
  sort: string | undefined,
): Promise<ListQuery<SkuSort>> {
  const tab = filter.tab ?? 'active'
  const facets: number[][] = []
  const where: RawBuilder<unknown>[] = []
  if (tab === 'bundle') facets.push([kindFacet('bundle')])
  if (filter.bundle) facets.push([kindFacet(filter.bundle === 'true' ? 'bundle' : 'single')])
  if (filter.category)
    where.push(sql`t.product_id in (select id from product where category = ${filter.category})`)
  if (filter.brand) where.push(sql`t.product_id in (select id from product where brand = ${filter.brand})`)
  if (filter.productId) where.push(sql`t.product_id = ${filter.productId}::bigint`)
  if (filter.listed) {
    const any = sql`exists (select from listing l where l.sku_id = t.id and ${scopeSql(scope, sql.ref('l.shop_id'))})`
    where.push(filter.listed === 'true' ? any : sql`not ${any}`)
  }
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  if (text !== '') {
    const owner = await ownerOfBarcode(db, text)
    where.push(owner === undefined ? containsText(text) : sql`t.id = ${owner}::bigint`)
  }
  const few = text !== '' || filter.ids !== undefined || filter.productId !== undefined
  return { groups: groupsOf[tab], facets, where, few, ...orderOf(sort) }
}

async function ownerOfBarcode(db: Database, text: string): Promise<string | undefined> {
  const found = await sql<{
    sku_id: Rows['sku_barcode']['skuId']
  }>`select sku_id from sku_barcode where code = ${text}`.execute(db)
  return found.rows[0]?.sku_id
}

function orderOf(sort: string | undefined): { sort: SkuSort; descending: boolean } {
  const text = sort ?? '-createdAt'
  const name = skuSorts.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}

/** Parses ids separated by commas or blanks: "12,34" → ["12", "34"]. Throws for more than 1000. */
export function idList(text: string): string[] {
  const all = [...new Set(text.split(/[\s,]+/).filter(Boolean))]
  if (all.length > 1000) throw new AppError('too_many_ids', { max: 1000 }, 'ids')
  return all.every((id) => /^[1-9]\d{0,17}$/.test(id)) ? all : wrong('ids')
}

export function wrong(field: string): never {
  throw new AppError('invalid_input', { detail: field }, field)
}
