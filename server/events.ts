import Type, { type Static, type TSchema } from 'typebox'
import type { Tx } from './core/db/db.ts'
import { defineJob, type EnqueueOptions, enqueue, type Job, type JobContext } from './core/jobs/job.ts'

// The events between slices, each with its payload, its senders and its receiver. A slice sends one in the transaction of the change that
// is its cause; the receiver does its part in a transaction of its own a moment later, at least once. Names are permanent: queues store them.

type Event<Payload extends TSchema> = { payload: Payload; senders: readonly string[]; receiver: string }

const event = <Payload extends TSchema>(
  payload: Payload,
  { senders, receiver }: Omit<Event<TSchema>, 'payload'>,
): Event<Payload> => ({ payload, senders, receiver })

const text = Type.String()
const texts = Type.Unsafe<readonly string[]>(Type.Array(Type.String()))
const actor = Type.Object({
  kind: Type.Enum(['user', 'api_key', 'task', 'system']),
  id: Type.String(),
  name: Type.String(),
})

export const events = {
  /** Stock became available while backorders wait for it. */
  'inventory.fill': event(Type.Object({ warehouseId: text, skuIds: texts }), {
    senders: ['server/inventory/stock.ts', 'server/inventory/jobs.ts'],
    receiver: 'server/inventory/jobs.ts',
  }),
  /** A freeze period begins or ends; enqueued for that moment. */
  'inventory.lock_window': event(Type.Object({ documentId: text }), {
    senders: ['server/inventory/documents/documents.ts'],
    receiver: 'server/inventory/jobs.ts',
  }),
  /** Listings got a SKU, or another one than `fromSkuIds`: lines of orders follow. */
  'orders.listings_matched': event(Type.Object({ listingIds: texts, fromSkuIds: Type.Optional(texts) }), {
    senders: ['server/catalog/listings/match.ts'],
    receiver: 'server/orders/allocation/goods-jobs.ts',
  }),
  /** New orders have a line without a SKU; its listing may have been matched while they were made. */
  'orders.unmatched': event(Type.Object({ orderIds: texts }), {
    senders: ['server/orders/allocation/goods-jobs.ts'],
    receiver: 'server/orders/allocation/goods-jobs.ts',
  }),
  /** Backorders of these orders were filled. Stock is locked after orders, so the orders follow in a transaction of their own. */
  'orders.filled': event(Type.Object({ orderIds: texts }), {
    senders: ['server/orders/allocation/goods-jobs.ts'],
    receiver: 'server/orders/allocation/goods-jobs.ts',
  }),
  /** Orders that were released are void: their deliveries are cancelled. */
  'fulfilment.orders_voided': event(Type.Object({ orderIds: texts }), {
    senders: ['server/orders/status/void.ts'],
    receiver: 'server/fulfilment/jobs.ts',
  }),
  /** Refunds took lines off a released order: those goods may be picked already. `source` names the change. */
  'fulfilment.goods_off': event(
    Type.Object({
      orderId: text,
      source: text,
      lines: Type.Array(Type.Object({ lineNo: Type.Integer(), quantity: Type.Integer() })),
    }),
    { senders: ['server/orders/allocation/goods-refunds.ts'], receiver: 'server/fulfilment/jobs.ts' },
  ),
  /** Trades ended well on the platform: their orders are completed. */
  'fulfilment.trades_finished': event(Type.Object({ orderIds: texts }), {
    senders: ['server/intake/trades/changes.ts'],
    receiver: 'server/fulfilment/jobs.ts',
  }),
  /** Shipping was undone: returns that waited for these goods are void. */
  'fulfilment.unshipped': event(Type.Object({ orderIds: texts }), {
    senders: ['server/fulfilment/ship.ts'],
    receiver: 'server/returns/jobs.ts',
  }),
  /** A return has this waybill, or an unclaimed parcel has it: the two may belong together. */
  'returns.match_parcels': event(Type.Object({ waybillNo: text }), {
    senders: ['server/returns/create.ts'],
    receiver: 'server/returns/jobs.ts',
  }),
  /** The return `no` of an exchange is void: its exchange order is held. */
  'returns.stop_exchange': event(Type.Object({ orderId: text, no: text }), {
    senders: ['server/returns/transition.ts'],
    receiver: 'server/returns/jobs.ts',
  }),
  /** A setting of the shop decides anew which of its staged trades convert. */
  'intake.recheck': event(Type.Object({ shopId: text }), {
    senders: ['server/shops/shops.ts'],
    receiver: 'server/intake/jobs.ts',
  }),
  /** An order without a trade is void: a trade with its number may convert, and does so at once if `convertBy` asked for it. */
  'intake.number_freed': event(Type.Object({ shopId: text, tids: texts, convertBy: Type.Optional(actor) }), {
    senders: ['server/orders/status/void.ts', 'server/intake/trades/duplicates.ts'],
    receiver: 'server/intake/jobs.ts',
  }),
  /** Intercepts of these orders ended in `state`: returns follow, and a shop that wants a report gets it. */
  'intake.intercept_ended': event(
    Type.Object({ orderIds: texts, state: Type.Optional(text), by: Type.Optional(actor) }),
    { senders: ['server/fulfilment/intercepts/intercepts.ts'], receiver: 'server/intake/jobs.ts' },
  ),
}

type EventName = keyof typeof events
type EventPayload<Name extends EventName> = Static<(typeof events)[Name]['payload']>

/** Sends events in the transaction that makes them necessary. */
export function sendEvent<Name extends EventName>(
  tx: Tx,
  name: Name,
  payloads: readonly EventPayload<Name>[],
  options: EnqueueOptions = {},
): Promise<void> {
  return enqueue(tx, name, payloads, options)
}

/** The receiver of an event; `worker.ts` lists all of them. */
export function receiveEvent<Name extends EventName>(
  name: Name,
  run: (context: JobContext, payloads: readonly EventPayload<Name>[]) => Promise<void>,
  settings: { unique?: boolean } = {},
): Job {
  const { payload }: { payload: (typeof events)[Name]['payload'] } = events[name]
  return defineJob({ name, payload, ...settings, run })
}
