import { PlatformError } from '../../lib/platform-error.ts'
import type { JsonValue } from '../../wire/canonical-json.ts'
import type { Call } from '../connector.ts'
import type { ParcelGoods, ShipInput } from '../parcels.ts'
import { shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { sendToKuaishou } from './client.ts'
import { expressCodes } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { numberOf } from './fields.ts'
import { type Goods, giftsIn, goodsOf } from './lines.ts'
import { orderOf } from './orders.ts'
import { tradeDetail } from './trades.ts'
import { deliveryStatus } from './unverified.ts'

/**
 * A whole order without gifts is sent with open.seller.order.goods.deliver, which takes serial numbers. Everything else is a parcel with pieces of the
 * order and of its gifts, of which there may be several.
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const express = { expressCode: Number(shippingWith(expressCodes, input)), expressNo: input.waybillNo }
  const { tid, oids, goods = [] } = input
  if (goods.length === 0)
    throw new PlatformError('rejected', 'parameter', 'This platform wants the pieces of a parcel.')
  const isPlain = oids.length === 0 && goods.length === 1 && goods[0]?.oid === tid
  await shipWith(
    input,
    () => (isPlain ? shipWhole(call, input, express) : shipPieces(call, input, express)),
    {
      meaningOf: shipFailureOf,
      look: () => tradeDetail(call, tid),
    },
  )
}

type Express = { expressCode: number; expressNo: string }

async function shipWhole(call: Call, { tid, serials = [] }: ShipInput, express: Express): Promise<void> {
  const numbers = serials.flatMap((line) => line.numbers)
  const named = (is: boolean) => numbers.filter((number) => /^\d{15}$/.test(number) === is)
  await sendToKuaishou(call, 'open.seller.order.goods.deliver', {
    orderId: numberOf(tid),
    ...express,
    ...(named(true).length > 0 ? { imeiList: named(true) } : {}),
    ...(named(false).length > 0 ? { serialNumberList: named(false) } : {}),
  })
}

/**
 * open.order.goods.split.deliver says for each number whether pieces are left. For a part of the order the platform is asked first; it
 * knows no parcel again, so one that it shows already is not sent.
 */
async function shipPieces(call: Call, input: ShipInput, express: Express): Promise<void> {
  const { tid, oids, waybillNo, goods = [] } = input
  const known = oids.length === 0 ? undefined : await goodsNow(call, tid)
  const isAmong = (shown: readonly string[] = []) =>
    shown.some((one) => one.toUpperCase() === waybillNo.toUpperCase())
  if (goods.some(({ oid }) => isAmong(known?.get(oid)?.unsure)))
    throw new PlatformError(
      'rejected',
      'unreadable',
      'The platform shows this number, but not whether its pieces have left.',
    )
  if (goods.every(({ oid }) => isAmong(known?.get(oid)?.waybills)))
    throw new PlatformError('rejected', 'already', 'The platform shows this parcel already.')
  await sendToKuaishou(call, 'open.order.goods.split.deliver', {
    mainOrderId: numberOf(tid),
    deliveryItemInfoList: [
      {
        deliveryGoodsInfoList: goods.map(
          ({ oid, quantity }): JsonValue => ({ oid: numberOf(oid), deliveryNum: quantity }),
        ),
        ...express,
      },
    ],
    deliveryStatus: goods.map(
      (one): JsonValue => ({
        oid: numberOf(one.oid),
        confirmDeliveryStatus: isLast(one, known?.get(one.oid)) ? deliveryStatus.whole : deliveryStatus.part,
      }),
    ),
  })
}

/** Without an answer of the platform the parcel is the whole order. */
const isLast = ({ quantity }: ParcelGoods, now: Goods | undefined): boolean =>
  now === undefined || now.sent + quantity >= now.quantity

async function goodsNow(call: Call, tid: string): Promise<Map<string, Goods>> {
  const { order } = await orderOf(call, tid)
  return new Map(goodsOf(order, tid, giftsIn(order, []), []).map((goods) => [goods.oid, goods]))
}

export const shipped = shippedBy(tradeDetail)
