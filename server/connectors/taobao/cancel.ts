import { PlatformError } from '../../lib/platform-error.ts'
import { toChinaTime } from '../../lib/time.ts'
import type { Call } from '../connector.ts'
import { fieldsAt, isTrueAt, longest, textAt } from '../fields.ts'
import { digitsOf } from '../gateway.ts'
import type { CancelFailure, CancelReport } from '../reports.ts'
import { callTop } from './client.ts'

const words: Readonly<Record<CancelFailure, string>> = {
  not_synced: '订单未同步，无法取消发货',
  shipped: '订单已发货，无法取消发货',
  waybill_printed: '面单已打印，无法取消发货',
}

/**
 * taobao.rdc.aligenius.sendgoods.cancel, for refunds without return of goods that are not shipped. Its only parameter is JSON with 64-bit
 * numbers, which are written as digits.
 */
export async function reportCancel(call: Call, report: CancelReport): Promise<void> {
  const { refundId, tid, oid, amountFen, failure, at } = report
  const fields = [
    `"refund_id":${digitsOf(refundId)}`,
    `"tid":${digitsOf(tid)}`,
    ...(oid === '' ? [] : [`"oid":${digitsOf(oid)}`]),
    `"refund_fee":${amountFen}`,
    `"status":"${failure === null ? 'SUCCESS' : 'FAIL'}"`,
    `"operate_time":"${toChinaTime(at)}"`,
    ...(failure === null ? [] : [`"msg":${JSON.stringify(words[failure])}`]),
  ]
  const { body } = await callTop(call, 'taobao.rdc.aligenius.sendgoods.cancel', {
    param: `{${fields.join(',')}}`,
  })
  const result = fieldsAt(body, 'result')
  if (!('success' in result) || isTrueAt(result, 'success')) return
  throw new PlatformError(
    'rejected',
    textAt(result, 'error_code', longest.word) || 'not_done',
    textAt(result, 'error_info', longest.name),
    { requestId: textAt(body, 'request_id', longest.word) },
  )
}
