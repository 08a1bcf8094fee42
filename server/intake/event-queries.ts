import { sql } from 'kysely'
import type { Actor } from '../core/access/actor.ts'
import { type Database, preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'

export type TradeEvent = { tid: string; event: string; detail?: Record<string, unknown> }
export type RefundEvent = { refundNo: string; event: string; detail?: Record<string, unknown> }

/** Inserts events in the transaction of the change that they describe. `detail` must not contain personal data. */
export async function addTradeEvents(
  tx: Tx,
  shopId: string,
  events: readonly TradeEvent[],
  actor: Actor,
): Promise<void> {
  if (events.length === 0) return
  await sql`${preparedStatement}
    insert into trade_event (shop_id, tid, event, detail, actor_kind, actor_id, actor_name)
    select ${shopId}, tid, event, detail::jsonb, ${actor.kind}, ${actor.id}, ${actor.name}
    from ${unnestRows('d', events, [
      ['tid', 'text', (row) => row.tid],
      ['event', 'text', (row) => row.event],
      ['detail', 'text', (row) => (row.detail ? JSON.stringify(row.detail) : null)],
    ])}`.execute(tx)
}

export async function addRefundEvents(
  tx: Tx,
  shopId: string,
  events: readonly RefundEvent[],
  actor: Actor,
): Promise<void> {
  if (events.length === 0) return
  await sql`${preparedStatement}
    insert into refund_event (shop_id, refund_no, event, detail, actor_kind, actor_id, actor_name)
    select ${shopId}, refund_no, event, detail::jsonb, ${actor.kind}, ${actor.id}, ${actor.name}
    from ${unnestRows('d', events, [
      ['refund_no', 'text', (row) => row.refundNo],
      ['event', 'text', (row) => row.event],
      ['detail', 'text', (row) => (row.detail ? JSON.stringify(row.detail) : null)],
    ])}`.execute(tx)
}

type EventView = Row<'trade_event', 'id' | 'at' | 'event' | 'actorKind' | 'actorName' | 'detail'>

export async function tradeEventsOf(db: Database, shopId: string, tid: string): Promise<EventView[]> {
  const found = await sql<EventView>`
    select id, at, event, actor_kind as "actorKind", actor_name as "actorName", detail
    from trade_event where tid = ${tid} and shop_id = ${shopId} order by id desc limit 200`.execute(db)
  return found.rows
}

export async function refundEventsOf(db: Database, shopId: string, refundNo: string): Promise<EventView[]> {
  const found = await sql<EventView>`
    select id, at, event, actor_kind as "actorKind", actor_name as "actorName", detail
    from refund_event where refund_no = ${refundNo} and shop_id = ${shopId} order by id desc limit 200`.execute(
    db,
  )
  return found.rows
}
