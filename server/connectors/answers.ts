import { PlatformError } from '../lib/platform-error.ts'
import type { Refund, RefundKind, RefundRef } from './connector.ts'

export type RefuseInput = RefundRef & {
  reasonId: string
  message: string
  proof: Uint8Array | null
  proofType: string
  /** The address of a picture, on a platform that takes evidence by its address. */
  proofUrl?: string
  operator?: string
}
/** `operator`: the name of the user who answers, which some platforms require; undefined: no user of ours answered. */
export type AgreeInput = {
  refunds: (RefundRef & { amountFen: number; kind?: RefundKind })[]
  code?: string
  operator?: string
}
/** `code_needed`: the platform has sent an SMS code to the shop owner and waits for it. */
export type AgreeAnswer = {
  outcome: 'done' | 'code_needed'
  /** The outcome of a refund without a result is unknown. */
  results: { refundId: string; ok: boolean; message: string }[]
}
/**
 * `flag` null: it stays. A platform without flags leaves it out; then it is kept here only. `flagOnly`: only the flag changed; `memo` is the
 * one that we know, for platforms that take no flag alone.
 */
export type MemoInput = { tid: string; memo: string; flag: number | null; flagOnly?: true }

/** The code of a rejection: the refund has this answer already. Nothing was sent, and the answer counts as given. */
export const answeredAlready = 'answered_already'

export const alreadyAnswered = () =>
  new PlatformError('rejected', answeredAlready, 'The refund has this answer already.')

/** The code of a rejection: the refund has changed since the user saw it. */
export const refundChanged = 'refund_changed'

export const changedRefund = () =>
  new PlatformError('rejected', refundChanged, 'The refund has changed since it was seen.')

export const goodsNotBack = () =>
  new PlatformError('rejected', 'goods_not_back', 'The buyer has not sent the goods back yet.')

/** @throws {PlatformError} if the amount was not read. A call that pays without naming an amount could pay another than the user saw. */
export function assertAmountRead({ doubts }: Refund): void {
  if (doubts?.some(({ field }) => field === 'refund_amount'))
    throw new PlatformError('rejected', 'unreadable', 'The amount of the refund cannot be read.')
}

/**
 * Agrees to refunds one by one, on platforms that take one in a call. A rejection of one among several is its result; the rejection of a single refund
 * is thrown. Any other failure ends the call: it is thrown if nothing was answered before. Otherwise the answers so far are returned, because
 * money was paid by then, and a refund without a result has no known outcome.
 */
export async function agreeEach(
  { refunds }: AgreeInput,
  agree: (refund: AgreeInput['refunds'][number]) => Promise<void>,
): Promise<AgreeAnswer> {
  const results: AgreeAnswer['results'] = []
  for (const refund of refunds) {
    try {
      await agree(refund)
      results.push({ refundId: refund.refundId, ok: true, message: '' })
    } catch (error) {
      const isRejected = error instanceof PlatformError && error.kind === 'rejected'
      if (refunds.length === 1 || (!isRejected && results.length === 0)) throw error
      if (!isRejected) break
      results.push({ refundId: refund.refundId, ok: false, message: error.message })
    }
  }
  return { outcome: 'done', results }
}
