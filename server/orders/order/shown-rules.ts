import { type OrderFacts, presaleUntilOf } from './lifecycle.ts'

/** What a page shows of an order, in its list or its drawer; times are `Date`, or ISO 8601 text in the browser. */
type ShownOrder = Pick<OrderFacts, 'status' | 'openHolds' | 'cod' | 'openProblems'> & {
  paidAt: Date | string | null
  writtenBackAt: Date | string | null
  shipAfter: Date | string | null
  paymentFen: number
  refundedFen: number
  quantity: number
  refundedQuantity: number
  short: boolean
  unmatched: boolean
  unasked: boolean
}

/** True if nothing of the order is left to ship: all of its money, or all of its goods, went back. */
const isRefundedWhole = ({ paymentFen, refundedFen, quantity, refundedQuantity }: ShownOrder): boolean =>
  (paymentFen > 0 && refundedFen >= paymentFen) || refundedQuantity >= quantity

/**
 * Returns the facts by which an event of a shown order is decided, as the lock reads them (`columns` of `queries.ts`). `lockedByOther`: the
 * name of another user who has the edit lock; the list does not know it and passes the empty text.
 */
export function factsOfShown(
  order: ShownOrder,
  { lockedByOther, cameBack = false, now }: { lockedByOther: string; cameBack?: boolean; now: Date },
): OrderFacts {
  const { status, openHolds, cod, openProblems } = order
  return {
    ...{ status, openHolds, cod, openProblems, lockedByOther, cameBack },
    paid: order.paidAt !== null,
    refundedWhole: isRefundedWhole(order),
    putBack: order.quantity === 0,
    writtenBack: order.writtenBackAt !== null,
    short: order.short || order.unmatched || order.unasked,
    presaleUntil: presaleUntilOf(order.shipAfter, now),
  }
}
