import { courierOf } from '../../connectors/couriers.ts'
import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import { type Owed, oweSettlements } from '../../finance/settlements.ts'
import { applyRefundsToOrders, type RefundOutcome } from '../../flows/refund-applied.ts'
import { goodsOnly } from '../../orders/refunds/refund-row-rules.ts'
import type { RefundVersion } from '../../orders/refunds/refunds.ts'
import { addRefundEvents } from '../event-queries.ts'
import { updateTradeReasons } from '../trades/recheck.ts'
import { reportCancels } from './cancel-reports.ts'
import {
  lockOriginals,
  lockRefundRows,
  markLinesRefunded,
  type Original,
  peekRefunds,
  pendingRefunds,
  type RefundFacts,
  setRefundsConverted,
  setRefundsStaged,
} from './convert-refund-queries.ts'

/** What converting the refund did, for the events: a rule of orders/refunds/refund-rules.ts, or an effect on a staged trade. */
type Applied =
  | { done: true; outcome: string; orderId: string | null; orderNo: string }
  | { done: false; code: string; orderNo?: string }

/**
 * 转退单: converts refunds. What happens depends on the original: an order changes by orders/refunds/refund-rules.ts; a staged trade is
 * blocked or loses its refunded lines; with a processed trade only the refund's outcome is recorded. Newer versions of the refund are applied in the
 * same way. The platform is not called, but a report that goods were stopped may be enqueued.
 */
export async function convertRefunds(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const peeked = await peekRefunds(tx, ids, scope)
  const originals = await lockOriginals(tx, peeked)
  const refunds = new Map(
    (
      await lockRefundRows(
        tx,
        peeked.map((row) => row.id),
      )
    ).map((row) => [row.id, row]),
  )
  const staged = [...refunds.values()].filter((row) => row.state === 'staged')
  const applied = await apply(tx, staged, originals, actor)
  await setRefundsConverted(
    tx,
    staged.flatMap((row) => convertedOf(row, applied.get(row.id))),
    actor.name,
  )
  for (const [shopId, rows] of Map.groupBy(
    staged.filter((row) => applied.get(row.id)?.done),
    (row) => row.shop_id,
  )) {
    await addRefundEvents(
      tx,
      shopId,
      rows.map((row) => ({
        refundNo: row.refund_no,
        event: 'converted',
        detail: detailOf(applied.get(row.id)),
      })),
      actor,
    )
  }
  await reportCancels(
    tx,
    staged.map((row) => row.id),
    actor,
  )
  return ids.map((id) => outcomeOf(id, refunds.get(id), applied.get(id)))
}

/**
 * Applies newer versions of converted refunds. One of a kind that no rule knows is staged again, because only a person can say whether its
 * money went back.
 */
export async function applyToOriginals(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  if (ids.length === 0) return
  const rows = await lockRefundRows(tx, ids)
  const originals = await lockOriginals(tx, rows)
  const applied = await apply(tx, rows, originals, actor)
  await setRefundsConverted(
    tx,
    rows.flatMap((row) => convertedOf(row, applied.get(row.id))),
    actor.name,
  )
  await stageAgain(
    tx,
    rows.filter((row) => codeOf(applied.get(row.id)) === 'kind_unknown'),
    actor,
  )
  await reportCancels(tx, ids, actor)
}

const codeOf = (applied: Applied | undefined) => (applied && !applied.done ? applied.code : '')

async function stageAgain(tx: Tx, rows: readonly RefundFacts[], actor: Actor): Promise<void> {
  await setRefundsStaged(
    tx,
    rows.map(({ id }) => id),
    actor.name,
  )
  for (const [shopId, some] of Map.groupBy(rows, (row) => row.shop_id)) {
    const event = { event: 'reopened', detail: { was: 'converted' } }
    await addRefundEvents(
      tx,
      shopId,
      some.map((row) => ({ refundNo: row.refund_no, ...event })),
      actor,
    )
  }
}

/** Applies refunds that were converted while their trade was staged, after its order was created. Returns true if there were any. */
export async function applyPendingRefunds(
  tx: Tx,
  orders: readonly { tid: string; shopId: string }[],
  actor: Actor,
): Promise<boolean> {
  const pending = await pendingRefunds(tx, orders)
  await applyToOriginals(tx, pending, actor)
  return pending.length > 0
}

async function apply(
  tx: Tx,
  rows: readonly RefundFacts[],
  originals: ReadonlyMap<string, Original>,
  actor: Actor,
): Promise<Map<string, Applied>> {
  const originalOf = (row: RefundFacts) => originals.get(`${row.shop_id}/${row.tid}`)
  const results = new Map(rows.map((row) => [row.id, withoutOrder(row, originalOf(row))]))
  const onOrders = rows.filter((row) => results.get(row.id) === 'order')
  const outcomes = await applyRefundsToOrders(
    tx,
    onOrders.map((row) => ({ version: toVersion(row), parcel: toParcel(row) })),
    actor,
  )
  for (const [at, outcome] of outcomes.entries()) {
    const row = onOrders[at]
    const original = row && originalOf(row)
    if (row && original) results.set(row.id, ofOrder(outcome, original))
  }
  await actOnStaged(tx, rows, { results, originalOf }, actor)
  return new Map([...results].filter((entry): entry is [string, Applied] => entry[1] !== 'order'))
}

function withoutOrder(row: RefundFacts, original: Original | undefined): Applied | 'order' {
  if (row.status === 'unknown') return { done: false, code: 'unknown_status' }
  if (row.doubtful) return { done: false, code: 'doubtful' }
  if (!original) return { done: false, code: 'no_original' }
  const place = { orderId: original.order_id, orderNo: original.order_no }
  switch (original.state) {
    case 'fetching':
      return { done: false, code: 'original_fetching' }
    case 'converted':
      return 'order'
    case 'processed':
      return { done: true, outcome: 'original_processed', ...place }
    case 'staged':
      return { done: true, outcome: stagedOutcome(row, original), ...place }
  }
}

function stagedOutcome(row: RefundFacts, original: Original): string {
  if (original.reason === 'shipped_elsewhere' || original.reason === 'before_go_live') return 'money_only'
  if (row.status === 'applied' || row.status === 'agreed') return 'trade_held'
  // An exchange, a parcel sent once more and a repair pay nothing back: the goods are shipped as they were ordered.
  const isPaidBack = row.status === 'succeeded' && !goodsOnly.includes(row.kind)
  return isPaidBack ? 'trade_lines_refunded' : 'trade_released'
}

function ofOrder(outcome: RefundOutcome, original: Original): Applied {
  const place = { orderId: original.order_id, orderNo: original.order_no }
  if (outcome.done) return { done: true, outcome: outcome.voided ? 'order_voided' : outcome.rule, ...place }
  if (outcome.code === 'already') return { done: true, outcome: 'already', ...place }
  // The line was refunded before the conversion, so the order does not have it.
  if (outcome.code === 'line_not_in_order') return { done: true, outcome: 'line_not_in_order', ...place }
  return { done: false, code: outcome.code, orderNo: original.order_no }
}

/**
 * Applies refunds of trades without an order: succeeded refunds mark the lines, and the money of trades that were shipped elsewhere or are
 * older than the go-live time gets its settlement.
 */
async function actOnStaged(
  tx: Tx,
  rows: readonly RefundFacts[],
  {
    results,
    originalOf,
  }: {
    results: ReadonlyMap<string, Applied | 'order'>
    originalOf: (row: RefundFacts) => Original | undefined
  },
  actor: Actor,
): Promise<void> {
  const became = (row: RefundFacts, outcome: string) => {
    const result = results.get(row.id)
    return (
      result !== undefined &&
      result !== 'order' &&
      result.done &&
      result.outcome === outcome &&
      row.status === 'succeeded'
    )
  }
  const marks = rows
    .filter((row) => became(row, 'trade_lines_refunded') && row.kind !== 'money_only')
    .flatMap((row) => {
      const original = originalOf(row)
      return original ? [{ tradeId: original.id, oid: row.oid, amountFen: Number(row.amount_fen) }] : []
    })
  if (marks.length > 0) {
    await markLinesRefunded(tx, marks)
    await updateTradeReasons(tx, [...new Set(marks.map((mark) => mark.tradeId))])
  }
  const money = rows.filter(
    (row) => became(row, 'money_only') && ['refund_only', 'return', 'money_only'].includes(row.kind),
  )
  await oweSettlements(tx, money.flatMap(owedBy), actor.name)
}

/**
 * Returns the amount owed, and the amount 0 for the other kind of settlement, because an earlier version of the refund may have had that
 * kind.
 */
function owedBy(row: RefundFacts): Owed[] {
  const [is, was] = row.kind === 'return' ? moneyKinds : moneyKinds.toReversed()
  const owed = { shopId: row.shop_id, orderId: null, orderNo: '', tid: row.tid, source: row.refund_no }
  return [
    { ...owed, kind: is, amountFen: 0 - Number(row.amount_fen) },
    { ...owed, kind: was, amountFen: 0 },
  ]
}
const moneyKinds = ['return_refund', 'refund_only'] as const

function toVersion(row: RefundFacts): RefundVersion {
  return {
    shopId: row.shop_id,
    refundNo: row.refund_no,
    tid: row.tid,
    oid: row.oid,
    kind: row.kind,
    phase: row.phase,
    status: row.status,
    version: row.version,
    modifiedAt: row.modified_at,
    amountFen: Number(row.amount_fen),
    quantity: row.quantity,
    goodsReceived: row.goods_received,
  }
}

export type RefundParcelFacts = Pick<
  RefundFacts,
  'shop_id' | 'refund_no' | 'carrier' | 'waybill_no' | 'buyer_reason' | 'deadline'
>

export const toParcel = (row: RefundParcelFacts) => ({
  shopId: row.shop_id,
  refundNo: row.refund_no,
  courier: courierOf(row.carrier) ?? row.carrier,
  waybillNo: row.waybill_no,
  reason: row.buyer_reason,
  deadline: row.deadline,
})

function convertedOf(row: RefundFacts, applied: Applied | undefined) {
  // "already": the version changes nothing, so the outcome of the earlier version stays.
  if (!applied?.done) return []
  return [
    {
      id: row.id,
      orderId: applied.orderId,
      orderNo: applied.orderNo,
      outcome: applied.outcome === 'already' ? '' : applied.outcome,
    },
  ]
}

const detailOf = (applied: Applied | undefined) =>
  applied?.done ? { outcome: applied.outcome, orderNo: applied.orderNo } : {}

function outcomeOf(id: string, row: RefundFacts | undefined, applied: Applied | undefined): Outcome {
  if (!row) return { id, done: false, ...notFound({ zh: '退单', en: 'Refund' }) }
  if (!applied)
    return {
      id,
      done: false,
      code: `already_${row.state}`,
      ref: row.state === 'converted' ? row.order_no : row.state_by,
    }
  if (applied.done) return { id, done: true, ref: applied.orderNo || applied.outcome }
  return { id, done: false, code: applied.code, ...(applied.orderNo ? { ref: applied.orderNo } : {}) }
}
