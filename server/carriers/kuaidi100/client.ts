import type { Call } from '../../connectors/connector.ts'
import { type Fields, fieldsAt, isFields, isTrueAt } from '../../connectors/fields.ts'
import { sharedNow } from '../../lib/clock.ts'
import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import { appOf, partnerOf } from './credentials.ts'
import { labelError } from './errors.ts'
import { signOf } from './sign.ts'

/**
 * Makes one call of the label service for the account at the courier, and returns what its answer holds under `data`. @throws
 * {PlatformError} for every failure.
 */
export async function callLabel(
  call: Call,
  method: 'order' | 'cancel' | 'interceptOrder',
  wanted: object,
): Promise<Fields> {
  const { key, secret, labelUrl } = appOf(call.credentials)
  const partner = partnerOf(call.credentials)
  const param = JSON.stringify({ ...partner, ...wanted })
  const t = String((call.now?.() ?? sharedNow()).getTime())
  const form = new URLSearchParams({ method, key, t, param, sign: signOf(param, t, key, secret) })
  const secrets = [key, secret, partner.partnerKey ?? '', partner.partnerSecret ?? '']
  const started = performance.now()
  const report = (outcome: 'ok' | PlatformError['kind']) =>
    call.onRequest?.({
      method: `kuaidi100.label.${method}`,
      ms: Math.round(performance.now() - started),
      outcome,
    })
  try {
    const data = readLabelAnswer(await postForm(labelUrl, form, call.signal), secrets)
    report('ok')
    return data
  } catch (error) {
    if (error instanceof PlatformError) report(error.kind)
    throw error
  }
}

/** Parses an HTTP answer. A repeated request succeeds with the code 30011 instead of 200, so `success` alone counts. */
export function readLabelAnswer(answer: HttpAnswer, secrets: readonly string[]): Fields {
  const body = readRoot(answer.text)
  if (body && answer.status < 400) {
    if (isTrueAt(body, 'success')) return fieldsAt(body, 'data')
    throw labelError(body, secrets)
  }
  const kind = answer.status >= 400 && answer.status < 500 && answer.status !== 429 ? 'rejected' : 'retry'
  const code = answer.status === 200 ? 'bad_answer' : `http_${answer.status}`
  throw new PlatformError(
    kind,
    code,
    `快递100 answered ${answer.status} with something that is not its JSON.`,
    {
      unclear: kind === 'retry' && answer.status !== 429,
    },
  )
}

function readRoot(text: string): Fields | undefined {
  try {
    const root = parseJson(text)
    return isFields(root) ? root : undefined
  } catch {
    return undefined
  }
}
