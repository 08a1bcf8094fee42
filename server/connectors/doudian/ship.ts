import { createHash } from 'node:crypto'
import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import type { ShipInput } from '../parcels.ts'
import { shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { callFxg } from './client.ts'
import { companyCodes } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { tradeDetail } from './trades.ts'

/**
 * order/logisticsAddMultiPack: one parcel with its pieces. After the first success the platform does nothing more for a request_id; the
 * request_id is made of the parcel, so that a parcel that is sent again after a lost answer has the same. is_reject_refund false: goods whose
 * refund is open stay.
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const company = shippingWith(companyCodes, input)
  const { tid, waybillNo, goods = [], serials = [] } = input
  if (goods.length === 0)
    throw new PlatformError('rejected', 'parameter', 'This platform wants the pieces of a parcel.')
  const pack = {
    company_code: company,
    logistics_code: waybillNo,
    shipped_order_info: goods.map(({ oid, quantity }) => ({ shipped_order_id: oid, shipped_num: quantity })),
  }
  const numbers = serials.flatMap((line) => line.numbers)
  await shipWith(
    input,
    () =>
      callFxg(call, 'order/logisticsAddMultiPack', {
        order_id: tid,
        pack_list: [pack],
        request_id: requestIdOf(input),
        is_reject_refund: false,
        serial_number_list: numbers.length > 0 ? numbers : undefined,
      }),
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, tid) },
  )
}

function requestIdOf({ tid, waybillNo, goods = [] }: ShipInput): string {
  const parts = [tid, waybillNo, ...goods.map(({ oid, quantity }) => `${oid} ${quantity}`)]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)
}

export const shipped = shippedBy(tradeDetail)
