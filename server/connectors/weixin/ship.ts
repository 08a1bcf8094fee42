import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import type { ShipInput } from '../parcels.ts'
import { shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { callApi } from './client.ts'
import { deliveryIds } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { goodsOfOid } from './fields.ts'
import { tradeDetail } from './trades.ts'

/** deliver_type: a courier of the seller takes the parcel. */
const byCourier = 1

/** order/delivery/send: one parcel with its pieces. An order may have several, in as many calls. */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const delivery_id = shippingWith(deliveryIds, input)
  const product_infos = piecesOf(input)
  await shipWith(
    input,
    () =>
      callApi(call, 'order/delivery/send', {
        order_id: input.tid,
        delivery_list: [{ delivery_id, waybill_id: input.waybillNo, deliver_type: byCourier, product_infos }],
      }),
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, input.tid) },
  )
}

/** The pieces of the parcel by product and SKU. A gift of a SKU that was also bought is in the same row. */
export function piecesOf({ goods = [] }: Pick<ShipInput, 'goods'>) {
  const pieces = new Map<string, { product_id: string; sku_id: string; product_cnt: number }>()
  for (const { oid, quantity } of goods) {
    const of = goodsOfOid(oid)
    const key = `${of.product_id} ${of.sku_id}`
    pieces.set(key, { ...of, product_cnt: (pieces.get(key)?.product_cnt ?? 0) + quantity })
  }
  if (pieces.size === 0)
    throw new PlatformError('rejected', 'parameter', 'This platform wants the pieces of a parcel.')
  return [...pieces.values()]
}

export const shipped = shippedBy(tradeDetail)
