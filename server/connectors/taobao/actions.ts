import iconv from 'iconv-lite'
import { PlatformError } from '../../lib/platform-error.ts'
import type { AgreeAnswer, AgreeInput, MemoInput, RefuseInput } from '../answers.ts'
import type { Call, RefundRef } from '../connector.ts'
import { type Fields, idAt, isFields, isTrueAt, listAt, longest, textAt } from '../fields.ts'
import { callTop } from './client.ts'

const longestMemoBytes = 1000
const largestProofBytes = 130_000

/** taobao.refund.refuse. Tmall requires the phase, the version and a picture as proof. */
export async function refuseRefund(call: Call, input: RefuseInput): Promise<void> {
  const { message, proof } = input
  if (message.length < 2 || message.length > 200) {
    throw new PlatformError(
      'rejected',
      'message_length',
      'The refusal message must have 2 to 200 characters.',
    )
  }
  if (proof && proof.length > largestProofBytes) {
    throw new PlatformError(
      'rejected',
      'proof_too_large',
      `The proof picture may have ${largestProofBytes} bytes at most.`,
    )
  }
  const params = {
    refund_id: input.refundId,
    refuse_message: message,
    refuse_reason_id: input.reasonId,
    refund_phase: input.phase,
    refund_version: input.version,
  }
  const file = proof ? { field: 'refuse_proof', bytes: proof, type: input.proofType } : undefined
  const { body } = await callTop(call, 'taobao.refund.refuse', params, file)
  if ('is_success' in body && !isTrueAt(body, 'is_success')) {
    throw new PlatformError('rejected', 'not_done', 'The platform did not refuse the refund.', {
      requestId: textAt(body, 'request_id', longest.word),
    })
  }
}

/** taobao.refund.refusereason.get: the reasons for which this refund may be refused. */
export async function refuseReasons(call: Call, refund: RefundRef): Promise<{ id: string; text: string }[]> {
  const { body } = await callTop(call, 'taobao.refund.refusereason.get', {
    refund_id: refund.refundId,
    refund_phase: refund.phase,
    fields: 'reason_id,reason_text',
  })
  return listAt(body, 'reasons', 'reason')
    .filter(isFields)
    .map((reason) => ({ id: idAt(reason, 'reason_id'), text: textAt(reason, 'reason_text', longest.name) }))
    .filter((reason) => reason.id !== '')
}

/** The most refunds of one call of rp.refunds.agree, and their largest sum in 分. */
const agreeLimits = {
  taobao: { count: 20, fen: 600_000 },
  tmall: { count: 30, fen: 1_000_000 },
} as const

/**
 * taobao.rp.refunds.agree: pays the refunds. Tmall requires a review of each refund before, which a call with `code` does not repeat; a refund whose review
 * fails is left out and returned as not done. Above a sum the platform sends an SMS code to the shop owner and answers with a failure; call again with
 * `code` then.
 */
export async function agreeRefund(call: Call, input: AgreeInput): Promise<AgreeAnswer> {
  const isTmall = call.variant === 'tmall'
  const limits = isTmall ? agreeLimits.tmall : agreeLimits.taobao
  const fen = input.refunds.reduce((sum, refund) => sum + refund.amountFen, 0)
  if (input.refunds.length > limits.count || fen > limits.fen) {
    throw new PlatformError(
      'rejected',
      'agree_limit',
      `At most ${limits.count} refunds and ${limits.fen / 100} yuan in one call.`,
    )
  }
  const unreviewed = isTmall && !input.code ? await reviewAll(call, input) : []
  const refunds = input.refunds.filter(
    (refund) => !unreviewed.some(({ refundId }) => refundId === refund.refundId),
  )
  if (refunds.length === 0) return { outcome: 'done', results: unreviewed }
  const infos = refunds.map(({ refundId, amountFen, version, phase }) =>
    [refundId, amountFen, version, ...(isTmall ? [phase] : [])].join('|'),
  )
  const answer = await askToAgree(call, infos.join(','), input.code ?? '')
  if (answer === 'code_needed') return { outcome: 'code_needed', results: unreviewed }
  return {
    outcome: 'done',
    results: [...unreviewed, ...refunds.map(({ refundId }) => resultOf(answer, refundId))],
  }
}

async function askToAgree(call: Call, infos: string, code: string): Promise<Fields | 'code_needed'> {
  try {
    const { body } = await callTop(call, 'taobao.rp.refunds.agree', { refund_infos: infos, code })
    const asksForCode =
      !isTrueAt(body, 'succ') &&
      codeWords.test(`${textAt(body, 'msg_code', longest.word)} ${textAt(body, 'message', longest.name)}`)
    return asksForCode ? 'code_needed' : body
  } catch (error) {
    if (
      error instanceof PlatformError &&
      error.kind === 'rejected' &&
      codeWords.test(`${error.code} ${error.message}`)
    )
      return 'code_needed'
    throw error
  }
}

/**
 * Matches the message of a failure that asks for the SMS code. The documentation says that the call fails and a code is sent, but not with
 * which message.
 */
const codeWords = /验证码|sms|verify-?code|code-(required|needed|miss)/i

/** Returns the result of one refund. Without a result of its own, the result of the whole answer counts. */
function resultOf(body: Fields, refundId: string): AgreeAnswer['results'][number] {
  const own = listAt(body, 'results', 'refund_mapping_result')
    .filter(isFields)
    .find((result) => idAt(result, 'refund_id') === refundId)
  const from = own ?? body
  return { refundId, ok: isTrueAt(from, 'succ'), message: textAt(from, 'message', longest.name) }
}

async function reviewAll(call: Call, input: AgreeInput): Promise<AgreeAnswer['results']> {
  const failed: AgreeAnswer['results'] = []
  for (const refund of input.refunds) {
    try {
      await callTop(call, 'taobao.rp.refund.review', {
        refund_id: refund.refundId,
        operator: input.operator ?? 'Sanyi',
        refund_phase: refund.phase,
        refund_version: refund.version,
        result: 'true',
        message: '同意退款',
      })
    } catch (error) {
      if (!(error instanceof PlatformError) || error.kind !== 'rejected') throw error
      failed.push({ refundId: refund.refundId, ok: false, message: error.message })
    }
  }
  return failed
}

/**
 * taobao.trade.memo.update. Without `reset` TOP keeps the old memo if the new one is empty, so a flag alone leaves also a memo that is not
 * downloaded yet.
 */
export async function updateMemo(call: Call, { tid, memo, flag, flagOnly }: MemoInput): Promise<void> {
  // GB 18030 is GBK with four bytes for characters that GBK lacks, such as emoji.
  if (iconv.encode(memo, 'gb18030').length > longestMemoBytes) {
    throw new PlatformError(
      'rejected',
      'memo_too_long',
      `A memo may have ${longestMemoBytes} bytes at most (500 Chinese characters).`,
    )
  }
  await callTop(call, 'taobao.trade.memo.update', {
    tid,
    memo: flagOnly ? '' : memo,
    flag: flag === null ? '' : String(flag),
    reset: memo === '' && !flagOnly ? 'true' : '',
  })
}
