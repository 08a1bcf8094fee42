import type { RefundRef } from './connector.ts'
import type { ShipInput } from './parcels.ts'

// The facts about goods that we report to a platform, so that it refunds automatically.

/** The reason why goods were not stopped: we do not have the trade, the goods are shipped, or the waybill is printed. */
export type CancelFailure = 'not_synced' | 'shipped' | 'waybill_printed'
/** `failure` null: the goods are stopped and will not be shipped. `at`: time of that decision. */
export type CancelReport = RefundRef & { amountFen: number; failure: CancelFailure | null; at: Date }

/** The receipt of all goods of a return. `carrier` is a code of couriers.ts, or the platform's own name of the courier. */
export type ReturnReceipt = Omit<ShipInput, 'oids' | 'cod'> & { refundId: string; receivedAt: Date }
