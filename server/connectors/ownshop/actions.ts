import { PlatformError } from '../../lib/platform-error.ts'
import {
  type AgreeAnswer,
  type AgreeInput,
  agreeEach,
  alreadyAnswered,
  assertAmountRead,
  changedRefund,
  type MemoInput,
  type RefuseInput,
} from '../answers.ts'
import type { Call, Refund, RefundRef } from '../connector.ts'
import { parseRefund, refundDetail } from '../posted/refunds.ts'
import type { CancelReport, ReturnReceipt } from '../reports.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { deliveryOf, type Event, sendEvent } from './client.ts'

/** An event that happens once has a number made of its subject. The version of a refund is in it, so an answer to a later one is another event. */
const once = (name: string, data: Event['data'], about: Event['data'] = data): Event => ({
  ...{ name, data },
  delivery: deliveryOf(name, about),
})

/** The memo of a trade: it replaces the former one, and the latest one counts. */
export async function updateMemo(call: Call, { tid, memo, flag }: MemoInput): Promise<void> {
  await sendEvent(call, { name: 'trade.memo', data: { tid, memo, flag: flag ?? undefined } })
}

/** The pieces that can be sold of a product, for each of its varieties: they replace the former ones, and the latest event counts. */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  const items = Map.groupBy(sound(input), ({ itemId }) => itemId)
  return setInGroups(
    [...items.values()],
    async (group) => {
      const stocks = group.map(({ platformSkuId, quantity }) => ({
        skuId: platformSkuId === '' ? undefined : platformSkuId,
        quantity,
      }))
      await sendEvent(call, { name: 'stock.changed', data: { itemId: group[0]?.itemId ?? '', stocks } })
    },
    ({ code }) => (code === 'listing_not_found' ? 'sku' : 'no'),
  )
}

/** Says no to a refund. Its reason is in words, because a mall has no list of reasons. */
export async function refuseRefund(call: Call, input: RefuseInput): Promise<void> {
  const now = await refundNow(call, input)
  if (now.status === 'refused') throw alreadyAnswered()
  if (now.version !== input.version) throw changedRefund()
  await sendEvent(call, once('refund.refused', { ...named(now), message: input.message }))
}

/** Says yes. `step`: the goods may be sent back first (`return`), the goods are sent once more and none comes back (`reship`), or the money is to be paid (`pay`). */
export const agreeRefund = (call: Call, input: AgreeInput): Promise<AgreeAnswer> =>
  agreeEach(input, async (seen) => {
    const now = await refundNow(call, seen)
    if (now.status === 'succeeded') throw alreadyAnswered()
    if (now.version !== seen.version || now.amountFen !== seen.amountFen) throw changedRefund()
    assertAmountRead(now)
    await sendEvent(
      call,
      once('refund.agreed', { ...named(now), step: stepOf(now), amountFen: now.amountFen }),
    )
  })

function stepOf({ refundKind, status }: Refund): 'return' | 'reship' | 'pay' {
  if (refundKind === 'refund_only' || refundKind === 'money_only' || status !== 'applied') return 'pay'
  return refundKind === 'reship' ? 'reship' : 'return'
}

/** The goods of a return are back in our warehouse. */
export async function reportReturn(call: Call, receipt: ReturnReceipt): Promise<void> {
  const { refundId, tid, carrier, waybillNo, receivedAt } = receipt
  const data = { refundId, tid, courier: carrier, waybillNo, receivedAt: receivedAt.toISOString() }
  await sendEvent(call, once('refund.goods_received', data, { refundId, waybillNo }))
}

/** Whether refunded goods were stopped before they left. The mall may then pay at once. */
export async function reportCancel(call: Call, report: CancelReport): Promise<void> {
  const { refundId, tid, oid, version, failure, at } = report
  const data = { refundId, tid, oid, version, stopped: failure === null, reason: failure ?? undefined }
  await sendEvent(call, once('refund.stopped', { ...data, at: at.toISOString() }, data))
}

const named = ({ refundId, tid, oid, version, refundKind }: Refund) => ({
  ...{ refundId, tid, oid, kind: refundKind },
  // The time of change that the mall posted.
  modifiedAt: new Date(Number(version)).toISOString(),
})

async function refundNow(call: Call, { refundId }: Pick<RefundRef, 'refundId'>): Promise<Refund> {
  const detail = await refundDetail(call, { refundId })
  if (!detail) throw new PlatformError('rejected', 'refund_not_found', 'The mall has posted no such refund.')
  const refund = 'refund' in detail ? detail.refund : parseRefund(detail.raw)
  if (refund.kind === 'refund') return refund
  throw new PlatformError('rejected', 'unreadable', refund.reason)
}
