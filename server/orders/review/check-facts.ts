import { sql } from 'kysely'
import { skuReferences } from '../../catalog/relations.ts'
import { type Database, num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { RowFor } from '../../core/db/rows.ts'
import { activeWarehouses } from '../../inventory/relations.ts'
import { facet, has } from '../../lib/facets.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { blacklistReasons } from '../buyers/blacklist-queries.ts'
import { ordersOfBuyer } from '../buyers/same-buyer.ts'
import { allocationBits, allocationFacets, tradeTypeFacet } from '../order/facets.ts'
import { orderedSku } from '../order/relations.ts'
import { currentSourcingRules } from '../sourcing/choice-settings.ts'
import { reaches, type SourcingRules } from '../sourcing/choose.ts'
import { type Asked, type CostlyFacts, costlyFacts } from './asked-facts.ts'

export type CheckFacts = CostlyFacts & {
  id: string
  no: string
  shopId: string
  paidAt: Date | null
  orderedAt: Date
  cod: boolean
  presale: boolean
  invoice: boolean
  /** True if the platform says that it sold more of the goods than it had in stock. */
  oversold: boolean
  buyerMessage: string
  sellerMemo: string
  flag: number
  courier: string
  /** True if the order has a warehouse, or if the installation has no active warehouse. */
  hasWarehouse: boolean
  /** True if the chosen courier does not serve the region; without a chosen one: if the rules name couriers and none of them does. */
  outOfReach: boolean
  paymentFen: number
  quantity: number
  /** Number of lines, without gifts and wholly refunded lines. */
  lineCount: number
  /** True if stock could not reserve all goods of the order. */
  short: boolean
  differences: number
  holdReasons: string[]
  region: string
  receiverMasked: string
  /**
   * The lowest price paid for a line, in percent of its list price. Gifts and wholly refunded lines do not count; null: none of the other
   * lines has a list price.
   */
  lowestPercent: number | null
  /** Line numbers of the lines that cost less than their SKU's reference price, without gifts and wholly refunded lines. */
  belowReference: number[]
  /**
   * Order numbers of other live orders of the same buyer and shop, ordered within the hours that the rule names. Orders of the same
   * merged shipment, and those split from the same order, are left out.
   */
  similar: string[]
  lockedName: string
  /** True if the order has ever been unconfirmed or restored. */
  takenBack: boolean
  /** The reasons of the blacklist entries that match the buyer; mostly empty. */
  blacklisted: string[]
}

const presale = tradeTypeFacet('presale')
type Found = RowFor<'sales_order', Omit<CheckFacts, 'outOfReach' | keyof CostlyFacts>>

/** `similarHours`: the buyer's other orders within this number of hours are searched; 0: none are. */
export type FactsWanted = { id: string; similarHours: number } & Asked

/**
 * Reads the facts of all orders: one query for the orders and their buyers' other orders, then the sourcing rules and the costly facts.
 */
export async function checkFacts(db: Database | Tx, wanted: readonly FactsWanted[]): Promise<CheckFacts[]> {
  if (wanted.length === 0) return []
  const found = await sql<Found>`${preparedStatement}
    select o.id, o.no, o.shop_id as "shopId", o.paid_at as "paidAt", o.ordered_at as "orderedAt", o.cod,
      o.facets @> array[${presale}::int] as presale, o.facets @> array[${facet('has', has.invoice)}::int] as invoice,
      o.facets @> array[${facet('has', has.oversold)}::int] as oversold,
      o.buyer_message as "buyerMessage", o.seller_memo as "sellerMemo", o.flag, o.courier,
      (o.warehouse_id is not null or not exists (select from ${activeWarehouses} w)) as "hasWarehouse", o.locked_name as "lockedName", o.payment_fen as "paymentFen",
      o.quantity - o.refunded_quantity as quantity, o.differences, o.region, o.receiver_masked as "receiverMasked",
      case when o.open_holds = 0 then '{}' else array(
        select distinct reason from order_hold where order_id = o.id and released_at is null order by reason) end as "holdReasons",
      o.facets[5] = any(${allocationFacets(allocationBits.short, true)}::int[]) as short,
      l.count as "lineCount", l.percent as "lowestPercent", l.below as "belowReference",
      coalesce(s.numbers, '{}') as similar,
      exists (select from order_event e where e.order_id = o.id and e.event in ('unconfirm', 'restore')) as "takenBack",
      ${blacklistReasons(sql.ref('o.people'), sql.ref('o.region'))} as blacklisted
    from ${unnestRows('d', wanted, [
      ['id', 'int8', (row) => row.id],
      ['hours', 'int4', (row) => row.similarHours],
    ])}
    join sales_order o on o.id = d.id
    cross join lateral (
      select count(*)::int as count,
        (min(l.payment_fen * 100 / (l.price_fen * l.quantity)) filter (where l.price_fen > 0))::int as percent,
        coalesce(array_agg(l.line_no::int order by l.line_no) filter (where l.payment_fen < p.reference_fen * l.quantity), '{}') as below
      from order_line l
      left join ${skuReferences} as p on p.sku_id = ${orderedSku}
      where l.order_id = o.id and l.refunded_quantity < l.quantity and not l.gift
    ) l
    left join lateral (
      -- Orders of the same merged shipment do not count.
      ${ordersOfBuyer(sql.ref('d.hours'), sql`(b.parcel = o.parcel) is not true`)}
    ) s on d.hours > 0
    order by o.id`.execute(db)
  const house = await currentSourcingRules(db)
  const asked = await costlyFacts(db, wanted)
  return found.rows.map((row) => ({
    ...row,
    ...asked(row.id),
    paymentFen: num(row.paymentFen),
    outOfReach: isOutOfReach(house, row),
  }))
}

function isOutOfReach({ reach, courierRules }: SourcingRules, { courier, region }: Found): boolean {
  const asked = courier === '' ? couriersOf(courierRules) : [courier]
  return asked.length > 0 && !asked.some((one) => reaches(reach, one, region))
}

const couriersOf = (rules: SourcingRules['courierRules']) =>
  rules.filter(({ rule, inTime }) => rule.enabled && inTime).map(({ rule }) => rule.courier)
