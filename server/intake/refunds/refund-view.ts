import type { Static } from 'typebox'
import { connectorFor } from '../../connectors/index.ts'
import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type OrderSummary, orderSummaries } from '../../orders/list/glance.ts'
import { isOpen } from '../../orders/order/open-refund-rules.ts'
import { agreementsTo } from '../../orders/refunds/refund-notices.ts'
import { originalOf, refundRule } from '../../orders/refunds/refund-rules.ts'
import { type CallDeps, refusalOf, withShop } from '../../shops/calls.ts'
import { platformsOf } from '../../shops/platforms.ts'
import type { RefundRow, refundDetail, refuseReasons } from '../contract.ts'
import { refundEventsOf } from '../event-queries.ts'
import { refundEvents, refusableStates } from '../lifecycle.ts'
import { originalOfRefund, refundById } from '../staged/refund-view-queries.ts'
import { proofNeeded, refusalsInEffect, whyNeverPaid } from './refund-actions.ts'

type Original = Awaited<ReturnType<typeof originalOfRefund>>

export async function viewRefund(
  db: Database,
  id: string,
  scope: Scope,
): Promise<Static<typeof refundDetail> | undefined> {
  const refund = await refundById(db, id, scope)
  if (!refund) return undefined
  const original = await originalOfRefund(db, refund.shopId, refund.tid)
  const order = original?.orderId ? (await orderSummaries(db, [original.orderId]))[0] : undefined
  const [agreed] = await agreementsTo(db, [refund])
  const refusing = await refusalsInEffect(db, [refund])
  const platform = (await platformsOf(db, [refund.shopId])).get(refund.shopId) ?? ''
  return {
    ...refund,
    original: original
      ? {
          tradeId: original.tradeId,
          state: original.state,
          orderId: original.orderId,
          orderNo: original.orderNo,
          standing: order ? originalOf(order) : '',
          paymentFen: order?.paymentFen ?? original.paymentFen,
          refundedFen: order?.refundedFen ?? 0,
          lines: original.lines,
        }
      : null,
    situation: situationOf(refund, original, order),
    events: await refundEventsOf(db, refund.shopId, refund.refundNo),
    actions: actionsOf(
      { ...refund, platform },
      original,
      refusing.size > 0 ? 'asked' : (agreed?.agreeing ?? ''),
    ),
  }
}

/** Returns the id of the refund rule. For a refund without an order: no_original, original_fetching, trade_staged or trade_processed. */
function situationOf(refund: RefundRow, original: Original, order: OrderSummary | undefined): string {
  if (!original) return 'no_original'
  if (order) return refundRule(refund, originalOf(order)).id
  if (original.state === 'fetching') return 'original_fetching'
  return original.state === 'processed' ? 'trade_processed' : 'trade_staged'
}

/** `answering`: our answer is under way or our refusal was taken (`asked`), or our agreement was (`done`), and the new status is not here yet. */
function actionsOf(
  refund: RefundRow & { platform: string },
  original: Original,
  answering: '' | 'asked' | 'done',
): Static<typeof refundDetail>['actions'] {
  const connector = connectorFor(refund.platform)
  const answerable = isOpen(refund.status)
    ? { '': refund.constraint, asked: 'being_answered', done: 'already_agreed' }[answering]
    : 'refund_not_open'
  const inState = (from: readonly string[]) => (from.includes(refund.state) ? '' : `already_${refund.state}`)
  const codes: [string, string][] = [
    ['convert', inState(refundEvents.convert.from) || refund.reason],
    [
      'take-doubts',
      inState(['staged', 'converted']) || (refund.doubts.some(({ taken }) => !taken) ? '' : 'not_doubtful'),
    ],
    ['process', inState(refundEvents.process.from)],
    ['unprocess', inState(refundEvents.unprocess.from)],
    [
      'refuse',
      connector?.cannot.refuseRefund ? 'unsupported_by_platform' : inState(refusableStates) || answerable,
    ],
    [
      'agree',
      connector?.cannot.agreeRefund
        ? 'unsupported_by_platform'
        : inState(['staged', 'converted', 'processed']) || answerable || (whyNeverPaid(refund) ?? ''),
    ],
    ['extraRefund', original?.orderId ? '' : 'not_converted'],
  ]
  return codes.map(([action, code]) => ({ action, allowed: code === '', code }))
}

/** Reads from the platform the reasons for which this refund can be refused, because they depend on the refund. */
export async function readRefuseReasons(
  calls: CallDeps,
  id: string,
  scope: Scope,
): Promise<Static<typeof refuseReasons>> {
  const refund = await refundById(calls.db, id, scope)
  if (!refund) throw new AppError('not_found', { what: { zh: '退单', en: 'Refund' } })
  try {
    return await withShop(calls, refund.shopId, async (connector, call) => ({
      reasons:
        (await connector.actions.refuseReasons?.(call, {
          ...refund,
          refundId: refund.refundNo,
        })) ?? [],
      proofNeeded: proofNeeded({ platform: connector.id, variant: call.variant }),
      proofByUrl: connector.refusal?.proofByUrl ?? false,
      proofByFile: (connector.refusal?.proofMaxBytes ?? 0) > 0,
    }))
  } catch (error) {
    throw error instanceof PlatformError ? refusalOf(error) : error
  }
}
