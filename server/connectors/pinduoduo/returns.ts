import type { Call } from '../connector.ts'
import { digitsOf } from '../gateway.ts'
import type { ReturnReceipt } from '../reports.ts'
import { callPop } from './client.ts'
import { companyIds } from './couriers.ts'

/**
 * pdd.nextone.logistics.warehouse.update (退货入库). Its only parameter `request` is JSON. warehouse_status 1: all goods are in order. The time
 * is in seconds. The refund's number is written as digits, because a JavaScript number could not hold all of them.
 */
export async function reportReturn(call: Call, receipt: ReturnReceipt): Promise<void> {
  const company = new Map<string, string>(Object.entries(companyIds)).get(receipt.carrier)
  const rest = JSON.stringify({
    order_sn: receipt.tid,
    operate_time: Math.floor(receipt.receivedAt.getTime() / 1000),
    reverse_tracking_number: receipt.waybillNo,
    ...(company === undefined ? {} : { reverse_logistics_id: Number(company) }),
    warehouse_status: 1,
  })
  const request = `{"after_sales_id":${digitsOf(receipt.refundId)},${rest.slice(1)}`
  await callPop(call, 'pdd.nextone.logistics.warehouse.update', { request })
}
