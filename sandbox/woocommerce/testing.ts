import { type TestSandbox, woocommerce } from '../testing.ts'

export type Answered = { status: number; headers: Headers; text: string; body: unknown }

/** Calls the REST API as a correct client does over TLS. `key`: another key and secret than the shop's. */
export async function wc(
  sandbox: TestSandbox,
  call: string,
  body?: object,
  key = `${woocommerce.appKey}:${woocommerce.appSecret}`,
): Promise<Answered> {
  const [verb = '', path = ''] = call.split(' ')
  const response = await fetch(`${sandbox.url}/wp-json/wc/v3/${path}`, {
    method: verb,
    headers: {
      ...(key === '' ? {} : { authorization: `Basic ${Buffer.from(key).toString('base64')}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = text.slice(text.search(/^[[{]/m))
  return { status: response.status, headers: response.headers, text, body: JSON.parse(json) }
}
