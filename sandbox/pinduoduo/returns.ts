import { takeReceipt } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import { business, missing, type PopMethod } from './call.ts'

/** pdd.nextone.logistics.warehouse.update: all parameters are in one, as JSON; warehouse_status 1 is 成功, 2 失败. */
export const warehouseUpdate: PopMethod = (call) => {
  const text = call.params.get('request') ?? ''
  if (text === '') return missing('request')
  const given = (name: string) => new RegExp(`"${name}"\\s*:\\s*"?([^",}]*)`).exec(text)?.[1] ?? ''
  for (const name of ['after_sales_id', 'order_sn', 'operate_time', 'warehouse_status'])
    if (given(name) === '') return missing(name)
  if (!['1', '2'].includes(given('warehouse_status'))) return business('50001', 'warehouse_status不合法')
  const refund = call.shop.refunds.get(given('after_sales_id'))
  if (refund === undefined || refund.trade.tid !== given('order_sn')) return business('50001', '售后单不存在')
  const { world } = call.sandbox
  const problem = given('warehouse_status') === '1' ? takeReceipt(world, refund) : undefined
  recordActivity(world, call.shop, {
    action: 'receive-return',
    key: refund.id,
    accepted: problem === undefined,
    detail: {
      waybill: given('reverse_tracking_number'),
      ...(problem === undefined ? {} : { error: problem }),
    },
  })
  if (problem !== undefined) return business('50001', problem)
  return {
    root: 'response',
    inner: `"result":{"after_sales_id":${refund.id},"order_sn":"${refund.trade.tid}"}`,
  }
}
