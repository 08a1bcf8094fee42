import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import { pasted, split, wrong } from '../../core/lists/define.ts'
import { countTabs, inTab, type Tab } from '../../core/lists/list.ts'
import { askedOf } from '../../core/lists/list-filters.ts'
import { isTradeNumber, searchOf } from '../../core/lists/list-search.ts'
import {
  type CappedCount,
  type ListQuery,
  type ListTable,
  type Range,
  sumOf,
} from '../../core/lists/list-table.ts'
import { idFacet } from '../../lib/facets.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { dayMs } from '../../lib/time.ts'
import {
  allocationBits,
  allocationFacets,
  changedFacet,
  flagFacets,
  heldFacet,
  plannedFacet,
  statusFacet,
} from '../order/facets.ts'
import { type OrderStatus, orderStatuses, unshipped } from '../order/lifecycle.ts'
import { isOffPlatformNumber, tidIn } from '../order/numbers.ts'
import { type OrderFilter, type OrderSort, type OrderTab, orderSorts } from './contract.ts'
import { orderFilters } from './filters-contract.ts'
import { indexedConditions } from './indexed-filters.ts'

/** The times by which the order list can be filtered; it can be sorted by all of them except `shipAfter`. */
export type OrderTime = OrderSort | 'shipAfter'

const planned = sql`t.ship_after is not null`

export const orderTable: ListTable<OrderTime> = {
  name: 'sales_order',
  group: {
    column: 'status',
    facet: (group) => statusFacet(orderStatuses.find((status) => status === group) ?? 'unconfirmed'),
  },
  shopFacet: (shop) => idFacet('shop', shop),
  buyerTable: 'sales_order_person',
  sorts: {
    createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
    paidAt: {
      value: sql`coalesce(t.paid_at, '-infinity'::timestamptz)`,
      cast: 'timestamptz',
      lacksFirst: true,
    },
    shipBy: { value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`, cast: 'timestamptz' },
    shipAfter: {
      value: sql`coalesce(t.ship_after, 'infinity'::timestamptz)`,
      cast: 'timestamptz',
      only: planned,
    },
  },
  // The times of an order are near `createdAt`: it is paid within a day, due and planned within sixteen days after it. Orders beyond these
  // limits are in the index `sales_order_far`; the SQL function `times_are_far` has the same numbers.
  near: {
    steady: 'createdAt',
    after: {
      createdAt: [0, 0],
      paidAt: [-dayMs, dayMs],
      shipBy: [0, 16 * dayMs],
      shipAfter: [0, 16 * dayMs],
    },
    lacking: { paidAt: sql`t.paid_at is null`, shipBy: sql`t.ship_by is null` },
    farIndex: 'sales_order_far',
    far: sql`times_are_far(t.created_at, t.paid_at, t.ship_by, t.ship_after)`,
  },
}

/**
 * What a search needs besides the filter: the key ring for hashes of personal data, and functions that find orders by waybill and goods by
 * title.
 */
export type SearchParts = {
  ring: KeyRing
  /** The slice fulfilment supplies it, which this slice may not import. */
  ordersOfWaybill?: (waybill: string) => RawBuilder<unknown>
  itemsLike?: (db: Database, scope: Scope, text: string) => Promise<string[]>
}

export async function orderQuery(
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  { scope, sort }: { scope: Scope; sort: string | undefined },
): Promise<ListQuery<OrderTime>> {
  return inTab(await anywhere(db, parts, filter, { scope, sort }), tabs[filter.tab ?? 'unconfirmed'])
}

/** Counts the orders of the filter in each tab, up to the cap. The search text of the filter is looked up only once for all tabs. */
export async function countInTabs(
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  scope: Scope,
): Promise<Record<OrderTab, CappedCount>> {
  const { all: _all, ...others } = tabs
  const counted = await countTabs(
    db,
    orderTable,
    await anywhere(db, parts, filter, { scope, sort: undefined }),
    others,
  )
  return { ...counted, all: sumOf(orderStatuses.map((status) => counted[status])) }
}

async function anywhere(
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  { scope, sort }: { scope: Scope; sort: string | undefined },
): Promise<ListQuery<OrderTime>> {
  const { facets, where, ranges, few } = askedOf(orderFilters, filter)
  // A filter by the latest planned ship date finds only orders that have such a date.
  const isPlanned = filter.planned === 'true' || filter.shipAfterTo !== undefined
  if (filter.tids) where.push(tidIn('t', pasted(filter.tids, 'tids')))
  const indexed = await indexedConditions(db, parts, filter)
  where.push(...indexed.where)
  const text = filter.q?.trim() ?? ''
  const number = numberIs(text) ?? (await offPlatformNumberIs(db, text))
  if (number) where.push(number)
  const search =
    text === '' || number
      ? undefined
      : await searchOf(parts.ring, text, async (like) => (await parts.itemsLike?.(db, scope, like)) ?? [])
  return {
    groups: orderStatuses,
    shops: shopsOf(filter.shop, scope),
    facets: isPlanned && filter.planned === undefined ? [...facets, [plannedFacet]] : facets,
    ...(search ? { search } : {}),
    ranges: ranges as Range<OrderTime>[],
    where,
    ...(isPlanned ? { only: planned } : {}),
    few: few || indexed.few || number !== undefined,
    ...orderOf(sort),
  }
}

/**
 * Returns the shops of the filter that are in the scope, or without a filter those of the scope; undefined: all shops. An empty list finds
 * nothing.
 */
function shopsOf(shop: string | undefined, scope: Scope): readonly string[] | undefined {
  if (shop) return split(shop).filter((id) => inScope(scope, id))
  return scope.shops === 'all' ? undefined : scope.shops
}

const inStatus = (status: OrderStatus): Tab => ({ groups: [status] })

const tabs: Record<OrderTab, Tab> = {
  all: { groups: orderStatuses },
  unconfirmed: inStatus('unconfirmed'),
  confirmed: inStatus('confirmed'),
  released: inStatus('released'),
  shipped: inStatus('shipped'),
  completed: inStatus('completed'),
  voided: inStatus('voided'),
  problem: { groups: ['unconfirmed'], facets: [flagFacets.problem] },
  held: { groups: unshipped, facets: [heldFacet(true)] },
  differs: { groups: unshipped, facets: [changedFacet(true)] },
  short: { groups: unshipped, facets: allocationFacets(allocationBits.short, true) },
  presale: { groups: unshipped, facets: [plannedFacet], only: planned },
}

/** Returns the condition if the text is a complete order or trade number, each of which has its own index; else undefined. */
function numberIs(text: string): RawBuilder<unknown> | undefined {
  if (/^SO\d{6,}(-\d+)?$/i.test(text)) return sql`t.no = ${text.toUpperCase()}`
  return isTradeNumber(text) ? tidIn('t', [text]) : undefined
}

/** Returns the condition if an off-platform order has the text as its trade number, which may have any form; else undefined. */
async function offPlatformNumberIs(db: Database, text: string): Promise<RawBuilder<unknown> | undefined> {
  return text !== '' && (await isOffPlatformNumber(db, text)) ? tidIn('t', [text]) : undefined
}

function orderOf(sort: string | undefined): { sort: OrderSort; descending: boolean } {
  const text = sort ?? '-createdAt'
  const name = orderSorts.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}
