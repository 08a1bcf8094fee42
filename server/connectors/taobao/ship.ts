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
  const isWhole = input.oids.length === 0 || (input.oids.length === 1 && input.oids[0] === input.tid)
  const split = isWhole ? {} : { sub_tid: input.oids.join(','), is_split: '1' }
  await shipWith(
    input,
    async () => {
      const { body } = await callTop(call, method, {
        tid: input.tid,
        company_code: company,
        out_sid: input.waybillNo,
        ...split,
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

export const shipped = shippedBy(tradeDetail)
