import { type RawBuilder, sql } from 'kysely'
import { refundStates } from '../intake/lifecycle.ts'
import { type OrderStatus, offPlatformOrigins, orderStatuses } from '../orders/order/lifecycle.ts'

// The rows of which figures are made. The figures of a day and the rows behind a cell are read with the same conditions.

export type Days = { from: string; to: string }
/** A part of a day: the times in [since, until), in ISO form. */
export type Times = { since: string; until: string }

/** The midnight in China with which a day begins. */
const midnight = (day: string) => sql`(${day}::date::timestamp at time zone 'Asia/Shanghai')`
const within = (time: RawBuilder<unknown>, span: Days | Times) =>
  'since' in span
    ? sql`${time} >= ${span.since}::timestamptz and ${time} < ${span.until}::timestamptz`
    : sql`${time} >= ${midnight(span.from)} and ${time} < ${midnight(span.to)} + interval '1 day'`

const notVoided: readonly OrderStatus[] = orderStatuses.filter((status) => status !== 'voided')
const ownOrigins = sql`${[...offPlatformOrigins]}::text[]`

/** An off-platform order, or a part of one: a part has the origin of its whole. */
export const isOwn = sql`o.origin = any(${ownOrigins})`
/**
 * An off-platform order that counts as a payment: of a split one the first that is not voided, because each part has a share of the amount. A
 * reship costs nothing.
 */
export const isOwnPayment = sql`(${isOwn} and o.origin <> 'reship' and not exists (
  select from sales_order r where r.id < o.id and r.status <> 'voided'
    and (r.id = o.split_from or r.split_from = o.split_from)))`

export const paidTrades = (days: Days | Times) => sql`staged_trade t where ${within(sql`t.paid_at`, days)}`

/** Sales orders that are not voided. The expression is that of two indexes, one of live orders and one of archived ones. */
export const paidOrders = (
  days: Days | Times,
) => sql`(o.archived_at is null or o.archived_at is not null) and o.status = any(${[...notVoided]}::text[])
  and ${within(sql`coalesce(o.paid_at, '-infinity'::timestamptz)`, days)}`

/** The states are all that there are: with them the index on state and time is used. */
export const succeededRefunds = (
  days: Days | Times,
) => sql`f.status = 'succeeded' and f.state = any(${[...refundStates]}::text[])
  and ${within(sql`f.modified_at`, days)}`

export const askedRefunds = (days: Days | Times) => sql`${within(sql`f.created_on_platform`, days)}`

export const shippedDeliveries = (days: Days | Times) =>
  sql`d.status = 'shipped' and ${within(sql`d.shipped_at`, days)}`

export const confirmedByUsers = (days: Days | Times) =>
  sql`e.event = 'confirm' and e.actor_kind = 'user' and ${within(sql`e.at`, days)}`

/** The pieces of a line that were sold, and those of them that refunds took off. A gift that was taken off was not sold. */
export const soldPieces = sql`case when l.gift then l.quantity - l.refunded_quantity else l.quantity end`
export const refundedPieces = sql`case when l.gift then 0 else l.refunded_quantity end`

export const province = sql`split_part(o.region, ' ', 1)`
export const isLate = sql`(d.ship_by is not null and d.shipped_at > d.ship_by)`
export const isOnTime = sql`(d.ship_by is not null and d.shipped_at <= d.ship_by)`
/** A shipped delivery whose order was paid at a known time. */
export const isPaid = sql`exists (select from sales_order p where p.id = d.order_id and p.paid_at is not null)`
export const isReturn = sql`f.kind in ('return', 'exchange')`
export const isSigned = sql`exists (select from parcel_track p where p.delivery_id = d.id and p.state = 'signed')`

/** The steps of a delivery: the column of the figures, and that of the person who did the step. */
export const steps = {
  printed_count: 'printed_by',
  picked_count: 'picked_by',
  checked_count: 'checked_by',
  weighed_count: 'weighed_by',
  shipped_count: 'shipped_by',
} as const
