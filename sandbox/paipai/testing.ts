import { paipai, type TestSandbox } from '../testing.ts'
import type { Charset } from './charset.ts'
import { encode, paipaiSign } from './charset.ts'

export interface PaipaiTry {
  verb?: 'GET' | 'POST'
  charset?: Charset
}

/** Calls a method as a correct client does. `params` override the usual ones; '' leaves one out. Returns the bytes of the answer. */
export async function callPaipai(
  sandbox: TestSandbox,
  method: string,
  params: Record<string, string> = {},
  { verb = 'POST', charset = 'utf-8' }: PaipaiTry = {},
): Promise<Buffer> {
  const path = `/${method}.xhtml`
  const seller = method.startsWith('deal/getDealRefund') ? 'userUin' : 'sellerUin'
  const all = {
    appOAuthID: paipai.appKey,
    accessToken: paipai.sessionKey,
    uin: paipai.appKey,
    [seller]: paipai.appKey,
    timeStamp: String(Math.floor(sandbox.clock.now() / 1000)),
    randomValue: '12345',
    charset,
    format: 'json',
    pureData: '1',
    ...params,
  }
  const sent = new Map(Object.entries(all).filter(([, value]) => value !== ''))
  if (params['sign'] === undefined)
    sent.set('sign', paipaiSign({ verb, path, charset }, sent, paipai.appSecret))
  const form = [...sent].map(([name, value]) => `${name}=${percent(value, charset)}`).join('&')
  const response =
    verb === 'GET'
      ? await fetch(`${sandbox.url}${path}?${form}`)
      : await fetch(`${sandbox.url}${path}`, { method: 'POST', body: form })
  return Buffer.from(await response.arrayBuffer())
}

const percent = (value: string, charset: Charset): string =>
  [...encode(value, charset)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
