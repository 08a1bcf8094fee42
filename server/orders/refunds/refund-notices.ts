import type { LineRefund } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { isGone, isUnshipped } from '../order/lifecycle.ts'
import {
  addOrderEvents,
  insertHolds,
  liftHoldsOf,
  lockOrdersWithChildren,
  type NewEvent,
  openHoldsOf,
  refreshOrders,
} from '../order/queries.ts'
import { leaveShipments } from '../shipments/leave.ts'
import { withShipments } from '../shipments/merge-queries.ts'
import {
  type Agreeing,
  closeLineNotices,
  endWaivers,
  type NewNotice,
  noticesOfTrades,
  openWaivers,
  ordersOfNotices,
  type RefundKey,
  readAgreements,
  refundNotedEvents,
  type ToldFact,
  type TradeKey,
  tradesOf,
  tradesWithNotices,
  writeAgreeing,
  writeNotices,
  writeProcessed,
} from './refund-notice-queries.ts'
import { linesOfOrders, refundsOfOrders } from './refund-queries.ts'
import type { GoodsGoal } from './refund-rules.ts'
import {
  decideNotices,
  type NoticeDecision,
  type NoticeFacts,
  numberOf,
  type RefundNotice,
} from './refund-verdicts.ts'
import type { RefundVersion } from './refunds.ts'

/**
 * The result of noting refunds. `held`: orders that got a hold. `left`: orders that have left, each with a refund that concerns it and the
 * refund's aim for the goods; the caller sees to their parcels.
 */
export type Noted = { held: string[]; left: { orderId: string; refundNo: string; goods: GoodsGoal }[] }
const nothingNoted: Noted = { held: [], left: [] }

/**
 * Records refund versions as they are staged, whether their orders exist or not and whether they are converted or not. Unshipped orders get
 * or lose the refund's hold by refund-rules.ts. `applying`: refunds that the caller converts in the same transaction, which handles their
 * orders.
 */
export async function noteRefunds(
  tx: Tx,
  versions: readonly Omit<RefundVersion, 'goodsReceived'>[],
  actor: Actor,
  applying: ReadonlySet<string> = new Set(),
): Promise<Noted> {
  if (versions.length === 0) return nothingNoted
  const notices = versions.map((version): NewNotice => ({ ...version, source: 'refund', names: '' }))
  return change(tx, notices, actor, { write: () => writeNotices(tx, notices), applying })
}

export type TradeLines = TradeKey & {
  modifiedAt: Date
  lines: readonly {
    oid: string
    refund: LineRefund
    refundId: string
    quantity: number
    paymentFen: number
  }[]
}

/**
 * Records refunds that only the lines of a converted trade show. The refund itself may not be downloaded yet; its own notice later replaces
 * the line's notice.
 */
export async function noteLines(tx: Tx, trades: readonly TradeLines[], actor: Actor): Promise<Noted> {
  if (trades.length === 0) return nothingNoted
  const lines = trades.flatMap(({ tid, shopId, modifiedAt, lines: own }) =>
    own.map((line) => ({ ...line, tid, shopId, modifiedAt, refundNo: `line/${line.oid}` })),
  )
  const told = lines.flatMap(({ refund, refundId, paymentFen, ...line }): NewNotice[] =>
    refund === 'none' || refund === 'closed'
      ? []
      : [
          {
            ...line,
            source: 'line',
            names: refundId,
            kind: 'refund_only',
            phase: 'onsale',
            status: refund,
            version: '',
            amountFen: paymentFen,
          },
        ],
  )
  const over = lines.filter(({ refund }) => refund === 'none' || refund === 'closed')
  return change(tx, trades, actor, {
    write: async () => {
      await writeNotices(tx, told)
      await closeLineNotices(tx, over)
    },
  })
}

/** Records that a person marked these refunds processed, or took that back. It lifts only the holds of refunds that cannot be converted. */
export async function markNoticesProcessed(
  tx: Tx,
  refunds: readonly (RefundKey & TradeKey)[],
  settled: boolean,
  actor: Actor,
): Promise<Noted> {
  if (refunds.length === 0) return nothingNoted
  return change(tx, refunds, actor, { write: () => writeProcessed(tx, refunds, settled) })
}

/**
 * Records that we agree to these refunds, which then stop their orders: from enqueueing the agreement (`asked`) until the platform
 * refuses it (`''`) or, after it was accepted (`done`), until a version of the refund with another status comes.
 */
export async function noteAgreeing(
  tx: Tx,
  refunds: readonly (Agreeing & TradeKey)[],
  actor: Actor,
): Promise<Noted> {
  if (refunds.length === 0) return nothingNoted
  return change(tx, refunds, actor, { write: () => writeAgreeing(tx, refunds) })
}

/** Returns our agreements to these refunds that are being sent or that the platform took. Those that failed are not among them. */
export const agreementsTo = (
  db: Database | Tx,
  refunds: readonly RefundKey[],
): Promise<readonly Agreeing[]> => readAgreements(db, refunds)

/** `held`: orders that got a hold. `known`: the order/refund pairs whose hold was decided here. */
export type AppliedNotices = { held: string[]; known: ReadonlySet<string> }

/**
 * Applies the notices of their trades to these locked orders: to new orders, and to orders before a transition. Costs one statement where
 * no refund is open. Writes the events that the orders' histories lack.
 */
export async function applyNotices(
  tx: Tx,
  orderIds: readonly string[],
  actor: Actor,
): Promise<AppliedNotices> {
  const trades = orderIds.length === 0 ? [] : await tradesWithNotices(tx, orderIds)
  if (trades.length === 0) return { held: [], known: new Set() }
  const decisions = aboutOrders(await readNoticeDecisions(tx, trades), orderIds)
  const { stopping, changed } = await applyDecisions(tx, decisions, actor)
  await refreshOrders(tx, changed)
  await addMissingNoticeEvents(tx, stopping, actor)
  return { held: ordersIn(stopping), known: pairsOf(decisions) }
}

/**
 * Applies the notices of trades after the caller has converted refunds of them. `facts`: all orders of the trades, which the caller has
 * locked, with their refunds as now applied; a converted refund may move the share of another one to another order. `known`: the
 * order/refund pairs whose hold was decided here. `changed`: the orders whose holds changed, which the caller refreshes.
 */
export async function holdByNotices(
  tx: Tx,
  facts: Pick<NoticeFacts, 'orders' | 'lines' | 'applied'>,
  actor: Actor,
): Promise<{ known: ReadonlySet<string>; changed: string[] }> {
  const notices = await noticesOfTrades(tx, tradesOf(facts.orders))
  if (notices.length === 0) return { known: new Set(), changed: [] }
  const waivers = await openWaivers(
    tx,
    facts.orders.map(({ id }) => id),
  )
  const decisions = decideNotices({ ...facts, notices, waivers })
  const { changed } = await applyDecisions(tx, decisions, actor)
  return { known: pairsOf(decisions), changed }
}

function aboutOrders(decisions: readonly NoticeDecision[], orderIds: readonly string[]): NoticeDecision[] {
  const asked = new Set(orderIds)
  return decisions.filter(({ order }) => asked.has(order.id))
}

const pairsOf = (decisions: readonly NoticeDecision[]): ReadonlySet<string> =>
  new Set(decisions.map(({ order, notice }) => `${order.id}/${notice.refundNo}`))

/**
 * Applies the notices of these trades to their orders, which it locks: an order that was created while a notice was written may not have its
 * hold. Returns the orders that got a hold.
 */
export async function applyNoticesOfTrades(
  tx: Tx,
  trades: readonly TradeKey[],
  actor: Actor,
): Promise<string[]> {
  const ids = await lockNoticeOrders(tx, trades)
  return (await applyNotices(tx, ids, actor)).held
}

/**
 * Locks the orders of these trades and returns their ids. The other orders of their merged shipments are locked too, because an order that gets
 * a hold leaves its shipment.
 */
async function lockNoticeOrders(tx: Tx, trades: readonly TradeKey[]): Promise<string[]> {
  const ids = (await ordersOfNotices(tx, trades)).map(({ id }) => id)
  if (ids.length > 0) await lockOrdersWithChildren(tx, await withShipments(tx, ids))
  return ids
}

type Change = { write: () => Promise<void>; applying?: ReadonlySet<string> }

async function change(
  tx: Tx,
  refunds: readonly TradeKey[],
  actor: Actor,
  { write, applying = new Set() }: Change,
): Promise<Noted> {
  const trades = tradesOf(refunds)
  // The notices are read and written under these locks.
  const orders = await lockNoticeOrders(tx, trades)
  const before = orders.length === 0 ? [] : await noticesOfTrades(tx, trades)
  await write()
  if (orders.length === 0) return nothingNoted
  const verdicts = await readNoticeDecisions(tx, trades)
  const own = verdicts.filter(({ notice }) => !applying.has(notice.refundNo))
  const { stopping, changed } = await applyDecisions(tx, own, actor)
  await refreshOrders(tx, changed)
  await addOrderEvents(tx, newsOf(verdicts, before), actor)
  const left = own.filter(({ order, share }) => share && isGone(order.status))
  return {
    held: ordersIn(stopping),
    left: left.map(({ order, notice, goods }) => ({ orderId: order.id, refundNo: notice.refundNo, goods })),
  }
}

const ordersIn = (verdicts: readonly NoticeDecision[]) => [...new Set(verdicts.map(({ order }) => order.id))]

/** Writes events for refunds that now stop orders, unless the latest event already shows the same facts. */
async function addMissingNoticeEvents(
  tx: Tx,
  stopping: readonly NoticeDecision[],
  actor: Actor,
): Promise<void> {
  if (stopping.length === 0) return
  const told = await refundNotedEvents(tx, ordersIn(stopping))
  const isTold = ({ order, notice }: NoticeDecision) =>
    told.some(
      (one) =>
        one.orderId === order.id &&
        one.refundNo === numberOf(notice) &&
        facts.every((fact) => one[fact] === notice[fact]),
    )
  await addOrderEvents(
    tx,
    newsOf(
      stopping.filter((one) => !isTold(one)),
      [],
    ),
    actor,
  )
}

/** Decides for each notice of these trades and each of their orders whether the notice stops the order. */
export async function readNoticeDecisions(
  tx: Database | Tx,
  trades: readonly TradeKey[],
): Promise<NoticeDecision[]> {
  const notices = await noticesOfTrades(tx, trades)
  if (notices.length === 0) return []
  const orders = await ordersOfNotices(tx, trades)
  const ids = orders.map(({ id }) => id)
  return decideNotices({
    orders,
    notices,
    lines: await linesOfOrders(tx, ids),
    applied: await refundsOfOrders(tx, ids),
    waivers: await openWaivers(tx, ids),
  })
}

/**
 * Makes the refund holds agree with the decisions: one hold for each refund that stops an order. An order that gets a hold here leaves its
 * merged shipment, so that the other orders can be shipped. `stopping`: the decisions by which an order is held now and was not held before.
 * `changed`: the orders whose holds changed, which the caller refreshes.
 */
async function applyDecisions(
  tx: Tx,
  verdicts: readonly NoticeDecision[],
  actor: Actor,
): Promise<{ stopping: NoticeDecision[]; changed: string[] }> {
  const unshipped = verdicts.filter(({ order }) => isUnshipped(order.status))
  const ids = [...new Set(unshipped.map(({ order }) => order.id))]
  if (ids.length === 0) return { stopping: [], changed: [] }
  const open = (await openHoldsOf(tx, ids)).filter(({ reason }) => reason === 'refund_open')
  const held = new Set(open.map(({ orderId, source }) => `${orderId}/${source}`))
  const isHeld = ({ order, notice }: NoticeDecision) => held.has(`${order.id}/${notice.refundNo}`)
  const holdOf = ({ order, notice }: NoticeDecision) => ({
    orderId: order.id,
    reason: 'refund_open',
    source: notice.refundNo,
    note: '',
    until: null,
  })
  const stopping = unshipped.filter((one) => one.stops && !isHeld(one))
  const lifted = unshipped.filter((one) => !one.stops && isHeld(one))
  await insertHolds(tx, stopping.map(holdOf), actor.name)
  await liftHoldsOf(tx, lifted.map(holdOf), actor.name)
  await endWaivers(
    tx,
    unshipped
      .filter(({ waiver, waived }) => waiver && !waived)
      .map(({ order, notice }) => ({ orderId: order.id, refundNo: notice.refundNo })),
  )
  // The other orders of the parcels can then be shipped.
  await leaveShipments(
    tx,
    stopping.flatMap(({ order }) => (order.parcel === null ? [] : [{ orderId: order.id, for: 'refund' }])),
    actor,
  )
  return { stopping, changed: ordersIn([...stopping, ...lifted]) }
}

const facts: readonly ToldFact[] = ['status', 'kind', 'phase', 'oid', 'amountFen', 'quantity', 'agreeing']

/**
 * Returns events for orders that a refund concerns, if a fact of the refund has changed. A line and the refund that it names are compared with
 * each other when the second of them comes.
 */
function newsOf(verdicts: readonly NoticeDecision[], before: readonly RefundNotice[]): NewEvent[] {
  const known = new Map(before.map((notice) => [`${notice.shopId}/${notice.refundNo}`, notice]))
  const named = new Map(
    before
      .filter((notice) => numberOf(notice) !== '')
      .map((notice) => [`${notice.shopId}/${numberOf(notice)}`, notice]),
  )
  return verdicts
    .filter(({ share, notice }) => {
      const { shopId, refundNo } = notice
      const was = known.get(`${shopId}/${refundNo}`) ?? named.get(`${shopId}/${numberOf(notice)}`)
      return share && (!was || facts.some((fact) => was[fact] !== notice[fact]))
    })
    .map(({ order, notice, stops }) => {
      const { status, kind, phase, oid, amountFen, quantity, agreeing } = notice
      return {
        orderId: order.id,
        event: 'refund_noted',
        detail: {
          refundNo: numberOf(notice),
          status,
          kind,
          phase,
          oid,
          amountFen,
          quantity,
          ...(agreeing === '' ? {} : { agreeing }),
          stops,
        },
      }
    })
}
