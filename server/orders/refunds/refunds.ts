import type { Refund, RefundKind, RefundPhase, RefundStatus } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { keepUnmatchedHolds } from '../allocation/goods.ts'
import { enqueueGoodsOff, giveBackRefunded } from '../allocation/goods-refunds.ts'
import { removeUnearnedGifts } from '../gifts/take-back.ts'
import { isGone, isUnshipped } from '../order/lifecycle.ts'
import {
  addOrderEvents,
  insertHolds,
  type LockedOrder,
  liftHoldsOf,
  lockOrdersOfTrades,
  refreshOrders,
} from '../order/queries.ts'
import { updateSettlements } from '../settle/settlements.ts'
import { voidLocked } from '../status/void.ts'
import { knownRefundRule } from './known-refund-rule.ts'
import { type RefundTotals, totalRefunds } from './refund-money.ts'
import { holdByNotices } from './refund-notices.ts'
import {
  type AppliedRefund,
  type LineWithRefunds,
  linesOfOrders,
  refundsOfOrders,
  upsertOrderRefunds,
  writeRefundedLines,
} from './refund-queries.ts'
import { originalOf, type RefundEffect, type RefundRule, refundRule } from './refund-rules.ts'
import { type Share, shareOrders, sharesOf } from './refund-shares.ts'
import type { NoticeFacts } from './refund-verdicts.ts'
import { compareVersions } from './refund-versions.ts'

export type RefundVersion = {
  shopId: string
  refundNo: string
  tid: string
  /** Number of the trade line that the refund is about; empty: the whole trade. */
  oid: string
  kind: RefundKind
  phase: RefundPhase
  status: RefundStatus
  version: string
  modifiedAt: Date
  amountFen: number
  quantity: number
  goodsReceived: Refund['goodsReceived']
}

/** `id`: the refund number, `ref`: the order number. */
export type RefundOutcome =
  | {
      id: string
      done: true
      ref: string
      orderId: string
      orderIds: string[]
      effect: RefundEffect
      rule: string
      voided: boolean
    }
  | {
      id: string
      done: false
      code: string
      message?: LocalizedText
      ref?: string
      orderId?: string
    }

/**
 * Applies refund versions to their orders by refund-rules.ts; one outcome for each, in sequence. A newer version replaces the effects of
 * the last one; an equal or older one is "already" and changes nothing. So the result does not depend on the sequence of versions, or on
 * repeated and concurrent calls. Never calls the platform. The number of statements is constant.
 */
export async function applyRefunds(
  tx: Tx,
  refunds: readonly RefundVersion[],
  actor: Actor,
): Promise<RefundOutcome[]> {
  const trades = new Map(refunds.map(({ tid, shopId }) => [`${shopId}/${tid}`, { tid, shopId }]))
  const orders = await lockOrdersOfTrades(tx, [...trades.values()])
  const ids = orders.map((order) => order.id)
  const lines = await linesOfOrders(tx, ids)
  const applied = await refundsOfOrders(tx, ids)
  const plan = planRefunds(refunds, orders, lines, applied)
  if (plan.steps.length === 0) return plan.outcomes
  await write(tx, plan, { orders, lines }, actor)
  const voided = await voidWhole(tx, plan, actor)
  await updateMoney(tx, plan, voided, actor)
  const gifts = await removeUnearnedGifts(tx, [...plan.settled.keys()], actor)
  const changes = [...touchedGoods(plan, lines), ...gifts]
  await enqueueGoodsOff(tx, orders, changes)
  await giveBackRefunded(tx, changes, voided)
  return plan.outcomes.map((outcome) =>
    outcome.done ? { ...outcome, voided: voided.has(outcome.orderId) } : outcome,
  )
}

type Step = { order: LockedOrder; rule: RefundRule; before: AppliedRefund | undefined; after: AppliedRefund }
type Plan = {
  outcomes: RefundOutcome[]
  steps: Step[]
  settled: Map<string, RefundTotals>
  /** All refunds of the orders as they are applied after this call. */
  applied: AppliedRefund[]
}

function planRefunds(
  refunds: readonly RefundVersion[],
  orders: readonly LockedOrder[],
  lines: ReadonlyMap<string, readonly LineWithRefunds[]>,
  applied: readonly AppliedRefund[],
): Plan {
  const byTrade = Map.groupBy(orders, ({ shopId, tid }) => `${shopId}/${tid}`)
  const state = new Map(
    [...Map.groupBy(applied, ({ orderId }) => orderId)].map(([id, own]) => [
      id,
      new Map(own.map((refund) => [refund.refundNo, refund])),
    ]),
  )
  const newest = newestOf(refunds)
  const steps: Step[] = []
  const outcomes = refunds.map((refund, index): RefundOutcome => {
    const ofTrade = byTrade.get(`${refund.shopId}/${refund.tid}`) ?? []
    const [first] = ofTrade
    if (!first) return refuse(refund, 'no_original', { zh: '没有原单', en: 'No original order' })
    const known = ofTrade.flatMap(({ id }) => state.get(id)?.get(refund.refundNo) ?? [])
    if (
      newest.get(`${refund.shopId}/${refund.refundNo}`) !== index ||
      known.some((before) => compareVersions(refund, before) <= 0)
    ) {
      const holder = ofTrade.find(({ id }) => id === known[0]?.orderId) ?? first
      return refuse(
        refund,
        'already',
        { zh: '这个版本或更新的已处理', en: 'This version or a newer one was applied' },
        holder,
      )
    }
    const shares = sharesOf(refund, shareOrders(refund, ofTrade, lines, appliedTo(ofTrade, state)))
    const own = shares.flatMap((share): Step[] => stepsOf(refund, share, ofTrade, state))
    const [step] = own
    if (!step) return refusal(refund, shares, ofTrade)
    steps.push(...own)
    // The next refund of the trade is shared by what this one left.
    for (const { after } of own)
      state.set(
        after.orderId,
        new Map([...(state.get(after.orderId) ?? []), [after.refundNo, after] as const]),
      )
    return {
      id: refund.refundNo,
      done: true,
      ref: step.order.no,
      orderId: step.order.id,
      orderIds: own.map(({ order }) => order.id),
      effect: step.after.effect,
      rule: step.rule.id,
      voided: false,
    }
  })
  const after = [...state.values()].flatMap((own) => [...own.values()])
  return { outcomes, steps, settled: totalsOfTouched(steps, lines, after), applied: after }
}

/** The applied refunds of each order, by their numbers. */
type Applied = ReadonlyMap<string, ReadonlyMap<string, AppliedRefund>>

const appliedTo = (orders: readonly LockedOrder[], state: Applied) =>
  new Map(orders.map(({ id }) => [id, [...(state.get(id)?.values() ?? [])]]))

function stepsOf(
  refund: RefundVersion,
  { orderId, amountFen, quantity }: Share,
  orders: readonly LockedOrder[],
  state: Applied,
): Step[] {
  const order = orders.find(({ id }) => id === orderId)
  if (!order) return []
  const before = state.get(orderId)?.get(refund.refundNo)
  const rule = (before ? knownRefundRule : refundRule)(refund, originalOf(order))
  if (rule.effect === 'refuse') return []
  return [{ order, rule, before, after: next(order, { ...refund, amountFen, quantity }, rule, before) }]
}

function refusal(
  refund: RefundVersion,
  shares: readonly Share[],
  orders: readonly LockedOrder[],
): RefundOutcome {
  const order = orders.find(({ id }) => id === shares[0]?.orderId)
  const rule = order && refundRule(refund, originalOf(order))
  if (rule?.effect === 'refuse') return refuse(refund, rule.code, rule, order)
  return refuse(
    refund,
    'line_not_in_order',
    { zh: '退款的商品不在这张销售订单上', en: 'The refunded line is not on this order' },
    orders[0],
  )
}

function refuse(
  refund: RefundVersion,
  code: string,
  { zh, en }: LocalizedText,
  order?: LockedOrder,
): RefundOutcome {
  const place = order ? { ref: order.no, orderId: order.id } : {}
  return { id: refund.refundNo, done: false, code, message: { zh, en }, ...place }
}

/**
 * Makes the refund as it is applied to the order. Only a succeeded version changes the counted values, since no other version undoes a
 * payment.
 */
function next(
  order: LockedOrder,
  refund: RefundVersion,
  rule: RefundRule,
  before: AppliedRefund | undefined,
): AppliedRefund {
  if (rule.effect === 'refuse') throw new RangeError('a refused refund is not applied')
  const { shopId, refundNo, oid, kind, phase, status, version, modifiedAt, amountFen, quantity } = refund
  const seen = {
    orderId: order.id,
    shopId,
    refundNo,
    oid,
    kind,
    phase,
    status,
    version,
    modifiedAt,
    amountFen,
    quantity,
    effect: rule.effect,
  }
  if (rule.effect === 'reduce' || rule.effect === 'money') {
    return {
      ...seen,
      fact: before?.fact ?? rule.fact,
      countedFen: amountFen,
      countedQuantity: quantity,
      countedOid: oid,
      takesGoods: before?.fact ? before.takesGoods : rule.effect === 'reduce',
    }
  }
  return {
    ...seen,
    fact: before?.fact ?? null,
    countedFen: before?.countedFen ?? 0,
    countedQuantity: before?.countedQuantity ?? 0,
    countedOid: before?.countedOid ?? '',
    takesGoods: before?.takesGoods ?? false,
  }
}

/** Returns the lines of the unshipped orders whose refund totals were computed, with the pieces left to ship before and after that. */
function touchedGoods({ steps, settled }: Plan, lines: ReadonlyMap<string, readonly LineWithRefunds[]>) {
  const unshippedIds = new Set(
    steps.filter(({ order }) => isUnshipped(order.status)).map(({ order }) => order.id),
  )
  return [...settled]
    .filter(([orderId]) => unshippedIds.has(orderId))
    .flatMap(([orderId, after]) =>
      (lines.get(orderId) ?? []).map(({ lineNo, quantity, refundedQuantity }, at) => ({
        orderId,
        lineNo,
        was: quantity - refundedQuantity,
        left: quantity - (after.lines[at]?.refundedQuantity ?? 0),
      })),
    )
}

/**
 * Computes the refund totals of the orders whose counted refunds changed. The refunded quantities of an order that was shipped do not
 * change in either direction: a correction changes its money only.
 */
function totalsOfTouched(
  steps: readonly Step[],
  lines: ReadonlyMap<string, readonly LineWithRefunds[]>,
  refunds: readonly AppliedRefund[],
): Map<string, RefundTotals> {
  const byOrder = Map.groupBy(refunds, (refund) => refund.orderId)
  const touched = new Map(steps.filter(counts).map(({ order }) => [order.id, order]))
  return new Map(
    [...touched].map(([id, order]) => {
      const held = lines.get(id) ?? []
      const settled = totalRefunds(order, held, countedOf(byOrder.get(id) ?? []))
      return [id, isGone(order.status) ? { ...settled, lines: withGoodsOf(held, settled.lines) } : settled]
    }),
  )
}

const withGoodsOf = (held: readonly LineWithRefunds[], settled: RefundTotals['lines']) =>
  settled.map((line, at) => ({ ...line, refundedQuantity: held[at]?.refundedQuantity ?? 0 }))

export function countedOf(refunds: readonly AppliedRefund[]) {
  return refunds
    .filter((refund) => refund.fact !== null)
    .map(({ refundNo, countedOid, countedFen, countedQuantity, takesGoods }) => ({
      refundNo,
      oid: countedOid,
      fen: countedFen,
      quantity: countedQuantity,
      takesGoods,
    }))
}

const counts = ({ rule }: Step) => rule.effect === 'reduce' || rule.effect === 'money'

type TradeFacts = Pick<NoticeFacts, 'orders' | 'lines'>

async function write(
  tx: Tx,
  { steps, settled, applied }: Plan,
  trades: TradeFacts,
  actor: Actor,
): Promise<void> {
  await upsertOrderRefunds(
    tx,
    steps.map(({ after }) => after),
  )
  const lines = [...settled].flatMap(([orderId, one]) => one.lines.map((line) => ({ orderId, ...line })))
  if (lines.length > 0) await writeRefundedLines(tx, lines)
  const holdOf = ({ after }: Step) => ({
    orderId: after.orderId,
    reason: 'refund_open',
    source: after.refundNo,
    note: '',
    until: null,
  })
  const holding = (step: Step) => step.rule.effect === 'hold'
  const orders = new Map(steps.map(({ order }) => [order.id, order]))
  // If a refund has a notice, the notice decides about its hold. Only refunds without a notice get or lose their hold below.
  const { known, changed } = await holdByNotices(tx, { ...trades, applied }, actor)
  const own = steps.filter(({ after }) => !known.has(`${after.orderId}/${after.refundNo}`))
  await insertHolds(tx, own.filter(holding).map(holdOf), actor.name)
  await liftHoldsOf(tx, own.filter((step) => !holding(step)).map(holdOf), actor.name)
  if (settled.size > 0) await keepUnmatchedHolds(tx, [...settled.keys()])
  await refreshOrders(tx, [...new Set([...orders.keys(), ...changed])])
  await addOrderEvents(tx, steps.filter(isNews).map(eventOf), actor)
}

/** True if the version changes a fact by which people decide; other versions write no event. */
function isNews({ before, after }: Step): boolean {
  if (!before) return true
  const facts = ['status', 'kind', 'phase', 'oid', 'amountFen', 'quantity', 'effect'] as const
  return facts.some((fact) => before[fact] !== after[fact])
}

function eventOf({ after }: Step) {
  const { refundNo, status, kind, oid, amountFen, quantity } = after
  return {
    orderId: after.orderId,
    event: `refund_${after.effect}`,
    detail: { refundNo, status, kind, oid, amountFen, quantity },
  }
}

/** Voids orders that are refunded completely by all their refunds together. */
async function voidWhole(tx: Tx, { steps, settled }: Plan, actor: Actor): Promise<Set<string>> {
  const reduced = steps.filter(({ rule }) => rule.effect === 'reduce').map(({ order }) => order.id)
  const whole = [...new Set(reduced)].filter((id) => settled.get(id)?.whole)
  if (whole.length === 0) return new Set()
  const outcomes = await voidLocked(tx, whole, { reason: 'refunded_whole' }, actor)
  return new Set(outcomes.filter((outcome) => outcome.done).map((outcome) => outcome.id))
}

/** Updates the settlements of the orders whose counted refunds changed. The void has updated those of the voided orders. */
async function updateMoney(
  tx: Tx,
  { steps, settled }: Plan,
  voided: ReadonlySet<string>,
  actor: Actor,
): Promise<void> {
  const orders = new Map(steps.map(({ order }) => [order.id, order]))
  const changed = [...orders.values()].filter(({ id }) => settled.has(id) && !voided.has(id))
  await updateSettlements(tx, changed, actor)
}

/** Returns the position of the newest version of each refund in one call; of equal versions the first. */
function newestOf(refunds: readonly RefundVersion[]): Map<string, number> {
  const newest = new Map<string, number>()
  refunds.forEach((refund, index) => {
    const key = `${refund.shopId}/${refund.refundNo}`
    const known = refunds[newest.get(key) ?? -1]
    if (!known || compareVersions(refund, known) > 0) newest.set(key, index)
  })
  return newest
}
