import { type RawBuilder, sql } from 'kysely'
import { skuNames } from '../../catalog/names.ts'
import { matchedListings, skuParts } from '../../catalog/relations.ts'
import { systemActor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { reservationRows, warehouseNames } from '../../inventory/relations.ts'
import { reduceReservations } from '../../inventory/release.ts'
import { unshipped } from '../order/lifecycle.ts'
import { addOrderEvents } from '../order/queries.ts'

// Moves order lines to the new SKU after their listing was matched with another SKU. Lines with reserved pieces keep the old SKU.

type Moved = Row<'order_line', 'orderId' | 'lineNo'> & { fromId: string; toId: string }

/**
 * Join condition of `order_line l`, `sales_order o` and the listing `g`: lines of unshipped orders whose listing now has another SKU.
 * Record-only orders, substituted lines and wholly refunded lines are left out.
 */
const differs = sql`
  o.id = l.order_id and o.origin <> 'record' and o.status = any(${[...unshipped]}::text[]) and l.sku_id is not null
  and l.substitute_for is null and l.refunded_quantity < l.quantity and g.shop_id = o.shop_id and g.item_id = l.item_id
  and g.platform_sku_id = l.platform_sku_id and g.sku_id <> l.sku_id`

/** Returns the orders with a reservation or backorder of these SKUs on lines of these listings, if the listing now has another SKU. */
export async function rematchedOrders(
  db: Database,
  listingIds: readonly string[],
  fromSkuIds: readonly string[],
): Promise<string[]> {
  const found = await sql<Row<'order_line', 'orderId'>>`
    select distinct l.order_id as "orderId"
    from ${skuParts} as part
    cross join ${warehouseNames} w
    join ${reservationRows} r on r.warehouse_id = w.id and r.sku_id = part.part_id and not r.shipped
    join order_line l on l.order_id = r.order_id and l.line_no = r.line_no and l.sku_id = part.sku_id,
    sales_order o, ${matchedListings} g
    where part.sku_id = any(${[...fromSkuIds]}::bigint[]) and g.id = any(${[...listingIds]}::bigint[]) and ${differs}
    order by 1`.execute(db)
  return found.rows.map(({ orderId }) => orderId)
}

/**
 * Moves lines without reserved pieces of these orders to their listing's new SKU and drops their old requests; returns the orders of moved
 * lines, for which the caller requests stock in a later transaction. Lines with reserved pieces stay, which is recorded once as an event.
 * The caller has locked the orders.
 */
export async function followRematch(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const held = sql`exists (
    select from ${reservationRows} r where r.order_id = l.order_id and r.line_no = l.line_no and (r.reserved > 0 or r.shipped))`
  const kept = await sql<Moved>`
    select l.order_id as "orderId", l.line_no as "lineNo", l.sku_id as "fromId", g.sku_id as "toId"
    from order_line l, sales_order o, ${matchedListings} g
    where l.order_id = any(${[...ids]}::bigint[]) and ${differs} and ${held} and not exists (
      select from order_event e
      where e.order_id = l.order_id and e.event = 'rematch_kept' and (e.detail ->> 'line')::int = l.line_no
        and e.detail ->> 'toId' = g.sku_id::text)
    order by 1, 2`.execute(tx)
  const moved = await moveLines(tx, ids, sql`not ${held}`)
  await tell(tx, 'rematch_kept', kept.rows)
  await tell(tx, 'rematched', moved)
  if (moved.length > 0)
    await reduceReservations(
      tx,
      moved.map(({ orderId, lineNo }) => ({ orderId, lineNo, left: 0 })),
    )
  return [...new Set(moved.map(({ orderId }) => orderId))]
}

/** Moves lines without reservation or backorder to their listing's current SKU. The caller has locked the orders. */
export async function rematchUnreserved(tx: Tx, ids: readonly string[]): Promise<void> {
  const nothing = sql`not exists (select from ${reservationRows} r where r.order_id = l.order_id and r.line_no = l.line_no)`
  await tell(tx, 'rematched', await moveLines(tx, ids, nothing))
}

async function moveLines(tx: Tx, ids: readonly string[], which: RawBuilder<unknown>): Promise<Moved[]> {
  const moved = await sql<Moved>`
    with mine as (
      select l.order_id, l.line_no, l.sku_id as from_id, g.sku_id as to_id
      from order_line l, sales_order o, ${matchedListings} g
      where l.order_id = any(${[...ids]}::bigint[]) and ${differs} and ${which}
    )
    update order_line l set sku_id = mine.to_id from mine
    where l.order_id = mine.order_id and l.line_no = mine.line_no
    returning l.order_id as "orderId", l.line_no as "lineNo", from_id as "fromId", to_id as "toId"`.execute(
    tx,
  )
  return moved.rows
}

async function tell(tx: Tx, event: 'rematched' | 'rematch_kept', lines: readonly Moved[]): Promise<void> {
  if (lines.length === 0) return
  const names = await skuNames(
    tx,
    lines.flatMap(({ fromId, toId }) => [fromId, toId]),
  )
  const codeOf = (id: string) => names.get(id)?.code ?? id
  await addOrderEvents(
    tx,
    lines.map(({ orderId, lineNo, fromId, toId }) => ({
      orderId,
      event,
      detail: { line: lineNo, toId, skus: [codeOf(fromId), codeOf(toId)] },
    })),
    systemActor,
  )
}
