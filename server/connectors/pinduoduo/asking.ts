import { PlatformError } from '../../lib/platform-error.ts'
import type { RefundInquiry } from '../asking.ts'
import type { Call } from '../connector.ts'
import { idAt, isFields, listAt } from '../fields.ts'
import { callPop } from './client.ts'

/** The documents do not limit the orders of a call. A page of the platform's lists has a hundred. */
const most = 100

/** The platform's refund lists may be minutes late. This call answers with the present state and is allowed 2,500 times a minute. */
export const asking: RefundInquiry = { trades: { most, withRefunds } }

/** pdd.refund.status.check: returns those of these orders that have an after-sales case. */
async function withRefunds(call: Call, tids: readonly string[]): Promise<string[]> {
  if (tids.length === 0) return []
  const { body } = await callPop(call, 'pdd.refund.status.check', { order_sns: tids.join(',') })
  const answer = body.refund_status_check_response
  if (!isFields(answer))
    throw new PlatformError('retry', 'bad_answer', 'The answer says nothing of after-sales cases.')
  const asked = new Set(tids)
  return listAt(answer, 'order_sns_exists_refund', '').map((value) => {
    const tid = isFields(value) ? idAt(value, 'order_sn') : ''
    if (!asked.has(tid)) throw new PlatformError('retry', 'bad_answer', 'It names an order nobody asked for.')
    return tid
  })
}
