import { type RawBuilder, sql } from 'kysely'
import { type Database, num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { ordersWithNotices } from '../order/relations.ts'
import type { NoticeOrder, RefundNotice, RefundWaiver } from './refund-verdicts.ts'

type NoticeRow = Row<'refund_notice', Exclude<keyof RefundNotice, 'status'>> & {
  status: Rows['refund_notice']['refundStatus']
}
export type TradeKey = Row<'sales_order', 'tid' | 'shopId'>

/** Returns each trade of these rows once. */
export const tradesOf = (rows: readonly TradeKey[]): TradeKey[] => [
  ...new Map(rows.map(({ tid, shopId }) => [`${shopId}/${tid}`, { tid, shopId }])).values(),
]

const columns = sql`
  n.shop_id as "shopId", n.refund_no as "refundNo", n.tid, n.oid, n.source, n.names, n.kind, n.phase, n.refund_status as status, n.version,
  n.modified_at as "modifiedAt", n.amount_fen as "amountFen", n.quantity, n.agreeing, n.settled, n.told_stopped as "toldStopped"`

const toNotice = (row: NoticeRow): RefundNotice => ({ ...row, amountFen: num(row.amountFen) })

const tradesAs = (trades: readonly TradeKey[]) =>
  unnestRows('d', trades, [
    ['tid', 'text', (row) => row.tid],
    ['shop_id', 'int8', (row) => row.shopId],
  ])

export async function noticesOfTrades(
  db: Database | Tx,
  trades: readonly TradeKey[],
): Promise<RefundNotice[]> {
  const found = await sql<NoticeRow>`${preparedStatement}
    select ${columns} from ${tradesAs(trades)} join refund_notice n on n.tid = d.tid and n.shop_id = d.shop_id
    order by n.refund_no`.execute(db)
  return found.rows.map(toNotice)
}

/** Returns the trades of these orders that have notices to apply (`ordersWithNotices`). */
export async function tradesWithNotices(db: Database | Tx, orderIds: readonly string[]): Promise<TradeKey[]> {
  const found = await sql<TradeKey>`${preparedStatement}
    select distinct noted.tid, noted.shop_id as "shopId" from ${ordersWithNotices} as noted
    where noted.id = any(${[...orderIds]}::bigint[])`.execute(db)
  return found.rows
}

/**
 * Returns all orders of these trades, child orders included. Those that the caller has not locked may still change; they are used only to
 * compute the shares of refunds.
 */
export async function ordersOfNotices(
  db: Database | Tx,
  trades: readonly TradeKey[],
): Promise<NoticeOrder[]> {
  type Found = Row<'sales_order', Exclude<keyof NoticeOrder, 'writtenBack'>> &
    Pick<NoticeOrder, 'writtenBack'>
  const one = (origin: RawBuilder<unknown>) => sql`
    select o.id, o.no, o.shop_id as "shopId", o.tid, o.origin, o.status, o.written_back_at is not null as "writtenBack",
      o.payment_fen as "paymentFen", o.parcel
    from ${tradesAs(trades)} join sales_order o on o.tid = d.tid and o.shop_id = d.shop_id and ${origin}`
  const found = await sql<Found>`${preparedStatement}
    ${one(sql`o.origin in ('trade', 'record')`)} union all ${one(sql`o.origin = 'split'`)} order by 1`.execute(
    db,
  )
  return found.rows.map((row) => ({ ...row, paymentFen: num(row.paymentFen) }))
}

type WaiverRow = Row<'refund_waiver', Exclude<keyof RefundWaiver, 'status' | 'by' | 'at'>> & {
  status: Rows['refund_waiver']['refundStatus']
  by: Rows['refund_waiver']['givenBy']
  at: Rows['refund_waiver']['givenAt']
}

export type NewNotice = Omit<RefundNotice, 'agreeing' | 'settled' | 'toldStopped'>

/**
 * Writes the newest version of each refund; the caller has decided which one that is. After our agreement succeeded (`done`), a version
 * with another status ends it. While the agreement is being sent (`asked`), no version ends it, because the version and our call may
 * cross.
 */
export async function writeNotices(tx: Tx, notices: readonly NewNotice[]): Promise<void> {
  if (notices.length === 0) return
  await sql`${preparedStatement}
    insert into refund_notice (shop_id, refund_no, tid, oid, source, names, kind, phase, refund_status, version, modified_at, amount_fen, quantity)
    select * from ${unnestRows('d', notices, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['refund_no', 'text', (row) => row.refundNo],
      ['tid', 'text', (row) => row.tid],
      ['oid', 'text', (row) => row.oid],
      ['source', 'text', (row) => row.source],
      ['names', 'text', (row) => row.names],
      ['kind', 'text', (row) => row.kind],
      ['phase', 'text', (row) => row.phase],
      ['refund_status', 'text', (row) => row.status],
      ['version', 'text', (row) => row.version],
      ['modified_at', 'timestamptz', (row) => row.modifiedAt],
      ['amount_fen', 'int8', (row) => row.amountFen],
      ['quantity', 'int4', (row) => row.quantity],
    ])}
    order by refund_no
    on conflict (shop_id, refund_no) do update set
      tid = excluded.tid, oid = excluded.oid, names = excluded.names, kind = excluded.kind, phase = excluded.phase,
      refund_status = excluded.refund_status, version = excluded.version, modified_at = excluded.modified_at, amount_fen = excluded.amount_fen,
      quantity = excluded.quantity,
      agreeing = case when refund_notice.agreeing = 'done' and refund_notice.refund_status <> excluded.refund_status then '' else refund_notice.agreeing end,
      settled = refund_notice.settled and refund_notice.refund_status = excluded.refund_status and refund_notice.kind = excluded.kind,
      noted_at = clock_timestamp()`.execute(tx)
}

/** Closes the line notices of lines whose trade shows no refund any more. */
export async function closeLineNotices(
  tx: Tx,
  lines: readonly { shopId: string; refundNo: string; modifiedAt: Date }[],
): Promise<void> {
  if (lines.length === 0) return
  await sql`
    update refund_notice n set refund_status = 'closed', modified_at = d.modified_at, noted_at = clock_timestamp()
    from ${unnestRows('d', lines, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['refund_no', 'text', (row) => row.refundNo],
      ['modified_at', 'timestamptz', (row) => row.modifiedAt],
    ])}
    where n.shop_id = d.shop_id and n.refund_no = d.refund_no and n.refund_status <> 'closed'`.execute(tx)
}

export type RefundKey = Row<'refund_notice', 'shopId' | 'refundNo'>
const refundsAs = (refunds: readonly RefundKey[]) =>
  unnestRows('d', refunds, [
    ['shop_id', 'int8', (row) => row.shopId],
    ['refund_no', 'text', (row) => row.refundNo],
  ])

export type Agreeing = RefundKey & Pick<RefundNotice, 'agreeing'>
export async function writeAgreeing(tx: Tx, refunds: readonly Agreeing[]): Promise<void> {
  await sql`
    update refund_notice n set agreeing = d.agreeing, noted_at = clock_timestamp()
    from ${unnestRows('d', refunds, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['refund_no', 'text', (row) => row.refundNo],
      ['agreeing', 'text', (row) => row.agreeing],
    ])}
    where n.shop_id = d.shop_id and n.refund_no = d.refund_no`.execute(tx)
}

export async function readAgreements(
  db: Database | Tx,
  refunds: readonly RefundKey[],
): Promise<readonly Agreeing[]> {
  const found = await sql<Agreeing>`
    select n.shop_id as "shopId", n.refund_no as "refundNo", n.agreeing
    from ${refundsAs(refunds)} join refund_notice n on n.shop_id = d.shop_id and n.refund_no = d.refund_no
    where n.agreeing <> ''`.execute(db)
  return found.rows
}

export async function writeProcessed(tx: Tx, refunds: readonly RefundKey[], settled: boolean): Promise<void> {
  await sql`
    update refund_notice n set settled = ${settled}
    from ${refundsAs(refunds)} where n.shop_id = d.shop_id and n.refund_no = d.refund_no`.execute(tx)
}

export async function openWaivers(db: Database | Tx, orderIds: readonly string[]): Promise<RefundWaiver[]> {
  const found = await sql<WaiverRow>`${preparedStatement}
    select order_id as "orderId", refund_no as "refundNo", kind, refund_status as status, amount_fen as "amountFen", quantity,
      reason, given_by as by, given_at as at
    from refund_waiver where order_id = any(${[...orderIds]}::bigint[]) and ended_at is null`.execute(db)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}

export type ToldRefund = Pick<RefundNotice, 'refundNo' | ToldFact> & Row<'order_event', 'orderId'>
export type ToldFact = 'status' | 'kind' | 'phase' | 'oid' | 'amountFen' | 'quantity' | 'agreeing'

/** Returns the latest refund event of each refund on these orders; a refund without a number is identified by its line. */
export async function refundNotedEvents(
  db: Database | Tx,
  orderIds: readonly string[],
): Promise<ToldRefund[]> {
  type Found = Row<'order_event', 'orderId'> & {
    detail: Omit<ToldRefund, 'orderId' | 'agreeing'> & Partial<ToldRefund>
  }
  const found = await sql<Found>`
    select distinct on (order_id, detail ->> 'refundNo', line) order_id as "orderId", detail
    from order_event, lateral (select case detail ->> 'refundNo' when '' then detail ->> 'oid' else '' end as line) named
    where order_id = any(${[...orderIds]}::bigint[]) and event = 'refund_noted'
    order by order_id, detail ->> 'refundNo', line, id desc`.execute(db)
  return found.rows.map(({ orderId, detail }) => ({ agreeing: '', ...detail, orderId }))
}

export async function endWaivers(
  tx: Tx,
  waivers: readonly { orderId: string; refundNo: string }[],
): Promise<void> {
  if (waivers.length === 0) return
  await sql`
    update refund_waiver w set ended_at = now()
    from ${unnestRows('d', waivers, [
      ['order_id', 'int8', (row) => row.orderId],
      ['refund_no', 'text', (row) => row.refundNo],
    ])}
    where w.order_id = d.order_id and w.refund_no = d.refund_no and w.ended_at is null`.execute(tx)
}

export async function writeWaivers(
  tx: Tx,
  orderId: string,
  notices: readonly RefundNotice[],
  { reason, by }: { reason: string; by: string },
): Promise<void> {
  await endWaivers(
    tx,
    notices.map(({ refundNo }) => ({ orderId, refundNo })),
  )
  await sql`
    insert into refund_waiver (order_id, refund_no, kind, refund_status, amount_fen, quantity, reason, given_by)
    select ${orderId}::bigint, refund_no, kind, refund_status, amount_fen, quantity, ${reason}, ${by}
    from ${unnestRows('d', notices, [
      ['refund_no', 'text', (row) => row.refundNo],
      ['kind', 'text', (row) => row.kind],
      ['refund_status', 'text', (row) => row.status],
      ['amount_fen', 'int8', (row) => row.amountFen],
      ['quantity', 'int4', (row) => row.quantity],
    ])}`.execute(tx)
}
