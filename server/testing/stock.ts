import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import type { Demand } from '../inventory/reserve.ts'

let made = 0

export async function aWarehouse(db: Database, priority = 100): Promise<string> {
  made += 1
  const found = await sql<{ id: string }>`
    insert into warehouse (code, name, kind, priority) values (${`W${made}`}, ${`仓 ${made}`}, 'own', ${priority})
    returning id`.execute(db)
  return found.rows[0]?.id ?? ''
}

export async function aSku(db: Database, code?: string): Promise<string> {
  made += 1
  const found = await sql<{ id: string }>`
    with made as (insert into product (code, name) values (${`P${made}`}, ${`商品 ${made}`}) returning id)
    insert into sku (code, product_id, spec, words)
    select ${code ?? `S${made}`}::text, id, '白色', lower(${`${code ?? `S${made}`} 商品 ${made} 白色 P${made} `}::text) from made returning id`.execute(
    db,
  )
  return found.rows[0]?.id ?? ''
}

/** Adds goods to a balance, with a movement, as an adjustment does. */
export async function putStock(
  db: Database,
  warehouseId: string,
  skuId: string,
  quantity: number,
): Promise<void> {
  made += 1
  await sql`
    with moved as (
      insert into stock_movement (warehouse_id, sku_id, quantity, document_kind, document_id, line_no, step, created_by)
      values (${warehouseId}, ${skuId}, ${quantity}, 'adjustment', ${1_000_000 + made}, 1, 1, '林晓')
    )
    insert into stock (warehouse_id, sku_id, on_hand) values (${warehouseId}, ${skuId}, ${quantity})
    on conflict (warehouse_id, sku_id) do update set on_hand = stock.on_hand + excluded.on_hand`.execute(db)
}

/** Returns on hand, reserved and backordered pieces; empty if there is no balance. */
export async function balanceOf(db: Database, warehouseId: string, skuId: string): Promise<number[]> {
  const found = await sql<{ is: number[] }>`
    select array[on_hand, reserved, short] as is from stock
    where warehouse_id = ${warehouseId} and sku_id = ${skuId}`.execute(db)
  return found.rows[0]?.is ?? []
}

let orders = 0
export const anOrderId = () => {
  orders += 1
  return String(orders)
}

/** Makes the demand of a new order for one piece of a SKU. */
export function aDemand(input: Pick<Demand, 'skuId' | 'warehouseId'> & Partial<Demand>): Demand {
  return { orderId: anOrderId(), lineNo: 1, quantity: 1, paidAt: paidAt(0), ...input }
}

export const paidAt = (minute: number) => new Date(Date.UTC(2026, 10, 24, 4, minute))

/** Returns what is wrong with balances and movements, by SQL that does not use the verbs. Empty: nothing. */
export async function wrongInTheBooks(db: Database): Promise<string[]> {
  const found = await sql<{ wrong: string }>`
    select format('balance %s/%s: %s on hand, %s reserved, %s locked', warehouse_id, sku_id, on_hand, reserved, locked) as wrong
    from stock where reserved < 0 or locked < 0 or reserved + locked > on_hand
    union all
    select format('ledger %s/%s: %s on hand, movements sum to %s', s.warehouse_id, s.sku_id, s.on_hand, m.sum)
    from stock s left join lateral (
      select coalesce(sum(quantity), 0) as sum from stock_movement m
      where m.warehouse_id = s.warehouse_id and m.sku_id = s.sku_id
    ) m on true
    where s.on_hand <> m.sum
    union all
    select format('reserved %s/%s: %s and %s waiting, but rows say %s and %s', s.warehouse_id, s.sku_id, s.reserved, s.short, r.reserved, r.short)
    from stock s left join lateral (
      select coalesce(sum(reserved), 0) as reserved, coalesce(sum(wanted) filter (where reserved = 0), 0) as short
      from reservation r where r.warehouse_id = s.warehouse_id and r.sku_id = s.sku_id and not shipped
    ) r on true
    where s.reserved <> r.reserved or s.short <> r.short
    union all
    select format('row %s/%s/%s: %s of %s', order_id, line_no, sku_id, reserved, wanted)
    from reservation where reserved <> 0 and reserved <> wanted
    union all
    select format('movements of order %s without balance', m.document_id) from stock_movement m
    where not exists (select from stock s where s.warehouse_id = m.warehouse_id and s.sku_id = m.sku_id)
    union all
    select format('order %s line %s sku %s moved %s, shipped %s', r.order_id, r.line_no, r.sku_id, m.sum, r.shipped)
    from reservation r cross join lateral (
      select coalesce(sum(-m.quantity), 0) as sum from stock_movement m
      where m.document_kind = 'order' and m.document_id = r.order_id and m.line_no = r.line_no and m.sku_id = r.sku_id
    ) m
    where m.sum <> case when r.shipped then r.wanted else 0 end`.execute(db)
  return found.rows.map(({ wrong }) => wrong)
}

/**
 * Returns reservations that wait although they are the first for their SKU and enough pieces are available. Empty while nothing else runs.
 */
export async function passedOver(db: Database): Promise<string[]> {
  const found = await sql<{ wrong: string }>`
    select format('order %s waits for %s of %s/%s, %s are free', f.order_id, f.wanted, s.warehouse_id, s.sku_id,
      s.on_hand - s.reserved - s.locked) as wrong
    from stock s cross join lateral (
      select order_id, wanted from reservation r
      where r.warehouse_id = s.warehouse_id and r.sku_id = s.sku_id and r.reserved = 0 and not r.shipped
      order by paid_at, order_id, line_no limit 1
    ) f
    where f.wanted <= s.on_hand - s.reserved - s.locked`.execute(db)
  return found.rows.map(({ wrong }) => wrong)
}
