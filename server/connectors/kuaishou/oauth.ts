import { sharedMs, sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import { postForm, sendJson } from '../../wire/http.ts'
import type { Call, OAuth, ShopIdentity, Token } from '../connector.ts'
import { type Fields, fieldsAt, idAt, longest, textAt, wholeAt } from '../fields.ts'
import { reported } from '../gateway.ts'
import { askKuaishou, readAnswer } from './client.ts'
import { appOf } from './credentials.ts'

/** The rights that the seller is asked for. The application must have each of them. */
const scope = 'user_info,merchant_user,merchant_order,merchant_refund,merchant_item,merchant_logistics'

/**
 * APP授权说明: an access token lives 48 hours, also if a new one is issued before. A refresh token can be used once; the new one ends when the
 * first one would have ended, 180 days after the seller agreed.
 */
export const oauth: OAuth = {
  authorizeUrl(credentials, { redirectUri, state }) {
    const app = appOf(credentials)
    const query = { app_id: app.appKey, redirect_uri: redirectUri, scope, response_type: 'code', state }
    return `${app.authorizeUrl}?${new URLSearchParams(query)}`
  },
  exchange(credentials, { code }) {
    return askToken(credentials, 'access_token', { grant_type: 'code', code })
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
  const { appKey, appSecret, signSecret, gatewayUrl } = appOf(credentials)
  const form = new URLSearchParams({ app_id: appKey, app_secret: appSecret, ...params })
  const url = String(new URL(`oauth2/${method}`, gatewayUrl))
  const secrets = [appSecret, signSecret, params.code ?? '', params.refresh_token ?? '']
  const body = await reported({ credentials, session: '', variant: '' }, method, async () => {
    const answer =
      method === 'access_token'
        ? await sendJson(`${url}?${form}`, undefined, undefined)
        : await postForm(url, form, undefined)
    return readAnswer(answer, sharedNow(), secrets)
  })
  return tokenOf(body)
}

function tokenOf(body: Fields): Token {
  const accessToken = textAt(body, 'access_token', longest.token)
  const seconds = wholeAt(body, 'expires_in', 1, 1e11)
  if (accessToken === '' || seconds === null)
    throw new PlatformError('retry', 'bad_answer', 'The answer has no token.', { unclear: true })
  const refreshSeconds = wholeAt(body, 'refresh_token_expires_in', 1, 1e11)
  const now = sharedMs()
  return {
    accessToken,
    refreshToken: textAt(body, 'refresh_token', longest.token),
    expiresAt: new Date(now + seconds * secondMs),
    refreshExpiresAt: refreshSeconds === null ? null : new Date(now + refreshSeconds * secondMs),
    sellerNick: '',
  }
}

/** open.user.seller.get: the seller's number is that of the shop. */
export async function verify(call: Call): Promise<ShopIdentity> {
  const { body } = await askKuaishou(call, 'open.user.seller.get', {})
  const data = fieldsAt(body, 'data')
  const platformShopId = idAt(data, 'sellerId') || textAt(data, 'openId', longest.name)
  if (platformShopId === '') throw new PlatformError('retry', 'bad_answer', 'The answer names no shop.')
  const name = textAt(data, 'name', longest.name) || platformShopId
  return { platformShopId, name, nick: name }
}
