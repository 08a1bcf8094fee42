import { minuteMs, secondMs } from '../../lib/time.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/** How late a list may show a change: an order is stored before its checkout has ended. */
export const listLagMs = 30 * secondMs

/** By how much the clock of a seller's server may differ from ours. */
export const clockMs = 5 * minuteMs

/** The author of notes that no person wrote. Requests of clients count among them unless `added_by_user` is set. */
export const systemAuthors: ReadonlySet<string> = new Set(['', 'woocommerce', 'system'])

/**
 * WooCommerce itself has no field for a waybill. Two plugins, Shipment Tracking and Advanced Shipment Tracking, keep numbers in this field of the order; where
 * neither is there, the field is kept and shown nowhere, which is why the buyer gets a note too.
 */
export const trackingKey = '_wc_shipment_tracking_items'

/** The line of the order that a line of a refund is of. */
export const refundedLineKey = '_refunded_item_id'
