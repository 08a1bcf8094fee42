import { sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { Call, Trade } from '../connector.ts'
import type { ShipInput } from '../parcels.ts'
import { isWhole, shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { sendWoo } from './client.ts'
import { courierNames } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { pathOf } from './fields.ts'
import { noteForBuyer } from './notes.ts'
import { withParcel } from './tracking.ts'
import { orderOf, tradeDetail } from './trades.ts'
import { trackingKey } from './unverified.ts'

/**
 * Completes the order and writes its waybill in one call. The platform lets any status follow any other, also that of an order whose money was given back: so the
 * order is read first. Then the buyer gets a note, because a lost answer to the last call is found by the order, and a note would not be.
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const courier = shippingWith(courierNames, input)
  const { tid, oids, waybillNo } = input
  await shipWith(
    input,
    async () => {
      const { order, detail } = await orderOf(call, tid)
      if (oids.length > 0 && !isWhole(detail, oids))
        throw new PlatformError('rejected', 'parameter', 'This platform ships whole orders only.')
      if (!('trade' in detail) || !mayLeave(detail.trade, oids))
        throw new PlatformError('rejected', 'not_done', 'The order may not be shipped now.')
      await noteForBuyer(call, tid, { courier, waybillNo })
      const value = withParcel(order, { courier, waybillNo, at: call.now?.() ?? sharedNow() })
      await sendWoo(call, 'PUT', pathOf(tid), {
        status: 'completed',
        meta_data: [{ key: trackingKey, value }],
      })
    },
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, tid) },
  )
}

const mayLeave = ({ status, lines }: Trade, oids: readonly string[]): boolean =>
  status === 'paid' &&
  lines.some((line) => line.status === 'paid') &&
  lines.every((line) => line.status === 'paid' || !oids.includes(line.oid))

export const shipped = shippedBy(tradeDetail)
