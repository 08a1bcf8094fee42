import { sharedMs, sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { hourMs, minuteMs, secondMs } from '../../lib/time.ts'
import type { Call, ShopIdentity, TokenIssue } from '../connector.ts'
import { type Fields, fieldsAt, idAt, longest, textAt, wholeAt } from '../fields.ts'
import { callFxg } from './client.ts'
import { appOf } from './credentials.ts'
import { listChanged } from './trades.ts'

/**
 * token/create of a self-use application: the seller agrees on no page. A token lives seven days; until an hour before its end the same one is
 * answered. So nothing has to be kept of the refresh token.
 */
export const issue: TokenIssue = {
  aheadMs: hourMs,
  async token(credentials) {
    const data = await askToken({ credentials, session: '', variant: '' })
    const accessToken = textAt(data, 'access_token', longest.token)
    const given = wholeAt(data, 'expires_in', 1, 1e11)
    if (accessToken === '' || given === null)
      throw new PlatformError('retry', 'bad_answer', 'The answer has no token.')
    return {
      accessToken,
      refreshToken: '',
      expiresAt: new Date(given > firstStamp ? given * secondMs : sharedMs() + given * secondMs),
      refreshExpiresAt: null,
      sellerNick: textAt(data, 'shop_name', longest.name),
    }
  },
}

/** The documents call `expires_in` both the seconds that are left and a time. No token lives for a billion seconds. */
const firstStamp = 1e9

/** The token is tried on the shop's orders. Only the call for tokens has the shop's name. */
export async function verify(call: Call): Promise<ShopIdentity> {
  const to = call.now?.() ?? sharedNow()
  const window = { from: new Date(to.getTime() - minuteMs), to }
  await listChanged(call, window, { number: 1, size: 1, mode: 'count' })
  const data = await askToken({ ...call, session: '' })
  const platformShopId = idAt(data, 'shop_id')
  const name = textAt(data, 'shop_name', longest.name) || platformShopId
  return { platformShopId: platformShopId || name, name, nick: name }
}

async function askToken(call: Call): Promise<Fields> {
  const { body } = await callFxg(call, 'token/create', {
    code: '',
    grant_type: 'authorization_self',
    shop_id: appOf(call.credentials).shopId,
  })
  return fieldsAt(body, 'data')
}
