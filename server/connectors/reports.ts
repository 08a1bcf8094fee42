import type { RefundRef } from './connector.ts'
import type { ShipInput } from './parcels.ts'

/** Why goods were not stopped: we do not have the trade, the goods are shipped, or the waybill is printed. */
export type CancelFailure = 'not_synced' | 'shipped' | 'waybill_printed'
/** `failure` null: the goods are stopped and will not be shipped. `at`: the time of that decision. */
export type CancelReport = RefundRef & { amountFen: number; failure: CancelFailure | null; at: Date }

/** The receipt of all goods of a return. `carrier`: a code of couriers.ts, or the platform's own name of the courier. */
export type ReturnReceipt = Omit<ShipInput, 'oids' | 'cod'> & { refundId: string; receivedAt: Date }
