import { PlatformError } from '../../lib/platform-error.ts'
import type { RefundBrief } from '../asking.ts'
import type { Call } from '../connector.ts'
import { entryOf, fieldsAt, idAt, isFields, listAt, longest, textAt, wordAt } from '../fields.ts'
import { digitsOf } from '../gateway.ts'
import { callTop } from './client.ts'
import { refundStatusOf } from './statuses.ts'

/** taobao.refund.status.get: returns the last refund of each line of the trade that has one. */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  const { body } = await callTop(call, 'taobao.refund.status.get', {
    query_param: `{"biz_order_id":${digitsOf(tid)}}`,
  })
  const answer = body.result_package
  if (!isFields(answer)) throw new PlatformError('retry', 'bad_answer', 'The answer says nothing of refunds.')
  const code = textAt(answer, 'error_code', longest.word)
  if (code !== '') throw new PlatformError('rejected', code, textAt(answer, 'error_msg', longest.name))
  return listAt(answer, 'result_list', 'query_refund_status_response').map((value) => {
    const fields = isFields(value) ? value : fieldsAt({}, '')
    const refundId = idAt(fields, 'refund_id')
    // Without the refund's number its detail cannot be requested, and the trade must not count as a trade without refunds.
    if (refundId === '') throw new PlatformError('retry', 'bad_answer', 'A refund has no number.')
    const status = entryOf(refundStatusOf, wordAt(fields, 'status')) ?? 'unknown'
    return { refundId, oid: idAt(fields, 'oid'), status }
  })
}
