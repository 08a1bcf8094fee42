import type { Call, Token } from '../connectors/connector.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { dayMs, secondMs } from '../lib/time.ts'
import type { RelayOutcome, RelayRequest } from '../shops/relays/relay-contract.ts'
import { appFor, type RelayApp } from './settings.ts'
import { fieldsOf, withheld } from './withhold.ts'

/** The time for the platform's answer. The core waits longer. */
const platformMs = 30 * secondMs

/** Signs a request with the secrets of its app, sends it to the platform, and returns its outcome. Never throws. */
export async function make(apps: readonly RelayApp[], request: RelayRequest): Promise<RelayOutcome> {
  const app = appFor(apps, request.platform, request.credentials)
  if (!app) return notMade('retry', 'relay_unknown_app', 'The relay has no keys of this app.')
  try {
    return await made(app, request)
  } catch (error) {
    if (error instanceof PlatformError) return outcomeOf(error)
    // A fault of ours: the call may have left before it.
    const message = 'The relay failed during the call.'
    return outcomeOf(new PlatformError('retry', 'relay_broken_off', message, { unclear: true }))
  }
}

async function made(app: RelayApp, request: RelayRequest): Promise<RelayOutcome> {
  const { connector, credentials } = app
  switch (request.kind) {
    case 'call': {
      const { session, variant, method, params, file } = request
      const call: Call = { credentials, session, variant, signal: AbortSignal.timeout(platformMs) }
      const sent = file && { ...file, bytes: Buffer.from(file.bytes, 'base64') }
      const unsigned = { method, params, ...(sent && { file: sent }) }
      const { status, text, retryAfterMs } = await connector.relayed.send(call, unsigned)
      const fields = fieldsOf(connector.relayed, [...app.withhold, ...request.withhold])
      return { kind: 'answer', status, text: withheld(text, fields), retryAfterMs }
    }
    case 'exchange':
      return tokenOutcome(await connector.oauth?.exchange(credentials, request))
    case 'refresh':
      return tokenOutcome(await connector.oauth?.refresh(credentials, request.refreshToken))
    case 'issue':
      return tokenOutcome(await connector.issue?.token(credentials, request))
  }
}

function tokenOutcome(token: Token | undefined): RelayOutcome {
  if (!token) return notMade('rejected', 'unsupported', 'The platform has no such grant.')
  const { expiresAt, refreshExpiresAt, ...rest } = token
  return {
    ...{ kind: 'token', ...rest, expiresAt: expiresAt.toISOString() },
    refreshExpiresAt: refreshExpiresAt?.toISOString() ?? null,
  }
}

/** A call that certainly did not leave. */
export const notMade = (kind: 'retry' | 'rejected', code: string, message: string): RelayOutcome =>
  outcomeOf(new PlatformError(kind, code, message))

export function outcomeOf({ kind, code, message, unclear, waitMs }: PlatformError): RelayOutcome {
  return {
    ...{ kind: 'error', errorKind: kind, code: code.slice(0, 200), message: message.slice(0, 2000) },
    ...{ unclear, waitMs: Math.min(waitMs, dayMs) },
  }
}
