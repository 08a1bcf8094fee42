import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { fieldsAt, isTrueAt, longest, textAt } from '../fields.ts'
import type { ShipInput } from '../parcels.ts'
import { shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { callTop } from './client.ts'
import { companyCodes } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { tradeDetail } from './trades.ts'

/**
 * taobao.logistics.offline.send; for cash on delivery, which that method refuses, taobao.logistics.online.send with the waybill. `sub_tid`
 * with `is_split` ships single lines. The only line of a trade has the trade's number and must not be split.
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const company = shippingWith(companyCodes, input)
  const method = input.cod ? 'taobao.logistics.online.send' : 'taobao.logistics.offline.send'
  await shipWith(
    input,
    async () => {
      const { body } = await callTop(call, method, {
        tid: input.tid,
        company_code: company,
        out_sid: input.waybillNo,
        ...splitOf(input),
        ...featureOf(input),
      })
      const shipping = fieldsAt(body, 'shipping')
      if (!('is_success' in shipping) || isTrueAt(shipping, 'is_success')) return
      throw new PlatformError('rejected', 'not_done', 'The platform did not ship.', {
        requestId: textAt(body, 'request_id', longest.word),
      })
    },
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, input.tid) },
  )
}

/** The parameters that name single lines of a trade; none for a whole trade. */
export function splitOf({ tid, oids }: { tid: string; oids: readonly string[] }): Record<string, string> {
  const isWhole = oids.length === 0 || (oids.length === 1 && oids[0] === tid)
  return isWhole ? {} : { sub_tid: oids.join(','), is_split: '1' }
}

/**
 * `feature` of the shipping methods: `identCode=` the line's number, a colon and its serial numbers with commas between; lines are parted
 * by a bar.
 */
function featureOf({ serials = [] }: ShipInput): { feature?: string } {
  const lines = serials.map(({ oid, numbers }) => `${oid}:${numbers.join(',')}`)
  return lines.length > 0 ? { feature: `identCode=${lines.join('|')}` } : {}
}

export const shipped = shippedBy(tradeDetail)
