import { PlatformError } from '../../lib/platform-error.ts'
import type { RefundBrief } from '../asking.ts'
import type { Call } from '../connector.ts'
import { entryOf, textAt } from '../fields.ts'
import { orderOf } from './orders.ts'
import { afterSalesOf } from './refunds.ts'
import { lineRefunds } from './unverified.ts'

/**
 * Asks whether an order has after-sales. The order itself is requested first, because the list is empty for an unknown order. Each after-sale is
 * requested too, because the list names no goods.
 */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  const { order } = await orderOf(call, tid)
  const briefs = (await afterSalesOf(call, order)).map(
    ({ refund: { refundId, oid, status } }): RefundBrief => ({ refundId, oid, status }),
  )
  const isOpen = entryOf(lineRefunds, textAt(order, 'orderAfterSalesStatus', 8)) === 'applied'
  if (isOpen && briefs.every(({ status }) => status !== 'applied' && status !== 'agreed'))
    throw new PlatformError('retry', 'bad_answer', 'The order has an open after-sale, and none is named.')
  return briefs
}
