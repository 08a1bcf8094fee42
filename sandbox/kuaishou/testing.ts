import { createHmac } from 'node:crypto'
import { kuaishou, type TestSandbox } from '../testing.ts'

export interface KuaishouTry {
  /** Overrides of the parameters; '' leaves one out. */
  params?: Record<string, string>
  /** `param` as it is sent. */
  json?: string
}

/** Calls a method as a correct client does: `GET open.order.detail`. */
export async function kwai(
  sandbox: TestSandbox,
  call: string,
  param: Record<string, unknown> = {},
  { params = {}, json = JSON.stringify(param) }: KuaishouTry = {},
): Promise<string> {
  const [verb = 'GET', method = ''] = call.split(' ')
  const all: Record<string, string> = {
    access_token: kuaishou.sessionKey,
    appkey: kuaishou.appKey,
    method,
    param: json,
    signMethod: 'HMAC_SHA256',
    timestamp: String(sandbox.clock.now()),
    version: '1',
    ...params,
  }
  const secret = kuaishou.signSecret ?? ''
  const text = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join('&')
  all['sign'] ??= createHmac('sha256', secret).update(`${text}&signSecret=${secret}`).digest('base64')
  for (const [name, value] of Object.entries(all)) if (value === '') delete all[name]
  const url = `${sandbox.url}/${method.replaceAll('.', '/')}`
  const form = new URLSearchParams(all)
  const response = await fetch(
    verb === 'GET' ? `${url}?${form}` : url,
    verb === 'GET' ? {} : { method: verb, body: form },
  )
  return response.text()
}
