/** What an order's money is made of, in 分, as its page shows it. */
export type OrderMoney = {
  goodsFen: number
  /** Below zero where the seller asked for more than the goods' price. */
  discountFen: number
  postFeeFen: number
  dueFen: number
  paidFen: number
  unpaidFen: number
  /** By refunds of the platform, and by extra refunds that were approved. */
  refundedFen: number
  receivedFen: number
  /** Paid by the platform on top, for the whole trade; in no sum. */
  subsidyFen: number
  /** What the parts miss of their sum; nothing where all adds up. */
  gaps: { of: 'due' | 'refunded' | 'received'; fen: number }[]
}

type Facts = {
  goodsFen: number
  discountFen: number
  postFeeFen: number
  paymentFen: number
  subsidyFen: number
  refundedFen: number
  paid: boolean
  cod: boolean
  completed: boolean
  /** What each refund of the platform counts. */
  refunds: readonly { countedFen: number }[]
  extraRefunds: readonly { status: string; amountFen: number }[]
}

/**
 * 应付 = 商品 − 优惠 + 运费 = 已付 + 未付, and 已付 − 已退 = 实收. What is paid on delivery is unpaid until the order has ended well; of an unpaid presale
 * all is unpaid.
 */
export function moneyOf(facts: Facts): OrderMoney {
  const { goodsFen, discountFen, postFeeFen, subsidyFen, paymentFen: dueFen } = facts
  const isPaid = facts.paid || (facts.cod && facts.completed)
  const paidFen = isPaid ? dueFen : 0
  const counted = facts.refunds.reduce((sum, { countedFen }) => sum + countedFen, 0)
  const extra = facts.extraRefunds
    .filter(({ status }) => status === 'approved')
    .reduce((sum, { amountFen }) => sum + amountFen, 0)
  const refundedFen = facts.refundedFen + extra
  const receivedFen = paidFen - refundedFen
  const gaps: OrderMoney['gaps'] = [
    { of: 'due', fen: dueFen - (goodsFen - discountFen + postFeeFen) },
    { of: 'refunded', fen: facts.refundedFen - counted },
    // More went back than was paid.
    { of: 'received', fen: Math.min(0, receivedFen) },
  ]
  return {
    ...{ goodsFen, discountFen, postFeeFen, dueFen, paidFen, unpaidFen: dueFen - paidFen, refundedFen },
    ...{ receivedFen, subsidyFen, gaps: gaps.filter(({ fen }) => fen !== 0) },
  }
}
