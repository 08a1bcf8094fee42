import { sql } from 'kysely'
import { type Database, num } from '../db.ts'
import type { OrderStatus } from './lifecycle.ts'

export type OrderGlance = {
  id: string
  no: string
  status: OrderStatus
  origin: string
  paymentFen: number
  refundedFen: number
  openHolds: number
}

/** What other slices show of an order beside their own documents. */
export async function glanceOrders(db: Database, ids: readonly string[]): Promise<OrderGlance[]> {
  const found = await sql<
    Omit<OrderGlance, 'paymentFen' | 'refundedFen'> & { paymentFen: string; refundedFen: string }
  >`
    select id, no, status, origin, payment_fen as "paymentFen", refunded_fen as "refundedFen", open_holds as "openHolds"
    from sales_order where id = any(${[...ids]}::bigint[])`.execute(db)
  return found.rows.map((row) => ({
    ...row,
    paymentFen: num(row.paymentFen),
    refundedFen: num(row.refundedFen),
  }))
}
