import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { fieldsAt } from '../fields.ts'
import type { ShipInput } from '../parcels.ts'
import { isWhole, shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { callPop } from './client.ts'
import { companyIds } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { tradeDetail } from './trades.ts'

/**
 * pdd.logistics.online.send ships whole orders only. If lines are named, the order is requested first to check that they are all its lines.
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const company = shippingWith(companyIds, input)
  if (input.oids.length > 0 && !isWhole(await tradeDetail(call, input.tid), input.oids))
    throw new PlatformError('rejected', 'parameter', 'This platform ships whole orders only.')
  await shipWith(
    input,
    async () => {
      const { body } = await callPop(call, 'pdd.logistics.online.send', {
        order_sn: input.tid,
        logistics_id: company,
        tracking_number: input.waybillNo,
      })
      if (fieldsAt(body, 'logistics_online_send_response').is_success === false)
        throw new PlatformError('rejected', 'not_done', 'The platform did not ship.')
    },
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, input.tid) },
  )
}

export const shipped = shippedBy(tradeDetail)
