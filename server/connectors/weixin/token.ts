import { sharedMs } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { minuteMs, secondMs } from '../../lib/time.ts'
import type { TokenIssue } from '../connector.ts'
import { longest, textAt, wholeAt } from '../fields.ts'
import { askToken } from './client.ts'
import { appOf } from './credentials.ts'

/**
 * /cgi-bin/stable_token: the app id and its secret are the whole authorisation. Repeated calls return the same token until five minutes
 * before its end, of at most two hours. `force_refresh` ends it at once; the platform allows that 20 times a day, 30 seconds apart.
 */
export const issue: TokenIssue = {
  aheadMs: 5 * minuteMs,
  async token(credentials, { refused }) {
    const { appId, appSecret } = appOf(credentials)
    const { body } = await askToken(
      { credentials, session: '', variant: '' },
      { grant_type: 'client_credential', appid: appId, secret: appSecret, force_refresh: refused },
    )
    const accessToken = textAt(body, 'access_token', longest.token)
    const seconds = wholeAt(body, 'expires_in', 1, 86_400)
    if (accessToken === '' || seconds === null)
      throw new PlatformError('retry', 'bad_answer', 'The answer has no token.')
    return {
      accessToken,
      refreshToken: '',
      expiresAt: new Date(sharedMs() + seconds * secondMs),
      refreshExpiresAt: null,
      sellerNick: '',
    }
  },
}
