import type { RefundRef } from './connector.ts'
import type { ShipInput } from './parcels.ts'

// What a platform is told of goods, so that it refunds by itself.

/** Why what was to be stopped is shipped all the same: we never had the trade, it has left, or its waybill is printed. */
export type CancelFailure = 'not_synced' | 'shipped' | 'waybill_printed'
/** `failure` null: nothing was shipped and nothing will be. `at`: when that was decided. */
export type CancelReport = RefundRef & { amountFen: number; failure: CancelFailure | null; at: Date }

/** What arrived, whole. `carrier` is a code of couriers.ts, or whatever the platform called it. */
export type ReturnReceipt = Omit<ShipInput, 'oids' | 'cod'> & { refundId: string; receivedAt: Date }
