import type { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { type CourierNames, courierCodes, couriers } from '../couriers.ts'
import { entryOf } from '../fields.ts'
import type { ShipFailure, ShipInput } from '../parcels.ts'
import { tradeDetail } from '../posted/trades.ts'
import { shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { deliveryOf, sendEvent } from './client.ts'

/** A mall gets our own codes, with the names beside them. */
export const carriers: CourierNames = Object.fromEntries(couriers.map(({ code }) => [code, code]))

/** One event for each parcel, with its pieces. */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const courier = shippingWith(carriers, input)
  const { tid, oids, waybillNo, goods = [], serials = [] } = input
  const data = {
    ...{ tid, oids, courier, courierName: courierCodes[courier]?.zh ?? courier, waybillNo },
    goods: goods.map(({ oid, quantity }) => ({ oid, quantity })),
    serials: serials.map(({ oid, numbers }) => ({ oid, numbers })),
  }
  const event = { name: 'trade.shipped', data, delivery: deliveryOf('trade.shipped', data) }
  await shipWith(input, () => sendEvent(call, event), {
    meaningOf,
    look: () => tradeDetail(call, tid),
  })
}

/** The codes of a refusal that name the mistake. After any other code the books are looked at: the parcel may have been sent before. */
const meanings: Readonly<Record<string, ShipFailure>> = {
  courier_code: 'courier_code',
  waybill_invalid: 'waybill_invalid',
  refund_open: 'refund_open',
  parameter: 'parameter',
  trade_not_found: 'other',
}

const meaningOf = (error: PlatformError): ShipFailure | undefined => entryOf(meanings, error.code)

export const shipped = shippedBy(tradeDetail)
