import { createHash } from 'node:crypto'
import { chinaTime, jd, type TestSandbox } from '../testing.ts'

export interface JdTry {
  /** Overrides of the parameters of the system; '' leaves one out. */
  params?: Record<string, string>
}

/** Calls a method as a correct client does. */
export async function jos(
  sandbox: TestSandbox,
  method: string,
  param: Record<string, unknown> = {},
  { params = {} }: JdTry = {},
): Promise<string> {
  const json = JSON.stringify(param)
  const all: Record<string, string> = {
    method,
    app_key: jd.appKey,
    access_token: jd.sessionKey,
    timestamp: `${chinaTime(Math.floor(sandbox.clock.now() / 1000))}.000+0800`,
    v: '2.0',
    ...params,
  }
  const signed: Record<string, string> = { ...all, '360buy_param_json': json }
  const text = Object.keys(signed)
    .filter((name) => signed[name] !== '')
    .sort()
    .map((name) => `${name}${signed[name]}`)
    .join('')
  all['sign'] ??= createHash('md5')
    .update(`${jd.appSecret}${text}${jd.appSecret}`)
    .digest('hex')
    .toUpperCase()
  for (const [name, value] of Object.entries(all)) if (value === '') delete all[name]
  const response = await fetch(`${sandbox.url}/routerjson?${new URLSearchParams(all)}`, {
    method: 'POST',
    body: new URLSearchParams({ '360buy_param_json': json }),
  })
  return response.text()
}
