export type OrderMoney = {
  goodsFen: number
  /** Discount of the order; negative if the seller asked for more than the goods' price. */
  discountFen: number
  postFeeFen: number
  dueFen: number
  paidFen: number
  unpaidFen: number
  /** Sum of the platform refunds that count and of the approved extra refunds. */
  refundedFen: number
  receivedFen: number
  /** The platform's subsidy for the whole trade. It is part of none of the other amounts. */
  subsidyFen: number
  /** The sums that do not equal their parts, each with the difference; empty if all are consistent. */
  gaps: { of: 'due' | 'refunded' | 'received'; fen: number }[]
}

type Facts = {
  goodsFen: number
  discountFen: number
  postFeeFen: number
  paymentFen: number
  subsidyFen: number
  refundedFen: number
  /** `isPaid` of the order. */
  paid: boolean
  refunds: readonly { countedFen: number }[]
  extraRefunds: readonly { status: string; amountFen: number }[]
}

/**
 * 应付 = 商品 − 优惠 + 运费 = 已付 + 未付, and 已付 − 已退 = 实收. Cash on delivery counts as unpaid until the order is completed; an unpaid presale order
 * is unpaid as a whole.
 */
export function moneyOf(facts: Facts): OrderMoney {
  const { goodsFen, discountFen, postFeeFen, subsidyFen, paymentFen: dueFen } = facts
  const paidFen = facts.paid ? dueFen : 0
  const counted = facts.refunds.reduce((sum, { countedFen }) => sum + countedFen, 0)
  const extra = facts.extraRefunds
    .filter(({ status }) => status === 'approved')
    .reduce((sum, { amountFen }) => sum + amountFen, 0)
  const refundedFen = facts.refundedFen + extra
  const receivedFen = paidFen - refundedFen
  const gaps: OrderMoney['gaps'] = [
    { of: 'due', fen: dueFen - (goodsFen - discountFen + postFeeFen) },
    { of: 'refunded', fen: facts.refundedFen - counted },
    // Negative: more was refunded than paid.
    { of: 'received', fen: Math.min(0, receivedFen) },
  ]
  return {
    ...{ goodsFen, discountFen, postFeeFen, dueFen, paidFen, unpaidFen: dueFen - paidFen, refundedFen },
    ...{ receivedFen, subsidyFen, gaps: gaps.filter(({ fen }) => fen !== 0) },
  }
}
