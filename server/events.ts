import Type, { type Static, type TSchema } from 'typebox'
import type { Tx } from './core/db/db.ts'
import { defineJob, type EnqueueOptions, enqueue, type Job, type JobContext } from './core/jobs/job.ts'

// The events between slices, with payload, senders and receiver. A slice sends an event in the transaction of the change that causes it.
// The receiver handles it a moment later in its own transaction, at least once. Names never change, because queues store them.

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
  /** Pieces of these SKUs became available in the warehouse, and backorders wait for them. */
  'inventory.fill': event(Type.Object({ warehouseId: text, skuIds: texts }), {
    senders: ['server/inventory/stock.ts', 'server/inventory/jobs.ts'],
    receiver: 'server/inventory/jobs.ts',
  }),
  /** The period of a stock freeze begins or ends; the event is enqueued for that time, and again while the freeze lacks pieces. */
  'inventory.lock_window': event(Type.Object({ documentId: text }), {
    senders: ['server/inventory/documents/documents.ts', 'server/inventory/documents/locks.ts'],
    receiver: 'server/inventory/jobs.ts',
  }),
  /**
   * Listings were matched. `fromSkuIds`: the SKUs that they were matched with before. Order lines without a SKU get the new SKU. Order
   * lines with a former SKU get the new SKU unless they have reserved pieces.
   */
  'orders.listings_matched': event(Type.Object({ listingIds: texts, fromSkuIds: Type.Optional(texts) }), {
    senders: ['server/catalog/listings/match.ts'],
    receiver: 'server/orders/allocation/goods-jobs.ts',
  }),
  /** New orders have a line without a SKU. Its listing may have been matched while the order was created. */
  'orders.unmatched': event(Type.Object({ orderIds: texts }), {
    senders: ['server/orders/allocation/goods-jobs.ts'],
    receiver: 'server/orders/allocation/goods-jobs.ts',
  }),
  /**
   * Backorders of these orders were reserved, which changes the orders' allocation state. The orders are updated in a transaction of their
   * own, because orders must be locked before stock.
   */
  'orders.filled': event(Type.Object({ orderIds: texts }), {
    senders: ['server/orders/allocation/goods-jobs.ts'],
    receiver: 'server/orders/allocation/goods-jobs.ts',
  }),
  /** Trades that were converted unpaid are paid. `at`: the time of the payment. `orderId`: the order of the trade; the orders split from it are paid too. */
  'orders.trades_paid': event(Type.Object({ paid: Type.Array(Type.Object({ orderId: text, at: text })) }), {
    senders: ['server/intake/trades/changes.ts'],
    receiver: 'server/orders/create/pay.ts',
  }),
  /** Released orders were voided, so their deliveries are cancelled. */
  'fulfilment.orders_voided': event(Type.Object({ orderIds: texts }), {
    senders: ['server/orders/status/void.ts'],
    receiver: 'server/fulfilment/jobs.ts',
  }),
  /** Refunds removed lines from a released order. The goods may have been picked already. `source`: the name of the change. */
  'fulfilment.goods_off': event(
    Type.Object({
      orderId: text,
      source: text,
      lines: Type.Array(Type.Object({ lineNo: Type.Integer(), quantity: Type.Integer() })),
    }),
    { senders: ['server/orders/allocation/goods-refunds.ts'], receiver: 'server/fulfilment/jobs.ts' },
  ),
  /**
   * A trade left the parcel of these deliveries, and the parcel's waybill number was given back. The deliveries get another number for the
   * goods that remain.
   */
  'fulfilment.number_lost': event(Type.Object({ deliveryIds: texts }), {
    senders: ['server/fulfilment/parcels.ts'],
    receiver: 'server/fulfilment/jobs.ts',
  }),
  /** Trades were finished on the platform, so their orders are completed. */
  'fulfilment.trades_finished': event(Type.Object({ orderIds: texts }), {
    senders: ['server/intake/trades/changes.ts'],
    receiver: 'server/fulfilment/jobs.ts',
  }),
  /** The waybills that platforms show for trades with a parcel whose waybill is being changed (改运单). The change may be done there already. */
  'fulfilment.waybills_shown': event(
    Type.Object({ shown: Type.Array(Type.Object({ shopId: text, tid: text, waybills: texts })) }),
    { senders: ['server/intake/trades/shown-waybills.ts'], receiver: 'server/fulfilment/jobs.ts' },
  ),
  /** Shipping was undone, so returns that waited for these goods are voided. */
  'fulfilment.unshipped': event(Type.Object({ orderIds: texts }), {
    senders: ['server/fulfilment/shipping/unship.ts'],
    receiver: 'server/returns/jobs.ts',
  }),
  /** A return or an unclaimed parcel has got this waybill, so one of each may belong together. */
  'returns.match_parcels': event(Type.Object({ waybillNo: text }), {
    senders: ['server/returns/create.ts'],
    receiver: 'server/returns/jobs.ts',
  }),
  /** The return of an exchange was voided, or its refund is no exchange any more. `orderId`: the exchange order, which is put on hold. `no`: number of the return. */
  'returns.stop_exchange': event(Type.Object({ orderId: text, no: text }), {
    senders: ['server/returns/transition.ts', 'server/returns/following/follow.ts'],
    receiver: 'server/returns/jobs.ts',
  }),
  /** A setting of the shop changed that decides which staged trades can be converted, so their reasons are updated. */
  'intake.recheck': event(Type.Object({ shopId: text }), {
    senders: ['server/shops/shops.ts'],
    receiver: 'server/intake/jobs.ts',
  }),
  /**
   * An off-platform order with this trade number was voided, so the platform's trade is no duplicate any more. `convertBy`: the user for
   * whom the trade is converted at once; undefined: the trade stays staged.
   */
  'intake.number_freed': event(Type.Object({ shopId: text, tids: texts, convertBy: Type.Optional(actor) }), {
    senders: ['server/orders/status/void.ts', 'server/intake/trades/duplicates.ts'],
    receiver: 'server/flows/jobs.ts',
  }),
  /**
   * The platform shows goods of these orders as shipped under the waybill. Where it is the waybill of our pending delivery, the parcel is
   * ours: the database was restored from a backup that is older than the shipping, or a person shipped on the platform's own pages.
   */
  'flows.shown_shipped': event(
    Type.Object({ shown: Type.Array(Type.Object({ orderId: text, waybillNo: text })) }),
    { senders: ['server/intake/trades/changes.ts'], receiver: 'server/flows/jobs.ts' },
  ),
  /** Printed parcels of these orders will not leave. The cancel report is sent again if the shop wants it. */
  'intake.printed_given_up': event(Type.Object({ orderIds: texts }), {
    senders: ['server/fulfilment/shipping/release.ts'],
    receiver: 'server/intake/jobs.ts',
  }),
  /**
   * Intercepts of these orders ended in `state`. Returns are created or changed. The cancel report is sent if the shop wants it, but not
   * for the state `lifted`.
   */
  'intake.intercept_ended': event(
    Type.Object({ orderIds: texts, state: Type.Optional(text), by: Type.Optional(actor) }),
    { senders: ['server/fulfilment/intercepts/intercepts.ts'], receiver: 'server/intake/jobs.ts' },
  ),
}

type EventName = keyof typeof events
type EventPayload<Name extends EventName> = Static<(typeof events)[Name]['payload']>

export function sendEvent<Name extends EventName>(
  tx: Tx,
  name: Name,
  payloads: readonly EventPayload<Name>[],
  options: EnqueueOptions = {},
): Promise<void> {
  return enqueue(tx, name, payloads, options)
}

/** Defines the receiver of an event. It runs only if `worker.ts` lists it. */
export function receiveEvent<Name extends EventName>(
  name: Name,
  run: (context: JobContext, payloads: readonly EventPayload<Name>[]) => Promise<void>,
  settings: { unique?: boolean } = {},
): Job {
  const { payload }: { payload: (typeof events)[Name]['payload'] } = events[name]
  return defineJob({ name, payload, ...settings, run })
}
