import { createHash } from 'node:crypto'
import { type TestSandbox, xiaohongshu } from '../testing.ts'

/** Calls a method as a correct client does. `more` overrides parameters of the system; undefined leaves one out. */
export async function ark(
  sandbox: TestSandbox,
  method: string,
  params: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Promise<string> {
  const timestamp = String(Math.floor(sandbox.clock.now() / 1000))
  const all: Record<string, unknown> = {
    appId: xiaohongshu.appKey,
    method,
    version: '2.0',
    timestamp,
    accessToken: xiaohongshu.sessionKey,
    ...params,
    ...more,
  }
  const text = `${all['method']}?appId=${all['appId']}&timestamp=${all['timestamp']}&version=${all['version']}`
  all['sign'] ??= createHash('md5').update(`${text}${xiaohongshu.appSecret}`).digest('hex')
  const response = await fetch(`${sandbox.url}/ark/open_api/v3/common_controller`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(all),
  })
  return response.text()
}
