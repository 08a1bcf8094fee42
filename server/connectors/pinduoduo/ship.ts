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
        ...featureOf(input),
      })
      if (fieldsAt(body, 'logistics_online_send_response').is_success === false)
        throw new PlatformError('rejected', 'not_done', 'The platform did not ship.')
    },
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, input.tid) },
  )
}

/**
 * `feature` of pdd.logistics.online.send: `imei=` and `deviceSn=`, each with its numbers, commas between them and a semicolon after. A number
 * under the wrong name is refused (`PddLogisticsOnlineSendRequest` of the platform's own Java SDK).
 */
function featureOf({ serials = [] }: ShipInput): { feature?: string } {
  const numbers = serials.flatMap((line) => line.numbers)
  const named = { imei: numbers.filter(isImei), deviceSn: numbers.filter((number) => !isImei(number)) }
  const feature = Object.entries(named).map(([name, some]) =>
    some.length > 0 ? `${name}=${some.join(',')};` : '',
  )
  return numbers.length > 0 ? { feature: feature.join('') } : {}
}

/** An IMEI has fifteen digits, the last of which is the Luhn check digit of the others (3GPP TS 23.003, annex B). */
function isImei(number: string): boolean {
  if (!/^\d{15}$/.test(number)) return false
  const sum = [...number].reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

export const shipped = shippedBy(tradeDetail)
