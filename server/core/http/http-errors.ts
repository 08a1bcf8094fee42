import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { codeOf, isDiskFull } from '../../lib/safe-error.ts'
import { isUnreachable } from '../db/unreachable.ts'

/** Answers every failure as `{ code, message, messageEn, field?, requestId }`. The answer to an unexpected error has no detail. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error, request)
  if (refusal.status >= 500) request.log.error({ err: error, code: refusal.code }, 'request failed')
  if (refusal.code === 'unavailable') reply.header('retry-after', '3')
  return reply.code(refusal.status).send(body(refusal, request.id))
}

export function body(refusal: AppError, requestId: string) {
  return {
    code: refusal.code,
    message: refusal.text('zh'),
    messageEn: refusal.text('en'),
    ...(refusal.field === undefined ? {} : { field: refusal.field }),
    requestId,
  }
}

function refusalOf(error: unknown, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error
  const code = codeOf(error)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || code === 'FST_REQ_FILE_TOO_LARGE')
    return new AppError('payload_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new AppError('unsupported_media', { accepted: 'application/json' })
  // The other refusals of Fastify are about a request that cannot be read; their messages contain only the client's own input.
  if (isFastifyRefusal(error)) return new AppError('invalid_input', { detail: error.message })
  if (isDiskFull(code)) return new AppError('disk_full')
  if (isUnreachable(error)) return new AppError('unavailable')
  if (code === statementTimedOut) return new AppError('too_slow')
  return new AppError('internal', { requestId: request.id })
}

// PostgreSQL's code for a statement that took longer than its limit, including the wait for locks.
const statementTimedOut = '57014'

function isFastifyRefusal(error: unknown): error is FastifyError {
  if (!(error instanceof Error) || !('statusCode' in error)) return false
  const status = Number(error.statusCode)
  return status >= 400 && status < 500 && (codeOf(error).startsWith('FST_') || error instanceof SyntaxError)
}
