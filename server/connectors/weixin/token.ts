import { sharedMs } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { minuteMs, secondMs } from '../../lib/time.ts'
import type { Token, TokenIssue } from '../connector.ts'
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
    const token = await tokenOf(credentials, false)
    // Another program of the same app may have ended our token. Then its successor is used: to end that one too would end the other's work.
    return refused !== '' && token.accessToken === refused ? tokenOf(credentials, true) : token
  },
}

async function tokenOf(credentials: Record<string, string>, force_refresh: boolean): Promise<Token> {
  const { appId, appSecret } = appOf(credentials)
  const { body } = await askToken(
    { credentials, session: '', variant: '' },
    { grant_type: 'client_credential', appid: appId, secret: appSecret, force_refresh },
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
}
