import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, num } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import { pageById } from '../../core/lists/list.ts'
import { buyerSearchKeys, hasBuyerKey, isSameBuyer } from '../../lib/people.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { personalOf } from '../order/personal.ts'
import type { HistoryRow } from './contract.ts'

const countedMax = 1000

export type History = {
  rows: HistoryRow[]
  next: string | null
  counts: { orders: number; refunded: number; voided: number; capped: boolean }
}

/**
 * 买家历史订单: returns the buyer's other orders in the shops of the scope, newest first. Two orders have the same buyer if the phone agrees
 * and also name or nick; without a phone, if the nick agrees. Undefined: the scope has no such order.
 */
export async function buyerHistory(
  db: Database,
  ring: KeyRing,
  { id, after, limit }: { id: string; after: string | undefined; limit: number },
  scope: Scope,
): Promise<History | undefined> {
  const found = await sql<Row<'sales_order', 'shopId' | 'personal'>>`
    select o.shop_id as "shopId", o.personal from sales_order o
    where o.id = ${id}::bigint and ${scopeSql(scope, sql.ref('o.shop_id'))}`.execute(db)
  const order = found.rows[0]
  if (!order) return undefined
  const keys = order.personal ? buyerKeys(ring, order.shopId, order.personal) : none
  if (keys.lookUp.length === 0) return { rows: [], next: null, counts: noCounts }
  const buyers = sql`
    from sales_order o join sales_order b on ${hasBuyerKey(sql`b.id`, 'sales_order_person', keys.lookUp)}
    where o.id = ${id}::bigint and b.id <> o.id and ${scopeSql(scope, sql.ref('b.shop_id'))}
      and (${keys.byNick} or ${isSameBuyer(sql.ref('o.people'), sql.ref('b.people'))})`
  const rows = await pageById({ after, limit }, (place) => page(db, buyers, place))
  return { ...rows, counts: await count(db, buyers) }
}

const none: { lookUp: number[]; byNick: boolean } = { lookUp: [], byNick: false }
const noCounts = { orders: 0, refunded: 0, voided: 0, capped: false }

function buyerKeys(ring: KeyRing, shopId: string, sealed: Buffer): typeof none {
  const { nick, receiver } = personalOf(ring, shopId, sealed)
  const mobile = receiver.mobile || receiver.phone
  if (mobile) return { lookUp: buyerSearchKeys(ring, 'mobile', mobile), byNick: false }
  return nick ? { lookUp: buyerSearchKeys(ring, 'nick', nick), byNick: true } : none
}

async function page(
  db: Database,
  buyers: ReturnType<typeof sql>,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<HistoryRow[]> {
  const found = await sql<RowFor<'sales_order', HistoryRow>>`
    select b.id, b.no, b.shop_id as "shopId", b.origin, b.status, b.ordered_at as "orderedAt", b.paid_at as "paidAt",
      b.payment_fen as "paymentFen", b.refunded_fen as "refundedFen", b.quantity,
      coalesce((select title from order_line where order_id = b.id order by line_no limit 1), '') as title
    from (
      select b.* ${buyers} and (${after ?? null}::bigint is null or b.id < ${after ?? null}::bigint)
      order by b.id desc limit ${limit}
    ) b
    order by b.id desc`.execute(db)
  return found.rows.map((row) => ({
    ...row,
    paymentFen: num(row.paymentFen),
    refundedFen: num(row.refundedFen),
  }))
}

async function count(db: Database, buyers: ReturnType<typeof sql>): Promise<History['counts']> {
  const found = await sql<{ orders: number; refunded: number; voided: number }>`
    select count(*)::int as orders, count(*) filter (where refunded_fen > 0)::int as refunded,
      count(*) filter (where status = 'voided')::int as voided
    from (select b.refunded_fen, b.status ${buyers} order by b.id desc limit ${countedMax + 1}) counted`.execute(
    db,
  )
  const { orders = 0, refunded = 0, voided = 0 } = found.rows[0] ?? {}
  return { orders: Math.min(orders, countedMax), refunded, voided, capped: orders > countedMax }
}
