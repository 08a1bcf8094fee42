import { createHmac } from 'node:crypto'
import type { Received } from '../http.ts'
import { keptMap } from '../kept-map.ts'
import type { Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { type WooError, wrong } from './call.ts'

const refused = (message: string): WooError => wrong(401, 'woocommerce_rest_authentication_error', message)

/** Seconds by which the timestamp of a signed request may differ. */
const TOLERANCE = 900
const seen = keptMap<Sandbox, Set<string>>('woocommerce nonces')

/**
 * The shop whose key authorises a request: over TLS, which this simulator takes its own http for, by HTTP Basic or by two parameters; over plain HTTP by
 * OAuth 1.0a without a token.
 */
export function shopOf(sandbox: Sandbox, received: Received): Shop | WooError | undefined {
  const basic = /^Basic (.+)$/.exec(received.headers.authorization ?? '')?.[1]
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8')
    const cut = text.indexOf(':')
    return keyed(sandbox, text.slice(0, cut), text.slice(cut + 1))
  }
  const { params } = received
  const key = params.get('consumer_key')
  if (key !== undefined) return keyed(sandbox, key, params.get('consumer_secret') ?? '')
  return params.has('oauth_consumer_key') ? signed(sandbox, received) : undefined
}

const shopWith = ({ world }: Sandbox, key: string): Shop | undefined =>
  world.shops.find(({ platform, options }) => platform === 'woocommerce' && options.appKey === key)

function keyed(sandbox: Sandbox, key: string, secret: string): Shop | WooError {
  const shop = shopWith(sandbox, key)
  if (shop === undefined) return refused('Consumer key is invalid.')
  return shop.options.appSecret === secret ? shop : refused('Consumer secret is invalid.')
}

function signed(sandbox: Sandbox, { verb, path, params }: Received): Shop | WooError {
  const of = (name: string) => params.get(`oauth_${name}`) ?? ''
  const missing = ['consumer_key', 'timestamp', 'nonce', 'signature', 'signature_method'].find(
    (name) => of(name) === '',
  )
  if (missing !== undefined) return refused(`Missing OAuth parameter oauth_${missing}`)
  const shop = shopWith(sandbox, of('consumer_key'))
  if (shop === undefined) return refused('Consumer key is invalid.')
  const algorithm = { 'HMAC-SHA256': 'sha256', 'HMAC-SHA1': 'sha1' }[of('signature_method')]
  if (algorithm === undefined) return refused('Invalid signature - signature method is invalid.')
  const base = [verb, sandbox.world.url + path, sorted(params)].map(encoded).join('&')
  const own = createHmac(algorithm, `${shop.options.appSecret}&`).update(base).digest('base64')
  if (own !== of('signature')) return refused('Invalid signature - provided signature does not match.')
  if (!(Math.abs(Number(of('timestamp')) - sandbox.world.clock.now() / 1000) <= TOLERANCE))
    return refused('Invalid timestamp.')
  return once(sandbox, `${of('timestamp')} ${of('nonce')}`)
    ? shop
    : refused('Invalid nonce - nonce has already been used.')
}

/** Each nonce is good once. */
function once(sandbox: Sandbox, nonce: string): boolean {
  const known = seen.get(sandbox) ?? new Set()
  seen.set(sandbox, known)
  if (known.has(nonce)) return false
  known.add(nonce)
  return true
}

const sorted = (params: ReadonlyMap<string, string>): string =>
  [...params]
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&')

/** RFC 3986, which leaves fewer characters as they are. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
