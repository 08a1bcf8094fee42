import type { Database } from '../../core/db/db.ts'
import { isOffPlatform, type OrderStatus } from '../order/lifecycle.ts'
import type { OrderNotice } from '../refunds/notice-contract.ts'
import { readNoticeDecisions } from '../refunds/refund-notices.ts'
import type { NoticeDecision } from '../refunds/refund-verdicts.ts'
import { whyNotShippedOver } from '../refunds/ship-over.ts'

type Order = { id: string; tid: string; shopId: string; origin: string; status: OrderStatus }
export type ShownNotices = { notices: OrderNotice[]; shipOver: ReturnType<typeof whyNotShippedOver> }

/** Returns the refund notices of an order, and the reason why it cannot be shipped over its refunds (undefined: it can). */
export async function shownNotices(db: Database, order: Order): Promise<ShownNotices> {
  const verdicts = isOffPlatform(order.origin)
    ? []
    : (await readNoticeDecisions(db, [{ tid: order.tid, shopId: order.shopId }])).filter(
        (one) => one.order.id === order.id && one.share !== undefined,
      )
  return {
    notices: verdicts
      .filter(({ notice, stops, waived }) => notice.source === 'refund' || stops || waived)
      .map(shown),
    shipOver: whyNotShippedOver(
      order.status,
      verdicts.filter(({ stops }) => stops),
    ),
  }
}

function shown({ notice, stops, waived, waiver }: NoticeDecision): OrderNotice {
  const { source, oid, kind, phase, status, amountFen, quantity, modifiedAt, agreeing } = notice
  return {
    refundNo: source === 'line' ? notice.names : notice.refundNo,
    source,
    oid,
    kind,
    phase,
    status,
    amountFen,
    quantity,
    modifiedAt,
    agreeing,
    stops,
    waiver: waived && waiver ? { reason: waiver.reason, by: waiver.by, at: waiver.at } : null,
  }
}
