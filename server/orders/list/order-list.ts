import { type RawBuilder, sql } from 'kysely'
import { skusOfCodes } from '../../catalog/names.ts'
import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { type Bound, type Filter, pasted, queryOf } from '../../core/lists/define-query.ts'
import { buyerKeysOf, isTradeNumber, searchOf } from '../../core/lists/list-search.ts'
import type { ListQuery, ListTable } from '../../core/lists/list-table.ts'
import { idFacet } from '../../lib/facets.ts'
import { hasBuyerKey } from '../../lib/people.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { dayMs } from '../../lib/time.ts'
import { plannedFacet, statusFacet } from '../order/facets.ts'
import { orderStatuses } from '../order/lifecycle.ts'
import { isOffPlatformNumber, tidIn } from '../order/numbers.ts'
import { type OrderFilter, type OrderSort, orderList } from './lists-contract.ts'

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
  live: {
    condition: sql`t.archived_at is null`,
    index: 'sales_order_live_by_created',
    groups: ['completed', 'voided'],
  },
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
  // The times of an order are near `createdAt`: it is paid within a day before or after, due and planned within sixteen days after. Orders beyond these
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
  /** Supplied by the slice fulfilment, which this slice may not import. Left out: no order is found by waybill. */
  ordersOfWaybill?: (waybill: string) => RawBuilder<unknown>
  itemsLike?: (db: Database, scope: Scope, text: string) => Promise<string[]>
}

/** Binds the declared filters to the table. Statements have the conditions in this order. */
export const orderBound = ({ ring, ordersOfWaybill, itemsLike }: SearchParts): Bound<OrderTime> => ({
  table: orderTable,
  scope: {},
  where: {
    planned: (asked) => (asked === 'true' ? { only: planned } : undefined),
    archived: (asked) => (asked === 'true' ? { live: false } : undefined),
    /** Finds only orders that have a planned ship date. */
    shipAfterTo: (_, __, filter) => ({ facets: filter['planned'] ? [] : [[plannedFacet]], only: planned }),
    tids: (text) => tidIn('t', pasted(text, 'tids')),
    buyer: (text) =>
      text === '' ? undefined : hasBuyerKey(sql`t.id`, 'sales_order_person', buyerKeysOf(ring, text)),
    waybill(text) {
      if (text === '') return undefined
      return ordersOfWaybill ? sql`t.id in (${ordersOfWaybill(text)})` : sql`false`
    },
    sku: (code, { db }) => bySku(db, code),
    /** The declaration makes the condition on the amount. This adds only whether few orders match it, for the choice of the index. */
    payment: async (_, { db }, filter) => ({ few: await isRareAmount(db, filter) }),
    async q(text, { db, scope }) {
      if (text === '') return undefined
      const number = numberIs(text) ?? (await offPlatformNumberIs(db, text))
      if (number) return { where: number, few: true, live: false }
      const search = await searchOf(ring, text, async (like) => (await itemsLike?.(db, scope, like)) ?? [])
      // A phone number names a buyer, of whom archived orders are wanted too. Other texts may be goods, of which there are many.
      return search.facets.length === 0 ? { search, live: false } : { search }
    },
  },
})

export const orderQuery = (
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  { scope, sort }: { scope: Scope; sort: string | undefined },
): Promise<ListQuery<OrderTime>> => queryOf(orderList, orderBound(parts), { db, scope }, { ...filter, sort })

/** Returns the condition if the text is a complete order or trade number, each of which has its own index; else undefined. */
function numberIs(text: string): RawBuilder<unknown> | undefined {
  if (/^SO\d{6,}(-\d+)?$/i.test(text)) return sql`t.no = ${text.toUpperCase()}`
  return isTradeNumber(text) ? tidIn('t', [text]) : undefined
}

/** Returns the condition if an off-platform order has the text as its trade number, which may have any form; else undefined. */
async function offPlatformNumberIs(db: Database, text: string): Promise<RawBuilder<unknown> | undefined> {
  return (await isOffPlatformNumber(db, text)) ? tidIn('t', [text]) : undefined
}

/** If at most this number of orders matches, the filter's own index finds them sooner than a walk along the list's index. */
const fewMost = 50_000

async function bySku(db: Database, code: string) {
  const sku = (await skusOfCodes(db, [code])).get(code)
  if (!sku) return { where: sql`false`, few: true }
  const orders = sql`select order_id from order_line where sku_id = ${sku.id}::bigint`
  if (await isFew(db, orders)) return { where: sql`t.id in (${orders})`, few: true }
  return sql`exists (select from order_line l where l.order_id = t.id and l.sku_id = ${sku.id}::bigint)`
}

const isRareAmount = (db: Database, { paymentFromFen = 0, paymentToFen = 1e15 }: Filter) =>
  isFew(
    db,
    sql`select id from sales_order where payment_fen between ${paymentFromFen}::bigint and ${paymentToFen}::bigint`,
  )

async function isFew(db: Database, rows: RawBuilder<unknown>): Promise<boolean> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from (${rows} limit ${fewMost + 1}) found`.execute(db)
  return (found.rows[0]?.count ?? 0) <= fewMost
}
