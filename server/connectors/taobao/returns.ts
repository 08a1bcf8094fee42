import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { isTrueAt, longest, textAt } from '../fields.ts'
import type { ReturnReceipt } from '../reports.ts'
import { callTop } from './client.ts'

/** taobao.nextone.logistics.warehouse.update (AG退货入仓状态写接口). The only warehouse_status is 1, 已入仓. */
export async function reportReturn(call: Call, { refundId }: ReturnReceipt): Promise<void> {
  const { body } = await callTop(call, 'taobao.nextone.logistics.warehouse.update', {
    refund_id: refundId,
    warehouse_status: '1',
  })
  if (isTrueAt(body, 'succeed')) return
  throw new PlatformError(
    'rejected',
    textAt(body, 'err_code', longest.word) || 'not_done',
    textAt(body, 'err_info', longest.name) || 'The platform did not take the receipt.',
    { requestId: textAt(body, 'request_id', longest.word) },
  )
}
