import { type RawBuilder, sql } from 'kysely'
import { skusOfCodes } from '../../catalog/names.ts'
import type { Database } from '../../core/db/db.ts'
import { buyerKeysOf } from '../../core/lists/list-search.ts'
import { hasBuyerKey } from '../../lib/people.ts'
import type { OrderFilter } from './contract.ts'
import type { SearchParts } from './order-list.ts'

/** If at most this number of orders matches, the filter's own index finds them sooner than a walk along the list's index. */
const fewMost = 50_000

type Indexed = { where: RawBuilder<unknown>[]; few: boolean }

/** Conditions of filters that have an index of their own; `few`: one of them leaves so few orders that the list need not be walked. */
export async function indexedConditions(
  db: Database,
  { ring, ordersOfWaybill }: SearchParts,
  filter: OrderFilter,
): Promise<Indexed> {
  const where: RawBuilder<unknown>[] = []
  const buyer = filter.buyer?.trim() ?? ''
  const waybill = filter.waybill?.trim() ?? ''
  if (buyer !== '') where.push(hasBuyerKey(sql`t.id`, 'sales_order_person', buyerKeysOf(ring, buyer)))
  if (waybill !== '') where.push(ordersOfWaybill ? sql`t.id in (${ordersOfWaybill(waybill)})` : sql`false`)
  const sku = await bySku(db, filter.sku)
  return { where: [...where, ...sku.where], few: sku.few || (await isRareAmount(db, filter)) }
}

async function bySku(db: Database, code: string | undefined): Promise<Indexed> {
  if (code === undefined) return { where: [], few: false }
  const sku = (await skusOfCodes(db, [code])).get(code)
  if (!sku) return { where: [sql`false`], few: true }
  const orders = sql`select order_id from order_line where sku_id = ${sku.id}::bigint`
  if (await isFew(db, orders)) return { where: [sql`t.id in (${orders})`], few: true }
  const has = sql`exists (select from order_line l where l.order_id = t.id and l.sku_id = ${sku.id}::bigint)`
  return { where: [has], few: false }
}

/**
 * True if few orders have a payment in the filter's range. The condition on the payment itself comes from the declaration of the filter.
 */
async function isRareAmount(db: Database, { paymentFromFen, paymentToFen }: OrderFilter): Promise<boolean> {
  if (paymentFromFen === undefined && paymentToFen === undefined) return false
  return isFew(
    db,
    sql`select id from sales_order where payment_fen between ${paymentFromFen ?? 0}::bigint and ${paymentToFen ?? 1e15}::bigint`,
  )
}

async function isFew(db: Database, rows: RawBuilder<unknown>): Promise<boolean> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from (${rows} limit ${fewMost + 1}) found`.execute(db)
  return (found.rows[0]?.count ?? 0) <= fewMost
}
