import { sharedMs, sharedNow } from '../../lib/clock.ts'
import { hourMs, secondMs } from '../../lib/time.ts'
import { sendJson } from '../../wire/http.ts'
import type { Call, OAuth, ShopIdentity, Token } from '../connector.ts'
import { type Fields, idAt, isMissing, longest, textAt, wholeAt } from '../fields.ts'
import { needed, objectIn, reported, unreadable } from '../gateway.ts'
import { askJd } from './client.ts'
import { appOf } from './credentials.ts'
import { tokenError } from './errors.ts'

/**
 * A token is renewed only within the last day before its end, and never after it. So the end of the token is the end of its renewal too: after it
 * the seller must agree again.
 */
export const oauth: OAuth = {
  // Some hours of the last day are left for the difference of two clocks.
  aheadMs: 20 * hourMs,
  authorizeUrl(credentials, { redirectUri, state }) {
    const { appKey, oauthUrl } = appOf(credentials)
    const query = {
      app_key: appKey,
      response_type: 'code',
      redirect_uri: redirectUri,
      state,
      scope: 'snsapi_base',
    }
    return `${new URL('to_login', oauthUrl)}?${new URLSearchParams(query)}`
  },
  exchange(credentials, { code }) {
    return askToken(credentials, 'access_token', { grant_type: 'authorization_code', code })
  },
  refresh(credentials, refreshToken) {
    return askToken(credentials, 'refresh_token', {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    })
  },
}

async function askToken(
  credentials: Record<string, string>,
  method: 'access_token' | 'refresh_token',
  params: Record<string, string>,
): Promise<Token> {
  const { appKey, appSecret, oauthUrl } = appOf(credentials)
  const query = new URLSearchParams({ app_key: appKey, app_secret: appSecret, ...params })
  const secrets = [appSecret, params.code ?? '', params.refresh_token ?? '']
  return reported({ credentials, session: '', variant: '' }, method, async () => {
    const answer = await sendJson(`${new URL(method, oauthUrl)}?${query}`, undefined, undefined)
    const body = objectIn(answer.text)
    if (body && isMissing(body.access_token) && !isMissing(body.code))
      throw tokenError(body, { answer, at: sharedNow(), secrets })
    if (!body || answer.status >= 400) throw unreadable(answer, 'a token')
    return tokenOf(body)
  })
}

function tokenOf(body: Fields): Token {
  const accessToken = needed(textAt(body, 'access_token', longest.token) || null, 'token')
  const seconds = needed(wholeAt(body, 'expires_in', 1, 1e11), 'end of the token')
  const expiresAt = new Date(sharedMs() + seconds * secondMs)
  const refreshToken = textAt(body, 'refresh_token', longest.token)
  return { accessToken, refreshToken, expiresAt, refreshExpiresAt: expiresAt, sellerNick: '' }
}

/** jingdong.vender.shop.query: the shop of the token. */
export async function verify(call: Call): Promise<ShopIdentity> {
  const { result } = await askJd(call, 'jingdong.vender.shop.query', {}, 'shop_jos_result')
  const platformShopId = needed(idAt(result, 'shop_id') || idAt(result, 'vender_id') || null, 'shop')
  const name = textAt(result, 'shop_name', longest.name) || platformShopId
  return { platformShopId, name, nick: name }
}

const venders = new WeakMap<object, { session: string; venderId: string }>()

/** 商家ID, which calls of after-sale must name. It is asked for once for each opening of the shop. */
export async function venderOf(call: Call): Promise<string> {
  const known = venders.get(call.credentials)
  if (known?.session === call.session) return known.venderId
  const { result } = await askJd(call, 'jingdong.vender.shop.query', {}, 'shop_jos_result')
  const venderId = needed(idAt(result, 'vender_id') || null, 'vender')
  venders.set(call.credentials, { session: call.session, venderId })
  return venderId
}
