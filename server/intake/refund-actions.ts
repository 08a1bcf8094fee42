import type { Actor, Scope } from '../actor.ts'
import { connectorFor } from '../connectors/index.ts'
import type { Tx } from '../db.ts'
import { AppError } from '../errors.ts'
import { type KeyRing, seal } from '../lib/seal.ts'
import { enqueueAction } from '../outbox/actions.ts'
import { addRefundEvents } from './event-queries.ts'
import { lockRefundForAction, type RefundForAction, setRefundState } from './refund-action-queries.ts'
import { decidedOn } from './refund-columns.ts'

export type RefuseWish = {
  reasonId: string
  message: string
  version: string
  proof?: { type: string; base64: string } | undefined
}
export type AgreeWish = { version: string; amountFen: number; code?: string | undefined }

/** What the outbox carries, sealed: words to the buyer and a picture are nobody else's business. */
export type RefuseSecret = { reasonId: string; message: string; proof: string; proofType: string }

/**
 * 拒绝退款: staged → refusing now, refused when the platform said yes; if it fails or the version moved, back to staged
 * with the error. Meanwhile it can be neither converted nor processed.
 */
export async function refuseRefund(
  tx: Tx,
  ring: KeyRing,
  id: string,
  wish: RefuseWish,
  actor: Actor,
  scope: Scope,
): Promise<void> {
  const refund = await lockForAnswer(tx, id, wish.version, 'refuseRefund', scope)
  if (refund.state !== 'staged') throw new AppError('conflict', { what: { zh: '退单', en: 'Refund' } })
  if (refund.status !== 'applied' && refund.status !== 'agreed') throw new AppError('refund_not_open')
  checkProof(refund, wish.proof)
  const secret: RefuseSecret = {
    reasonId: wish.reasonId,
    message: wish.message,
    proof: wish.proof?.base64 ?? '',
    proofType: wish.proof?.type ?? '',
  }
  await setRefundState(tx, id, { state: 'refusing', by: actor.name, error: '', decidedOn: decidedOn(refund) })
  await addRefundEvents(
    tx,
    refund.shopId,
    [{ refundNo: refund.refundNo, event: 'refusing', detail: { version: wish.version } }],
    actor,
  )
  await enqueueAction(
    tx,
    {
      shopId: refund.shopId,
      kind: 'refund.refuse',
      subject: { type: 'staged_refund', id },
      deadline: refund.deadline,
      idempotencyKey: `refund.refuse/${id}/${wish.version}/${refund.stateAt.getTime()}`,
      payload: {
        refundId: refund.refundNo,
        tid: refund.tid,
        oid: refund.oid,
        phase: refund.phase,
        version: wish.version,
      },
      secret: seal(ring, refund.shopId, JSON.stringify(secret)),
    },
    actor,
  )
}

/** 同意退款. Moves money: the person repeats the amount, and the version must be the one that was seen. */
export async function agreeRefund(
  tx: Tx,
  ring: KeyRing,
  id: string,
  wish: AgreeWish,
  actor: Actor,
  scope: Scope,
): Promise<void> {
  const refund = await lockForAnswer(tx, id, wish.version, 'agreeRefund', scope)
  if (refund.state === 'refusing' || refund.state === 'refused')
    throw new AppError('conflict', { what: { zh: '退单', en: 'Refund' } })
  if (refund.status !== 'applied' && refund.status !== 'agreed') throw new AppError('refund_not_open')
  if (refund.amountFen !== wish.amountFen) throw new AppError('amount_differs', {}, 'amountFen')
  await addRefundEvents(
    tx,
    refund.shopId,
    [{ refundNo: refund.refundNo, event: 'agreeing', detail: { amountFen: wish.amountFen } }],
    actor,
  )
  await enqueueAction(
    tx,
    {
      shopId: refund.shopId,
      kind: 'refund.agree',
      subject: { type: 'staged_refund', id },
      deadline: refund.deadline,
      idempotencyKey: `refund.agree/${id}/${wish.version}/${wish.code ?? ''}`,
      payload: {
        refundId: refund.refundNo,
        tid: refund.tid,
        oid: refund.oid,
        phase: refund.phase,
        version: wish.version,
        amountFen: wish.amountFen,
      },
      ...(wish.code ? { secret: seal(ring, refund.shopId, JSON.stringify({ code: wish.code })) } : {}),
    },
    actor,
  )
}

/** Some platforms want a picture with each refusal, and none takes a large one. */
export function proofNeeded(refund: { platform: string; variant: string }): boolean {
  return connectorFor(refund.platform)?.refusal?.proofNeeded(refund.variant) ?? false
}

function checkProof(refund: RefundForAction, proof: RefuseWish['proof']): void {
  if (!proof && proofNeeded(refund)) throw new AppError('proof_needed', {}, 'proof')
  const max = connectorFor(refund.platform)?.refusal?.proofMaxBytes ?? 0
  if (proof && Buffer.byteLength(proof.base64, 'base64') > max)
    throw new AppError('proof_too_large', { max: max / 1000 }, 'proof')
}

async function lockForAnswer(
  tx: Tx,
  id: string,
  version: string,
  action: 'refuseRefund' | 'agreeRefund',
  scope: Scope,
): Promise<RefundForAction> {
  const refund = await lockRefundForAction(tx, id, scope)
  if (!refund) throw new AppError('not_found', { what: { zh: '退单', en: 'Refund' } })
  const connector = connectorFor(refund.platform)
  if (!connector?.actions[action]) {
    const why = connector?.cannot[action] ?? { zh: '接口不支持', en: 'no such interface' }
    throw new AppError('unsupported_by_platform', {
      platform: connector?.name ?? { zh: refund.platform, en: refund.platform },
      reason: why,
    })
  }
  if (refund.constraint !== '') throw new AppError('platform_rejected', { detail: refund.constraint })
  if (refund.version !== version)
    throw new AppError('conflict', { what: { zh: '退单', en: 'Refund' } }, 'version')
  return refund
}
