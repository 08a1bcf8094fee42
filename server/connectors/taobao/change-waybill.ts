import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { fieldsAt, isTrueAt, longest, textAt } from '../fields.ts'
import type { ChangeInput } from '../parcels.ts'
import { changeWith, shippingWith } from '../shipping.ts'
import { callTop } from './client.ts'
import { companyCodes } from './couriers.ts'
import { splitOf } from './ship.ts'
import { tradeDetail } from './trades.ts'
import { changeFailureOf } from './unverified.ts'

/**
 * taobao.logistics.consign.resend, which names the parcel by its trade or its lines and no former waybill. It takes a number again that the
 * parcel has already.
 */
export async function changeWaybill(call: Call, input: ChangeInput): Promise<void> {
  const company = shippingWith(companyCodes, input)
  await changeWith(
    input,
    async () => {
      const { body } = await callTop(call, 'taobao.logistics.consign.resend', {
        tid: input.tid,
        company_code: company,
        out_sid: input.waybillNo,
        ...splitOf(input),
      })
      const shipping = fieldsAt(body, 'shipping')
      if (!('is_success' in shipping) || isTrueAt(shipping, 'is_success')) return
      throw new PlatformError('rejected', 'not_done', 'The platform did not change the waybill.', {
        requestId: textAt(body, 'request_id', longest.word),
      })
    },
    { meaningOf: changeFailureOf, look: () => tradeDetail(call, input.tid) },
  )
}
