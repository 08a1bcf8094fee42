import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { digitsOf } from '../gateway.ts'
import type { ShipInput } from '../parcels.ts'
import { isWhole, shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { askJd } from './client.ts'
import { companyNumbers } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { tradeDetail } from './trades.ts'

/**
 * jingdong.pop.order.shipment takes whole orders only. If lines are named, the order is requested first to check that they are all its lines.
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const logiCoprId = shippingWith(await companyNumbers(call, input.carrier), input)
  const { tid, oids, waybillNo } = input
  if (oids.length > 0 && !isWhole(await tradeDetail(call, tid), oids))
    throw new PlatformError('rejected', 'parameter', 'This platform ships whole orders only.')
  await shipWith(
    input,
    () =>
      askJd(
        call,
        'jingdong.pop.order.shipment',
        { orderId: digitsOf(tid), logiCoprId, logiNo: waybillNo },
        'sopjosshipment_result',
      ),
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, tid) },
  )
}

export const shipped = shippedBy(tradeDetail)
