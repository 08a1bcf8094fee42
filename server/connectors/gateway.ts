import { parseJson } from '../lib/json.ts'
import { PlatformError } from '../lib/platform-error.ts'
import type { HttpAnswer } from '../wire/http.ts'
import type { Call } from './connector.ts'
import { type Fields, isFields } from './fields.ts'

// What the clients of all platforms do alike around one call: report it, read its JSON, and judge an answer that says nothing of its own.

/** Makes one request in its turn, and reports its time and outcome to the caller. `numberOf`: the platform's own number of the request; empty: none. */
export function reported<Answer>(
  call: Call,
  method: string,
  work: () => Promise<Answer>,
  numberOf: (answer: Answer) => string = () => '',
): Promise<Answer> {
  const send = () => timed(call, method, work, numberOf)
  return call.withinQuota ? call.withinQuota(send) : send()
}

async function timed<Answer>(
  call: Call,
  method: string,
  work: () => Promise<Answer>,
  numberOf: (answer: Answer) => string,
): Promise<Answer> {
  const started = performance.now()
  const report = (outcome: 'ok' | PlatformError['kind'], requestId: string) =>
    call.onRequest?.({
      method,
      ms: Math.round(performance.now() - started),
      outcome,
      ...(requestId === '' ? {} : { requestId }),
    })
  try {
    const answer = await work()
    report('ok', numberOf(answer))
    return answer
  } catch (error) {
    if (error instanceof PlatformError) report(error.kind, error.requestId)
    throw error
  }
}

/** Returns the JSON object that the text is; undefined: it is none. */
export function objectIn(text: string): Fields | undefined {
  try {
    const body = parseJson(text)
    return isFields(body) ? body : undefined
  } catch {
    return undefined
  }
}

/**
 * The error of an answer in which the platform gives no code of its own. `what`: what a good answer would be, such as "POP JSON". A call
 * that was answered with a status from 400 to 499 did nothing; after any other the call may have had its effect.
 */
export function unreadable({ status, retryAfterMs }: HttpAnswer, what: string): PlatformError {
  if (status === 429)
    return new PlatformError('rate_limited', 'http_429', 'The gateway answered 429.', {
      waitMs: retryAfterMs || 1000,
    })
  const kind = status >= 400 && status < 500 ? 'rejected' : 'retry'
  return new PlatformError(
    kind,
    status === 200 ? 'bad_answer' : `http_${status}`,
    `The gateway answered ${status} with something that is not ${what}.`,
    { unclear: kind === 'retry' },
  )
}

/** @throws {PlatformError} where the answer lacks its content. */
export function needed<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined)
    throw new PlatformError('retry', 'bad_answer', `The answer has no ${what}.`)
  return value
}

/** Returns a platform's number. @throws {PlatformError} for any other text; nothing is sent then. */
export function digitsOf(id: string): string {
  if (!/^\d{1,20}$/.test(id))
    throw new PlatformError('rejected', 'parameter', 'This platform counts by numbers.')
  return id
}

/** The words of a service that failed, for platforms whose documents do not number such answers: the call may have had its effect. */
export const failureWords =
  /系统(繁忙|异常|错误)|服务器?(繁忙|异常|错误|不可用)|(服务|请求|调用|网络|接口)[^，。；]{0,4}超时|网络异常|稍后(重试|再试)|timed? ?out/i

/**
 * The error that an answer names. A server that failed (5xx) may have carried the call out before, so its rejections are not certain: they are
 * unclear, and the caller asks for the effect of the call.
 */
export function certain({ status }: HttpAnswer, error: PlatformError): PlatformError {
  if (status < 500 || error.kind !== 'rejected') return error
  const { code, message, requestId } = error
  return new PlatformError('retry', code, message, { unclear: true, requestId, cause: error })
}
