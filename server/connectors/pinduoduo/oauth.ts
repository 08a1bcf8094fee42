import { sharedMs } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { Call, OAuth, Token } from '../connector.ts'
import { fieldsAt, longest, textAt, wholeAt } from '../fields.ts'
import { callPop } from './client.ts'
import { appOf } from './credentials.ts'

/** The seller authorises on the service market of Pinduoduo; POP's gateway issues the tokens. */
export const oauth: OAuth = {
  authorizeUrl(credentials, { redirectUri, state }) {
    const app = appOf(credentials)
    const query = { response_type: 'code', client_id: app.clientId, redirect_uri: redirectUri, state }
    return `${app.authorizeUrl}?${new URLSearchParams(query)}`
  },
  exchange(credentials, { code }) {
    return askToken(credentials, 'create', { code })
  },
  refresh(credentials, refreshToken) {
    return askToken(credentials, 'refresh', { refresh_token: refreshToken })
  },
}

async function askToken(
  credentials: Record<string, string>,
  verb: 'create' | 'refresh',
  params: Record<string, string>,
): Promise<Token> {
  const call: Call = { credentials, session: '', variant: '' }
  const { body } = await callPop(call, `pdd.pop.auth.token.${verb}`, params)
  const token = fieldsAt(body, `pop_auth_token_${verb}_response`)
  const accessToken = textAt(token, 'access_token', longest.token)
  if (accessToken === '')
    throw new PlatformError('retry', 'bad_answer', 'The answer has no token.', { unclear: true })
  const now = sharedMs()
  const at = (name: string) => wholeAt(token, name, 1, 1e11)
  const seconds = at('expires_in')
  const refreshSeconds = at('refresh_token_expires_in')
  return {
    accessToken,
    refreshToken: textAt(token, 'refresh_token', longest.token),
    expiresAt: new Date(seconds === null ? (at('expires_at') ?? 0) * secondMs : now + seconds * secondMs),
    refreshExpiresAt: refreshSeconds === null ? null : new Date(now + refreshSeconds * secondMs),
    sellerNick: textAt(token, 'owner_name', longest.name),
  }
}
