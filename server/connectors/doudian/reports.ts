import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { Call, Refund } from '../connector.ts'
import { entryOf } from '../fields.ts'
import type { CancelReport, ReturnReceipt } from '../reports.ts'
import { callFxg } from './client.ts'
import { companyCodes } from './couriers.ts'
import { refundDetail } from './refunds.ts'

const secondsOf = (time: Date) => Math.floor(time.getTime() / secondMs)

/** afterSale/CancelSendGoodsSuccess. There is no call for goods that were not stopped (`stoppedOnly`). */
export async function reportCancel(call: Call, { refundId, failure, at }: CancelReport): Promise<void> {
  if (failure !== null) throw new PlatformError('rejected', 'parameter', '抖店只接受「已取消发货」')
  await reportOnce(call, refundId, 'afterSale/CancelSendGoodsSuccess', { op_time: secondsOf(at) })
}

/** afterSale/returnGoodsToWareHouseSuccess: the platform's assistant then refunds. */
export async function reportReturn(call: Call, receipt: ReturnReceipt): Promise<void> {
  const { refundId, waybillNo, carrier, receivedAt } = receipt
  await reportOnce(call, refundId, 'afterSale/returnGoodsToWareHouseSuccess', {
    op_time: secondsOf(receivedAt),
    tracking_no: waybillNo === '' ? undefined : waybillNo,
    logistics_company_code: entryOf<string | undefined>(companyCodes, carrier),
  })
}

/**
 * The documents do not say what a repeated report is answered. One that is refused was received before if the refund has succeeded, or if the money
 * of goods that did not leave is on its way: the platform has agreed then, and pays without the seller.
 */
async function reportOnce(
  call: Call,
  refundId: string,
  path: string,
  params: Readonly<Record<string, string | number | undefined>>,
): Promise<void> {
  try {
    await callFxg(call, path, { aftersale_id: refundId, ...params })
  } catch (error) {
    if (!(error instanceof PlatformError) || error.kind !== 'rejected') throw error
    const detail = await refundDetail(call, { refundId })
    if (!detail || 'kind' in detail || !isPaid(detail.refund)) throw error
  }
}

const isPaid = ({ status, refundKind }: Refund): boolean =>
  status === 'succeeded' || (status === 'agreed' && refundKind === 'refund_only')
