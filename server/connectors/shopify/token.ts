import { sharedMs } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { dayMs, secondMs } from '../../lib/time.ts'
import type { Token, TokenIssue } from '../connector.ts'
import { longest, textAt, wholeAt } from '../fields.ts'
import { askToken } from './client.ts'
import { appOf } from './credentials.ts'
import { tokenAheadMs } from './unverified.ts'

/** Client credentials of an app of the shop's own organisation: a token lives for a day. The token of an older custom app has no end. */
export const issue: TokenIssue = {
  aheadMs: tokenAheadMs,
  async token(credentials, { refused }) {
    const { fixedToken } = appOf(credentials)
    if (fixedToken === '') return issued(credentials)
    if (refused === fixedToken)
      throw new PlatformError('rejected', 'key_refused', 'The access token of the custom app is refused.')
    return tokenOf(fixedToken, 3650 * dayMs)
  },
}

async function issued(credentials: Record<string, string>): Promise<Token> {
  const body = await askToken({ credentials, session: '', variant: '' })
  const accessToken = textAt(body, 'access_token', longest.token)
  const seconds = wholeAt(body, 'expires_in', 1, 31_536_000)
  if (accessToken === '' || seconds === null)
    throw new PlatformError('retry', 'bad_answer', 'The answer has no token.')
  return tokenOf(accessToken, seconds * secondMs)
}

const tokenOf = (accessToken: string, lifeMs: number): Token => ({
  accessToken,
  refreshToken: '',
  expiresAt: new Date(sharedMs() + lifeMs),
  refreshExpiresAt: null,
  sellerNick: '',
})
