import { sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import type { ShipInput } from '../parcels.ts'
import { shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { askXiaohongshu, type Params } from './client.ts'
import { companyCodes } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { orderDetail } from './trades.ts'

/** order.orderDeliver: the whole order, or with `unpack` one of its parcels. */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const expressCompanyCode = shippingWith(companyCodes, input)
  const { tid, oids, waybillNo } = input
  const goods = oids.length === 0 ? { unpack: false } : await unpacked(call, input)
  const deliveringTime = (call.now?.() ?? sharedNow()).getTime()
  const parcel = { orderId: tid, expressNo: waybillNo, expressCompanyCode, deliveringTime, ...goods }
  await shipWith(input, () => askXiaohongshu(call, 'order.orderDeliver', parcel), {
    meaningOf: shipFailureOf,
    look: () => orderDetail(call, tid),
  })
}

/** A parcel names SKUs, whose pieces all go with it. So a line cannot leave without another one of its SKU, such as a gift. */
async function unpacked(call: Call, { tid, oids }: ShipInput): Promise<Params> {
  const detail = await orderDetail(call, tid)
  const lines = detail && 'trade' in detail ? detail.trade.lines : []
  const skuIdList = [
    ...new Set(lines.filter(({ oid }) => oids.includes(oid)).map(({ skuId }) => skuId)),
  ].filter(Boolean)
  const together = lines.filter(({ skuId }) => skuIdList.includes(skuId))
  if (skuIdList.length === 0 || together.some(({ oid }) => !oids.includes(oid)))
    throw new PlatformError('rejected', 'parameter', 'All goods of a SKU leave in one parcel here.')
  return { unpack: true, skuIdList }
}

export const shipped = shippedBy(orderDetail)
