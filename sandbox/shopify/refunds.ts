import type { Refund } from '../world/model.ts'
import { connection, gid, money, numberIn, type Resolver, type ShopifyCall, utc } from './call.ts'

/** A refund has the number that is in the middle of the world's. */
export const refundNumber = ({ id }: Refund): string => (id.split('-')[1] ?? '').replace('r', '')
export const isReturn = ({ kind }: Refund): boolean => kind === 'REFUND_AND_RETURN'

/** What the seller has given back: pieces of lines with their amounts, or an amount alone. */
export function refundObject(refund: Refund, call: ShopifyCall) {
  const { trade, line, fee, num, created, modified, reason } = refund
  const { shop } = trade
  const number = refundNumber(refund)
  return {
    __typename: 'Refund',
    id: gid('Refund', number),
    legacyResourceId: number,
    createdAt: utc(created),
    updatedAt: utc(modified),
    note: reason,
    order: () => call.make.order(trade),
    return: () => (isReturn(refund) ? call.make.return(refund) : null),
    totalRefundedSet: money(shop, fee),
    refundLineItems: connection(
      num === 0
        ? []
        : [
            {
              id: gid('RefundLineItem', `6${line.oid}`),
              quantity: num,
              restockType: line.consigned > 0 ? 'RETURN' : 'CANCEL',
              restocked: true,
              subtotalSet: money(shop, fee),
              totalTaxSet: money(shop, Math.round((fee * 13) / 113)),
              lineItem: () => call.make.line(trade, line),
            },
          ],
    ),
  }
}

export const refund: Resolver = ({ id }, call) => {
  const number = numberIn('Refund', id)
  for (const one of call.shop.refunds.values())
    if (refundNumber(one) === number && one.status === 'SUCCESS') return refundObject(one, call)
  return null
}
