import { sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { minuteMs } from '../../lib/time.ts'
import type { Call, OAuth, ShopIdentity, Token } from '../connector.ts'
import { type Fields, idAt, instantMsAt, longest, textAt } from '../fields.ts'
import { needed } from '../gateway.ts'
import { askXiaohongshu, type Params } from './client.ts'
import { appOf } from './credentials.ts'
import { sellerIn, sessionOf } from './session.ts'
import { listChanged } from './trades.ts'
import { words } from './unverified.ts'

/**
 * A token lives seven days, and the refresh token fourteen. More than half an hour before its end the platform answers with the same token, so it is
 * renewed in the last half hour. The old one lives for some more minutes.
 */
export const oauth: OAuth = {
  aheadMs: 25 * minuteMs,
  authorizeUrl(credentials, { redirectUri, state }) {
    const { appId, authorizeUrl } = appOf(credentials)
    return `${authorizeUrl}?${new URLSearchParams({ appId, redirectUri, state })}`
  },
  exchange(credentials, { code }) {
    return askToken(credentials, 'oauth.getAccessToken', { code })
  },
  refresh(credentials, refreshToken) {
    return askToken(credentials, 'oauth.refreshToken', { refreshToken })
  },
}

async function askToken(
  credentials: Record<string, string>,
  method: 'oauth.getAccessToken' | 'oauth.refreshToken',
  params: Params,
): Promise<Token> {
  try {
    const { data } = await askXiaohongshu({ credentials, session: '', variant: '' }, method, params)
    return tokenOf(data)
  } catch (error) {
    if (!(error instanceof PlatformError) || error.kind !== 'rejected') throw error
    const { code, message } = error
    // A refusal that names neither the application nor its signature is about the code or the refresh token: the seller must agree again.
    if (words.application.test(message)) throw error
    throw new PlatformError('reauthorise', code, hidden(message, params), { cause: error })
  }
}

/** An error may repeat the code or the token that was sent. */
const hidden = (message: string, params: Params): string =>
  Object.values(params).reduce<string>((text, value) => text.replaceAll(String(value), '…'), message)

function tokenOf(data: Fields): Token {
  const token = needed(textAt(data, 'accessToken', longest.name) || null, 'token')
  const name = textAt(data, 'sellerName', longest.name)
  const platformShopId = needed(idAt(data, 'sellerId') || null, 'seller')
  return {
    accessToken: sessionOf(token, { platformShopId, name, nick: name }),
    refreshToken: textAt(data, 'refreshToken', longest.token),
    expiresAt: needed(instantMsAt(data, 'accessTokenExpiresAt'), 'end of the token'),
    refreshExpiresAt: instantMsAt(data, 'refreshTokenExpiresAt'),
    sellerNick: name,
  }
}

/**
 * Tries the token on the orders of the last minute. common.getSellerKeyInfo is used for a token that a person typed; the documents describe it for
 * shops of an older kind.
 */
export async function verify(call: Call): Promise<ShopIdentity> {
  const known = sellerIn(call.session)
  if (known) {
    const to = call.now?.() ?? sharedNow()
    const window = { from: new Date(to.getTime() - minuteMs), to }
    await listChanged(call, window, { number: 1, size: 1, mode: 'count' })
    return known
  }
  const { data } = await askXiaohongshu(call, 'common.getSellerKeyInfo', {})
  const platformShopId = needed(idAt(data, 'sellerId') || null, 'seller')
  return { platformShopId, name: platformShopId, nick: platformShopId }
}
