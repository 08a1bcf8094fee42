import { sharedMs } from '../../lib/clock.ts'
import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import type { OAuth, Token } from '../connector.ts'
import { type Fields, isFields, longest, textAt, wholeAt } from '../fields.ts'
import { appOf } from './credentials.ts'

/** Taobao's OAuth 2: https://oauth.taobao.com/authorize and /token; the access token is TOP's `session`. */
export const oauth: OAuth = {
  authorizeUrl(credentials, { redirectUri, state }) {
    const app = appOf(credentials)
    const query = {
      response_type: 'code',
      client_id: app.appKey,
      redirect_uri: redirectUri,
      state,
      view: 'web',
    }
    return `${app.authorizeUrl}?${new URLSearchParams(query)}`
  },
  exchange(credentials, { code, redirectUri }) {
    return askToken(credentials, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      view: 'web',
    })
  },
  refresh(credentials, refreshToken) {
    return askToken(credentials, { grant_type: 'refresh_token', refresh_token: refreshToken })
  },
}

async function askToken(credentials: Record<string, string>, grant: Record<string, string>): Promise<Token> {
  const app = appOf(credentials)
  const form = new URLSearchParams({ ...grant, client_id: app.appKey, client_secret: app.appSecret })
  const answer = await postForm(app.tokenUrl, form, undefined)
  const body = readJson(answer)
  if (!textAt(body, 'access_token', longest.token)) {
    throw refusal(answer, body, [app.appSecret, grant.code ?? '', grant.refresh_token ?? ''])
  }
  return tokenOf(body)
}

function readJson(answer: HttpAnswer): Fields {
  try {
    const body = parseJson(answer.text)
    return isFields(body) ? body : {}
  } catch {
    return {}
  }
}

/**
 * Makes the error of a refused token. `invalid_grant`: the code or the refresh token is used up or expired, so the seller must authorise
 * again.
 */
function refusal(answer: HttpAnswer, body: Fields, secrets: readonly string[]): PlatformError {
  const code = textAt(body, 'error', longest.word)
  const words = [code, textAt(body, 'error_description', longest.name)].filter(Boolean).join(' · ')
  if (!code) {
    return new PlatformError(
      'retry',
      `http_${answer.status}`,
      `The token address answered ${answer.status} without a token.`,
      { unclear: true },
    )
  }
  const kind = /^(invalid_grant|expired|access_denied)/.test(code)
    ? 'reauthorise'
    : answer.status >= 500
      ? 'retry'
      : 'rejected'
  return new PlatformError(kind, code, scrub(words, secrets))
}

/** Reads a token. If `re_expires_in` is 0, the token cannot be refreshed and the refresh token is not stored. */
function tokenOf(body: Fields): Token {
  const now = sharedMs()
  const seconds = wholeAt(body, 'expires_in', 0, 1e10) ?? 0
  const refreshSeconds = wholeAt(body, 're_expires_in', 0, 1e10)
  return {
    accessToken: textAt(body, 'access_token', longest.token),
    refreshToken: refreshSeconds === 0 ? '' : textAt(body, 'refresh_token', longest.token),
    expiresAt: new Date(now + seconds * secondMs),
    refreshExpiresAt: refreshSeconds ? new Date(now + refreshSeconds * secondMs) : null,
    sellerNick: decoded(textAt(body, 'taobao_user_nick', longest.name)),
  }
}

function decoded(nick: string): string {
  try {
    return decodeURIComponent(nick)
  } catch {
    return nick
  }
}
