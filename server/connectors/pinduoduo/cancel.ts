import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { fieldsAt, longest, textAt } from '../fields.ts'
import { digitsOf } from '../gateway.ts'
import type { CancelFailure, CancelReport } from '../reports.ts'
import { callPop } from './client.ts'

const codes: Readonly<Record<CancelFailure, number>> = {
  not_synced: 1001,
  shipped: 1002,
  waybill_printed: 1003,
}

/** pdd.rdc.pddgenius.sendgoods.cancel, for refunds without return of goods that are not shipped. Its only parameter is JSON. */
export async function reportCancel(call: Call, report: CancelReport): Promise<void> {
  const { refundId, tid, amountFen, failure, at } = report
  const fields = [
    `"refund_id":${digitsOf(refundId)}`,
    `"tid":${JSON.stringify(tid)}`,
    `"refund_fee":${amountFen}`,
    `"status":"${failure === null ? 'SUCCESS' : 'FAIL'}"`,
    `"operate_time":${at.getTime()}`,
    ...(failure === null ? [] : [`"fail_reason_code":${codes[failure]}`]),
  ]
  const { body } = await callPop(call, 'pdd.rdc.pddgenius.sendgoods.cancel', {
    param: `{${fields.join(',')}}`,
  })
  const result = fieldsAt(fieldsAt(body, 'rdc_pddgenius_sendgoods_cancel_response'), 'result')
  if (result.success !== false) return
  throw new PlatformError(
    'rejected',
    textAt(result, 'error_code', longest.word) || 'not_done',
    textAt(result, 'error_msg', longest.name),
  )
}
