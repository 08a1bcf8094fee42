import { createHmac } from 'node:crypto'
import { doudian, type TestSandbox } from '../testing.ts'

export interface DoudianTry {
  /** Overrides of the public parameters; '' leaves one out. */
  query?: Record<string, string>
  /** The body as it is sent; it is signed as it is. */
  json?: string
  headers?: Record<string, string>
}

/** Calls a method as a correct client does. The keys of `params` must be sorted. */
export async function fxg(
  sandbox: TestSandbox,
  path: string,
  params: Record<string, unknown> = {},
  { query = {}, json = JSON.stringify(params), headers = { 'x-open-no-old-err-code': '1' } }: DoudianTry = {},
): Promise<string> {
  const method = path.replaceAll('/', '.')
  const all: Record<string, string> = {
    app_key: doudian.appKey,
    method,
    access_token: doudian.sessionKey,
    timestamp: String(Math.floor(sandbox.clock.now() / 1000)),
    v: '2',
    sign_method: 'hmac-sha256',
    ...query,
  }
  const secret = doudian.appSecret
  const text = `${secret}app_key${all['app_key']}method${all['method']}param_json${json}timestamp${all['timestamp']}v${all['v']}${secret}`
  if (query['sign'] === undefined) all['sign'] = createHmac('sha256', secret).update(text).digest('hex')
  for (const [name, value] of Object.entries(all)) if (value === '') delete all[name]
  const response = await fetch(`${sandbox.url}/${path}?${new URLSearchParams(all)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: json,
  })
  return response.text()
}
