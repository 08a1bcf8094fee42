import { type RawBuilder, sql } from 'kysely'
import type { RefundPhase } from '../../connectors/connector.ts'
import { connectorFor } from '../../connectors/index.ts'
import type { CancelFailure } from '../../connectors/reports.ts'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import { type Database, num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import {
  enqueueOnce,
  mayHaveArrived,
  withdrawClaimed,
  withdrawOfSubjects,
} from '../../core/outbox/actions.ts'
import type { SendGuard } from '../../core/outbox/handlers.ts'
import { ordersBeingStopped } from '../../fulfilment/intercepts/intercepts.ts'
import { printedOrders } from '../../fulfilment/ship-steps.ts'
import { giveUpDeliveries } from '../../fulfilment/shipping/release.ts'
import { sharedNow } from '../../lib/clock.ts'
import { lockOrdersById } from '../../orders/holds/shipping.ts'
import { unshipped } from '../../orders/order/lifecycle.ts'
import { letThroughOrders, orderRefunds, ordersOfTrade } from '../../orders/order/relations.ts'
import { type OriginalState, originalStatesOf } from '../../orders/refunds/refund-goods.ts'
import { markReportedStopped, notReportedStopped } from '../../orders/refunds/refund-told.ts'
import { addRefundEvents } from '../event-queries.ts'
import { lockRefundsForAction } from './refund-action-queries.ts'

export const cancelKind = 'refund.cancel'

export type CancelPayload = {
  refundId: string
  tid: string
  oid: string
  phase: RefundPhase
  version: string
  amountFen: number
  /** Why the goods could not be stopped; null: they are not shipped and will not be. */
  failure: CancelFailure | null
  at: string
}

type Reportable = Row<
  'staged_refund',
  | 'id'
  | 'shopId'
  | 'refundNo'
  | 'tid'
  | 'oid'
  | 'phase'
  | 'version'
  | 'amountFen'
  | 'deadline'
  | 'orderId'
  | 'outcome'
> &
  Row<'shop', 'platform'> & { createdAt: Rows['staged_refund']['createdOnPlatform'] }

/**
 * Reports to the platform whether we stopped the goods of these refunds before shipping, so that it can refund automatically. Only shops
 * that switched it on report, once for each version of a refund, and not while the warehouse still looks for the parcel. Call it again when
 * that may have changed. A report that is not sent yet is withdrawn if its refund has ended or is of another kind now.
 */
export async function reportCancels(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  if (ids.length === 0) return
  await withdrawReports(tx, ids, actor)
  const rows = (await reportable(tx, sql`r.id = any(${[...ids]}::bigint[])`)).filter(
    ({ platform }) => connectorFor(platform)?.actions.reportCancel !== undefined,
  )
  if (rows.length === 0) return
  const { verdicts, takenBy } = await cancelAnswersFor(tx, rows)
  const at = sharedNow().toISOString()
  const actions = rows.flatMap((row) => {
    const verdict = verdicts.get(row.id)
    if (verdict === undefined) return []
    if (verdict !== 'stopped' && connectorFor(row.platform)?.stoppedOnly) return []
    const { id, shopId, refundNo, tid, oid, phase, version, amountFen, deadline } = row
    const payload: CancelPayload = {
      refundId: refundNo,
      tid,
      oid,
      phase,
      version,
      amountFen: num(amountFen),
      failure: verdict === 'stopped' ? null : verdict,
      at,
    }
    return [
      {
        shopId,
        kind: cancelKind,
        subject: { type: 'staged_refund', id },
        deadline,
        // A printed parcel may still be stopped or leave, which is reported too.
        idempotencyKey: `${cancelKind}/${id}/${version}${verdict === 'waybill_printed' ? '/printed' : ''}`,
        payload,
      },
    ]
  })
  const made = await enqueueOnce(tx, actions, actor)
  const told = new Set(
    actions.filter(({ idempotencyKey }) => made.has(idempotencyKey)).map(({ subject }) => subject.id),
  )
  const stopped = rows.filter((row) => told.has(row.id) && verdicts.get(row.id) === 'stopped')
  await standStill(tx, stopped, stopped.flatMap(takenBy), actor)
}

type CancelAnswer = 'stopped' | CancelFailure

/** Decides what to report for each refund. The orders stay locked until the commit, so the decision stays true until then. */
async function cancelAnswersFor(tx: Tx, rows: readonly Reportable[]) {
  const takers = await ordersOf(tx, rows)
  const letThrough = new Set(takers.filter((one) => one.letThrough).map(({ id }) => id))
  const orders = Map.groupBy(takers, ({ id }) => id)
  const orderIds = takers.map(({ orderId }) => orderId)
  await lockOrdersById(tx, orderIds)
  const standings = await originalStatesOf(tx, orderIds)
  const looking = await ordersBeingStopped(tx, [...standings.values()])
  const printed = await printedOrders(tx, orderIds)
  const takenBy = ({ id }: { id: string }) =>
    (orders.get(id) ?? []).flatMap(({ orderId }) => standings.get(orderId) ?? [])
  const verdicts = new Map<string, CancelAnswer | undefined>(
    rows
      // If a person lets the order ship over the refund, the goods are not stopped and not shipped yet, so nothing is reported.
      .filter(({ id }) => !letThrough.has(id))
      .map((row) => [row.id, cancelAnswerOf(row, takenBy(row), { looking, printed })]),
  )
  return { verdicts, takenBy }
}

/** Marks the refunds as reported and cancels the deliveries of their orders, because the platform pays the buyer after the report. */
async function standStill(
  tx: Tx,
  refunds: readonly Reportable[],
  orders: readonly OriginalState[],
  actor: Actor,
): Promise<void> {
  if (refunds.length === 0) return
  await markReportedStopped(tx, refunds, true)
  await giveUpDeliveries(
    tx,
    orders.map(({ id }) => id),
    actor,
  )
}

/** The SQL condition for refunds that can be reported. */
const reportableCondition = sql`r.status = 'applied' and r.kind = 'refund_only' and r.phase = 'onsale'`

async function notReportable(db: Database | Tx, ids: readonly string[]): Promise<Ended[]> {
  const found = await sql<Ended>`${preparedStatement}
    select r.id, r.shop_id as "shopId", r.refund_no as "refundNo" from staged_refund r
    where r.id = any(${[...ids]}::bigint[]) and not (${reportableCondition}) order by r.id`.execute(db)
  return found.rows
}

type Ended = Row<'staged_refund', 'id' | 'shopId' | 'refundNo'>

async function withdrawReports(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  const ended = await notReportable(tx, ids)
  const subjects = { type: 'staged_refund', ids: ended.map(({ id }) => id) }
  const unsent = await withdrawOfSubjects(tx, cancelKind, subjects, { actor, reason: endedReason })
  await recordWithdrawn(tx, ended, new Set(unsent.map(({ subjectId }) => subjectId)), actor)
}

const endedReason = '退款已结束或变更'
const notSoReason = '退款已结束或变更，或订单已不停发'

async function recordWithdrawn(
  tx: Tx,
  refunds: readonly Ended[],
  taken: ReadonlySet<string>,
  actor: Actor,
): Promise<void> {
  const some = refunds.filter(({ id }) => taken.has(id))
  await markNotReported(tx, some)
  for (const [shopId, rows] of Map.groupBy(some, (row) => row.shopId)) {
    const events = rows.map(({ refundNo }) => ({ refundNo, event: 'cancel_withdrawn' }))
    await addRefundEvents(tx, shopId, events, actor)
  }
}

/** Removes the mark "reported stopped" from these refunds, unless a report of it may have reached the platform or may still reach it. */
export async function markNotReported(
  tx: Tx,
  refunds: readonly { id: string; shopId: string; refundNo: string }[],
): Promise<void> {
  if (refunds.length === 0) return
  const subjects = { type: 'staged_refund', ids: refunds.map(({ id }) => id) }
  const reports = await mayHaveArrived(tx, cancelKind, subjects)
  const told = new Set(reports.filter(saysStopped).map(({ subjectId }) => subjectId))
  const untold = refunds.filter(({ id }) => !told.has(id))
  await markReportedStopped(tx, untold, false)
}

export function cancelOf({ payload }: { payload: unknown }): CancelPayload {
  if (!isCancel(payload)) throw new Error('An action carries no report.')
  return payload
}

function isCancel(payload: unknown): payload is CancelPayload {
  return typeof payload === 'object' && payload !== null && 'refundId' in payload && 'failure' in payload
}

const saysStopped = (action: { payload: unknown }) => cancelOf(action).failure === null
const saysPrinted = (action: { payload: unknown }) => cancelOf(action).failure === 'waybill_printed'

/**
 * Withdraws two kinds of reports before they are sent: those whose refund has ended, because the platform might pay although the goods
 * ship; and reports "stopped" or "printed" that are no longer true, for example because a person lets the order ship.
 */
export const cancelReportGuard: SendGuard = {
  async doubt(db, actions) {
    const ended = new Set((await notReportable(db, subjectsOf(actions))).map(({ id }) => id))
    const untold = await notReportedStopped(db, actions.filter(saysStopped).map(refundOf))
    return new Set(
      actions
        .filter((action) => ended.has(action.subjectId) || saysPrinted(action) || untold(refundOf(action)))
        .map(({ id }) => id),
    )
  },
  async withhold(tx, actions) {
    const refunds = await lockRefundsForAction(tx, subjectsOf(actions), wholeScope)
    const ended = await notReportable(tx, subjectsOf(actions))
    const judged = actions.filter((action) => saysStopped(action) || saysPrinted(action))
    const rows = await reportable(tx, sql`r.id = any(${subjectsOf(judged)}::bigint[])`)
    const { verdicts, takenBy } = await cancelAnswersFor(tx, rows)
    const unwanted = actions.filter(
      (action) =>
        ended.some(({ id }) => id === action.subjectId) ||
        (saysStopped(action) && verdicts.get(action.subjectId) !== 'stopped') ||
        (saysPrinted(action) && verdicts.get(action.subjectId) !== 'waybill_printed'),
    )
    const withdrawn = await withdrawClaimed(tx, unwanted, { actor: systemActor, reason: notSoReason })
    const taken = new Set(subjectsOf(unwanted.filter(({ id }) => withdrawn.has(id))))
    await recordWithdrawn(tx, refunds, taken, systemActor)
    const stopped = rows.filter(({ id }) => verdicts.get(id) === 'stopped' && !taken.has(id))
    await standStill(tx, stopped, stopped.flatMap(takenBy), systemActor)
    return withdrawn
  },
}
const subjectsOf = (actions: readonly { subjectId: string }[]) => actions.map(({ subjectId }) => subjectId)
const refundOf = ({ shopId, payload }: { shopId: string; payload: unknown }) => ({
  shopId,
  refundNo: cancelOf({ payload }).refundId,
})

/** Reports the refunds of these orders, whose intercepts were decided. */
export async function reportOfOrders(tx: Tx, orderIds: readonly string[], actor: Actor): Promise<void> {
  const rows = await reportable(
    tx,
    sql`(r.refund_no, r.shop_id) in (
      select taken.refund_no, taken.shop_id from ${orderRefunds} as taken where taken.order_id = any(${[...orderIds]}::bigint[]))`,
  )
  await reportCancels(
    tx,
    rows.map(({ id }) => id),
    actor,
  )
}

/** Returns what to report. Undefined: nothing, or not yet. Goods of several orders count as stopped only if all are stopped. */
function cancelAnswerOf(
  row: Reportable,
  taken: readonly OriginalState[],
  facts: ParcelFacts,
): CancelAnswer | undefined {
  // A staged trade with an open refund is not converted, so its goods are stopped.
  if (row.orderId === null) return row.outcome === 'trade_held' ? 'stopped' : undefined
  const verdicts = taken.map((standing) => cancelAnswerOn(standing, row.createdAt, facts))
  if (verdicts.includes('shipped')) return 'shipped'
  if (verdicts.length === 0 || verdicts.includes(undefined)) return undefined
  return verdicts.includes('waybill_printed') ? 'waybill_printed' : 'stopped'
}

/** The orders whose parcel the warehouse looks for, and those whose parcel has a printed label and has not left. */
type ParcelFacts = { looking: ReadonlySet<string>; printed: ReadonlySet<string> }

function cancelAnswerOn(
  { id, original, writtenBackAt }: OriginalState,
  askedAt: Date,
  { looking, printed }: ParcelFacts,
): CancelAnswer | undefined {
  if (original === 'voided' || unshipped.some((status) => status === original))
    return printed.has(id) ? 'waybill_printed' : 'stopped'
  if (original === 'shipped_unwritten') return looking.has(id) ? undefined : 'shipped'
  // If the platform knew the shipment before the buyer applied, nothing is reported.
  return original === 'shipped' && writtenBackAt !== null && writtenBackAt > askedAt ? 'shipped' : undefined
}

/** Returns the orders that have a share of these refunds. `letThrough`: a person lets the order ship over the open refund. */
async function ordersOf(
  tx: Tx,
  rows: readonly Reportable[],
): Promise<{ id: string; orderId: string; letThrough: boolean }[]> {
  const found = await sql<
    Row<'staged_refund', 'id'> & { orderId: Rows['sales_order']['id']; letThrough: boolean }
  >`
    select r.id, original.id as "orderId", exists (
      select from ${letThroughOrders} as let where let.order_id = original.id and let.refund_no = r.refund_no) as "letThrough"
    from staged_refund r
    cross join lateral ${ordersOfTrade(sql.ref('r.tid'), sql.ref('r.shop_id'))} as original
    join ${orderRefunds} as taken on taken.order_id = original.id and taken.refund_no = r.refund_no
    where r.id = any(${rows.map(({ id }) => id)}::bigint[])`.execute(tx)
  return found.rows
}

async function reportable(tx: Tx, which: RawBuilder<unknown>): Promise<Reportable[]> {
  const found = await sql<Reportable>`${preparedStatement}
    select r.id, r.shop_id as "shopId", s.platform, r.refund_no as "refundNo", r.tid, r.oid, r.phase, r.version,
      r.amount_fen as "amountFen", r.deadline, r.created_on_platform as "createdAt", r.order_id as "orderId", r.outcome
    from staged_refund r join shop s on s.id = r.shop_id
    where ${which} and ${reportableCondition} and r.state = 'converted'
      and s.settings @> '{"reportCancels": true}'
    order by r.id`.execute(tx)
  return found.rows
}
