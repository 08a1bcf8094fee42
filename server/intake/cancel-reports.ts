import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../actor.ts'
import type { CancelFailure, RefundPhase } from '../connectors/connector.ts'
import { connectorFor } from '../connectors/index.ts'
import { num, type Tx } from '../db.ts'
import { beingPulled } from '../fulfilment/intercepts.ts'
import { unshipped } from '../orders/lifecycle.ts'
import { type Standing, standingsOf } from '../orders/refund-goods.ts'
import { enqueueOnce } from '../outbox/actions.ts'

export const cancelKind = 'refund.cancel'

/** What the handler sends. No personal data. */
export type CancelPayload = {
  refundId: string
  tid: string
  oid: string
  phase: RefundPhase
  version: string
  amountFen: number
  /** Null: nothing is shipped and nothing will be. */
  failure: CancelFailure | null
  at: string
}

type Reportable = {
  id: string
  shopId: string
  platform: string
  refundNo: string
  tid: string
  oid: string
  phase: RefundPhase
  version: string
  amountFen: string
  deadline: Date | null
  createdAt: Date
  orderId: string | null
  outcome: string
}

/**
 * Tells the shop whether we stopped what a buyer wants his money back for before it was shipped, so that it refunds by
 * itself, or not. Only for shops whose switch is on, once for each version of a refund; while the warehouse is still
 * looking for the parcel nobody is told anything. To be asked again whenever that may have changed.
 */
export async function reportCancels(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  if (ids.length === 0) return
  const rows = (await reportable(tx, sql`r.id = any(${[...ids]}::bigint[])`)).filter(
    ({ platform }) => connectorFor(platform)?.actions.reportCancel !== undefined,
  )
  if (rows.length === 0) return
  const orderIds = rows.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]))
  const standings = await standingsOf(tx, orderIds)
  const looking = await beingPulled(tx, [...standings.values()])
  const at = new Date().toISOString()
  const actions = rows.flatMap((row) => {
    const verdict = verdictOf(row, standings.get(row.orderId ?? ''), looking)
    if (verdict === undefined) return []
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
        idempotencyKey: `${cancelKind}/${id}/${version}`,
        payload,
      },
    ]
  })
  await enqueueOnce(tx, actions, actor)
}

/** The same for the refunds of orders whose intercept was decided. */
export async function reportOfOrders(tx: Tx, orderIds: readonly string[], actor: Actor): Promise<void> {
  const rows = await reportable(tx, sql`r.order_id = any(${[...orderIds]}::bigint[])`)
  await reportCancels(
    tx,
    rows.map(({ id }) => id),
    actor,
  )
}

/** Undefined: there is nothing to tell, or not yet. */
function verdictOf(
  row: Reportable,
  standing: Standing | undefined,
  looking: ReadonlySet<string>,
): 'stopped' | CancelFailure | undefined {
  // A trade that is not converted does not convert while its refund is open.
  if (row.orderId === null) return row.outcome === 'trade_held' ? 'stopped' : undefined
  if (!standing) return undefined
  const { original, writtenBackAt } = standing
  if (original === 'voided' || unshipped.some((status) => status === original)) return 'stopped'
  if (original === 'shipped_unwritten') return looking.has(row.orderId) ? undefined : 'shipped'
  // What the platform knew to be shipped when the buyer asked is no business of this.
  return original === 'shipped' && writtenBackAt !== null && writtenBackAt > row.createdAt
    ? 'shipped'
    : undefined
}

async function reportable(tx: Tx, which: RawBuilder<unknown>): Promise<Reportable[]> {
  const found = await sql<Reportable>`
    select r.id, r.shop_id as "shopId", s.platform, r.refund_no as "refundNo", r.tid, r.oid, r.phase, r.version,
      r.amount_fen as "amountFen", r.deadline, r.created_on_platform as "createdAt", r.order_id as "orderId", r.outcome
    from staged_refund r join shop s on s.id = r.shop_id
    where ${which} and r.status = 'applied' and r.kind = 'refund_only' and r.phase = 'onsale' and r.state = 'converted'
      and s.settings @> '{"reportCancels": true}'
    order by r.id`.execute(tx)
  return found.rows
}
