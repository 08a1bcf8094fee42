import { JSON_TYPE, type Outcome, type Received } from '../http.ts'
import { readJson, textIn } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { issueTokens, nowSeconds } from '../world/world.ts'

/** Seconds; a token lives for a day. */
const LIFE = 86_400
/** When less than this is left of a token, the next one is given; the old one works to its end. */
const AHEAD = 600

export const isTokenPath = (path: string): boolean => path === '/admin/oauth/access_token'

/** POST /admin/oauth/access_token: client credentials, as a form or as JSON. The client says which of the simulator's shops is meant. */
export function tokenGateway(sandbox: Sandbox, { verb, type, body, params }: Received): Outcome {
  if (verb !== 'POST') return refused(sandbox, '-', 404, 'not_found')
  const asked = type.startsWith('application/json')
    ? (readJson(body.toString('utf8')) ?? {})
    : Object.fromEntries(new URLSearchParams(body.toString('utf8')))
  const of = (name: string) => textIn(asked, name) || (params.get(name) ?? '')
  const shop = sandbox.world.shops.find(
    ({ platform, options }) => platform === 'shopify' && options.appKey === of('client_id'),
  )
  if (of('grant_type') !== 'client_credentials') return refused(sandbox, '-', 400, 'unsupported_grant_type')
  if (shop === undefined) return refused(sandbox, '-', 400, 'application_cannot_be_found')
  if (shop.options.appSecret !== of('client_secret')) return refused(sandbox, shop.key, 400, 'invalid_client')
  countCall(sandbox, shop.key, 'token', sandbox.world.clock.now())
  const now = nowSeconds(sandbox.world)
  const [access_token, expires_in] = presentToken(sandbox, shop, now)
  return json(200, { access_token, scope: scopesOf(shop).join(','), expires_in })
}

function presentToken(sandbox: Sandbox, shop: Shop, now: number): [string, number] {
  for (const [token, session] of sandbox.world.sessions) {
    const left = session.expires - now
    if (session.shop === shop && left > AHEAD && left <= LIFE) return [token, left]
  }
  const life = Math.min(sandbox.tokenLife, LIFE - 1)
  return [issueTokens(sandbox.world, shop, life).access, life]
}

/** What the app of the shop may do. */
export const scopesOf = ({ options }: Shop): readonly string[] => options.scopes ?? SCOPES

const SCOPES = [
  'read_all_orders',
  'write_orders',
  'read_products',
  'write_inventory',
  'read_locations',
  'write_merchant_managed_fulfillment_orders',
  'write_returns',
]

/** The shop of a token, which is that of a session or one that the shop's owner has copied. */
export function shopOfToken({ world }: Sandbox, token: string): Shop | undefined {
  const session = world.sessions.get(token)
  if (session?.shop.platform === 'shopify' && session.expires > nowSeconds(world)) return session.shop
  return undefined
}

function refused(sandbox: Sandbox, shop: string, status: number, error: string): Outcome {
  count(sandbox.errors, `${shop} token ${error}`)
  return json(status, { error, error_description: `The client credentials are refused: ${error}.` })
}

export const json = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Extract<Outcome, { kind: 'answer' }> => ({
  kind: 'answer',
  status,
  type: JSON_TYPE,
  body: JSON.stringify(body),
  headers,
})
