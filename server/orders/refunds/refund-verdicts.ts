import type { RefundKind, RefundPhase, RefundStatus } from '../../connectors/connector.ts'
import { isUnshipped, type OrderStatus } from '../order/lifecycle.ts'
import { isOpen } from '../order/open-refund-rules.ts'
import type { LineMoney } from './refund-money.ts'
import type { AppliedRefund } from './refund-queries.ts'
import { type GoodsGoal, originalOf, refundRule } from './refund-rules.ts'
import { type CountedShare, type Share, shareOrders, sharesOf } from './refund-shares.ts'
import { compareVersions } from './refund-versions.ts'

// Decides which refunds stop which orders. Pure: verbs and readers use it.

export type RefundNotice = {
  shopId: string
  refundNo: string
  tid: string
  oid: string
  /** `line`: the refund is known only from a line of the trade. `refund`: the refund itself was downloaded. */
  source: 'refund' | 'line'
  names: string
  kind: RefundKind
  phase: RefundPhase
  status: RefundStatus
  version: string
  modifiedAt: Date
  amountFen: number
  quantity: number
  agreeing: '' | 'asked' | 'done'
  settled: boolean
  toldStopped: boolean
}

/** The refund's number at the platform; empty: only a line shows it, without its number. */
export const numberOf = ({ source, names, refundNo }: RefundNotice): string =>
  source === 'line' ? names : refundNo

/** A person's permission to ship an order over a refund, with the refund's values at that time. */
export type RefundWaiver = {
  orderId: string
  refundNo: string
  kind: string
  status: RefundStatus
  amountFen: number
  quantity: number
  reason: string
  by: string
  at: Date
}

export type NoticeOrder = {
  id: string
  no: string
  shopId: string
  tid: string
  origin: string
  status: OrderStatus
  writtenBack: boolean
  paymentFen: number
  parcel: string | null
}

export type NoticeFacts = {
  /** All orders of the trades, so that shares can be computed. */
  orders: readonly NoticeOrder[]
  lines: ReadonlyMap<string, readonly LineMoney[]>
  applied: readonly AppliedRefund[]
  notices: readonly RefundNotice[]
  waivers: readonly RefundWaiver[]
}

/**
 * A notice's meaning for an order. `share`: the order's part of the refund; undefined: the refund does not concern it. `stops`: the
 * refund keeps the order from being shipped. `goods`: its aim for the goods of an order that has left. `waived`: it would stop the
 * order, but a waiver in force permits shipping.
 */
export type NoticeDecision = {
  order: NoticeOrder
  notice: RefundNotice
  share: Share | undefined
  stops: boolean
  goods: GoodsGoal
  waived: boolean
  waiver: RefundWaiver | undefined
}

export function decideNotices(facts: NoticeFacts): NoticeDecision[] {
  const applied = new Map(facts.applied.map((one) => [`${one.orderId}/${one.refundNo}`, one]))
  const waivers = new Map(facts.waivers.map((one) => [`${one.orderId}/${one.refundNo}`, one]))
  const byOrder = Map.groupBy(facts.applied, ({ orderId }) => orderId)
  const byTrade = Map.groupBy(facts.orders, ({ shopId, tid }) => `${shopId}/${tid}`)
  const ofTrade = Map.groupBy(facts.notices, ({ shopId, tid }) => `${shopId}/${tid}`)
  return [...ofTrade].flatMap(([trade, notices]) => {
    const orders = byTrade.get(trade) ?? []
    const shares = shareNotices(notices, orders, facts.lines, byOrder)
    return notices.flatMap((notice) =>
      orders.map((order): NoticeDecision => {
        const key = `${order.id}/${notice.refundNo}`
        const share = shares.get(key)
        const isStopped = share !== undefined && stops(notice, applied.get(key), order, notices)
        const waiver = waivers.get(key)
        const waived = isStopped && stillWaived(notice, waiver)
        const goods = share && !stillWaived(notice, waiver) ? goodsOf(notice, order, notices) : 'stay'
        return { order, notice, share, stops: isStopped && !waived, goods, waived, waiver }
      }),
    )
  })
}

/**
 * Divides the refunds of a trade among its orders, those that succeeded first, since they are converted before the others. Each refund of
 * a line counts the pieces that those before it ask for as taken: two refunds of one piece each concern two pieces. A refund of the whole
 * trade is divided by itself, so that it stops every order.
 */
function shareNotices(
  notices: readonly RefundNotice[],
  orders: readonly NoticeOrder[],
  lines: NoticeFacts['lines'],
  applied: ReadonlyMap<string, readonly CountedShare[]>,
): Map<string, Share> {
  const isPaid = ({ status }: RefundNotice) => (status === 'succeeded' ? 0 : 1)
  const turns = notices.toSorted(
    (one, other) => isPaid(one) - isPaid(other) || (one.refundNo < other.refundNo ? -1 : 1),
  )
  const taken = new Map(orders.map(({ id }) => [id, [...(applied.get(id) ?? [])]]))
  const shares = new Map<string, Share>()
  for (const notice of turns) {
    const { refundNo, oid } = notice
    const own = sharesOf(notice, shareOrders(notice, orders, lines, oid === '' ? applied : taken))
    for (const share of own) {
      shares.set(`${share.orderId}/${refundNo}`, share)
      const counted = taken.get(share.orderId) ?? []
      const isCounted = counted.some((one) => one.refundNo === refundNo && one.fact !== null)
      if (isCounted || !asksForGoods(notice, notices)) continue
      counted.push(asIfConverted(notice, share))
    }
  }
  return shares
}

const asIfConverted = ({ refundNo, oid }: RefundNotice, { amountFen, quantity }: Share): CountedShare => ({
  refundNo,
  fact: 'order_refund',
  countedOid: oid,
  countedFen: amountFen,
  countedQuantity: quantity,
  takesGoods: true,
})

/** True if the refund keeps goods of a line from being shipped; another notice of the same refund does not ask for them once more. */
function asksForGoods(notice: RefundNotice, others: readonly RefundNotice[]): boolean {
  if (notice.oid === '') return false
  if (notice.source === 'line' && (isReplaced(notice, others) || isExplained(notice, others))) return false
  const { notice: effect, effect: act } = refundRule(stateOf(notice), 'unconfirmed')
  if (effect === 'hold') return !(act === 'refuse' && notice.settled)
  return effect === 'until_taken'
}

function stops(
  notice: RefundNotice,
  applied: AppliedRefund | undefined,
  order: NoticeOrder,
  others: readonly RefundNotice[],
): boolean {
  if (!isUnshipped(order.status) || order.origin === 'record') return false
  if (notice.source === 'line' && isReplaced(notice, others)) return false
  const original = originalOf(order)
  // True if this version of the refund was converted already. If the converted refund still holds the order, the order is stopped.
  const known = applied && compareVersions(notice, applied) <= 0
  if (known && refundRule(applied, original).effect === 'hold') return true
  const { notice: effect, effect: act } = refundRule(stateOf(notice), original)
  if (effect === 'hold') return !(act === 'refuse' && notice.settled)
  return effect === 'until_taken' && (!known || applied.fact === null)
}

function goodsOf(notice: RefundNotice, order: NoticeOrder, others: readonly RefundNotice[]): GoodsGoal {
  if (notice.source === 'line' && (isReplaced(notice, others) || isExplained(notice, others))) return 'stay'
  const { effect, goods } = refundRule(notice, originalOf(order))
  return effect === 'refuse' && notice.settled ? 'stay' : goods
}

/**
 * A refund that we agreed to, and whose result is unknown, counts as agreed before receipt, even if its version says that the buyer has
 * the goods.
 */
const stateOf = (notice: RefundNotice): RefundNotice =>
  notice.agreeing !== '' && notice.status !== 'succeeded'
    ? { ...notice, status: 'agreed', phase: 'onsale' }
    : notice

/**
 * True if a notice of the refund itself replaces the notice of the line: it is the refund that the line names, has the same status, or is
 * not older. Also true of a line whose refund is neither open nor paid. An open refund that places no hold does not replace the
 * line's notice, since the platform accepts no shipment of a line that it shows as being refunded.
 */
function isReplaced(line: RefundNotice, notices: readonly RefundNotice[]): boolean {
  if (line.status !== 'applied' && line.status !== 'succeeded') return true
  return notices.some((one) => {
    if (one.source === 'line' || (line.status === 'applied' && isOpen(one.status) && !placesHold(one)))
      return false
    if (!isOfLine(one, line)) return false
    if (line.names !== '') return true
    const saysSame = line.status === 'applied' ? isOpen(one.status) : one.status === 'succeeded'
    return saysSame || one.modifiedAt >= line.modifiedAt
  })
}

/** True if the open refund of a line is known itself, with its kind and phase. */
const isExplained = (line: RefundNotice, notices: readonly RefundNotice[]): boolean =>
  notices.some((one) => one.source === 'refund' && isOpen(one.status) && isOfLine(one, line))

/** True if the refund is the one that the line names, or, where it names none, concerns the line or the whole trade. */
const isOfLine = (refund: RefundNotice, line: RefundNotice): boolean =>
  line.names === '' ? refund.oid === '' || refund.oid === line.oid : refund.refundNo === line.names

const placesHold = (notice: RefundNotice) => refundRule(notice, 'unconfirmed').notice === 'hold'

/**
 * True if the waiver still permits shipping. It never covers a paid refund or one of unknown status, and it ends when the refund changes
 * its kind or gets a higher status, amount or quantity.
 */
function stillWaived(notice: RefundNotice, waiver: RefundWaiver | undefined): boolean {
  if (!waiver || notice.status === 'succeeded' || notice.status === 'unknown') return false
  if (notice.kind !== waiver.kind) return false
  const rank = (status: RefundStatus) => (status === 'agreed' ? 1 : 0)
  return (
    rank(stateOf(notice).status) <= rank(waiver.status) &&
    notice.amountFen <= waiver.amountFen &&
    notice.quantity <= waiver.quantity
  )
}
