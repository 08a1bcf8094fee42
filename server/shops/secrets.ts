import Type from 'typebox'
import type { Connector } from '../connectors/connector.ts'
import { PlatformError } from '../lib/platform-error.ts'

/** A marketplace, or a source of waybill numbers with accounts of its own. */
export type WithCredentials = Pick<Connector, 'credentials'>

export function isSecret({ credentials }: WithCredentials, field: string): boolean {
  const schema: object = credentials.properties[field] ?? {}
  return 'secret' in schema && schema.secret === true
}

/** True if the field does not identify the app (`credential-fields.ts`). */
export function isSetting({ credentials }: WithCredentials, field: string): boolean {
  return 'setting' in (credentials.properties[field] ?? {})
}

/** Returns the form without its secrets, for a shop whose relay has them. */
export function withoutSecretFields(connector: WithCredentials): WithCredentials {
  const kept = Object.entries(connector.credentials.properties).filter(
    ([field]) => !isSecret(connector, field),
  )
  return { credentials: Type.Object(Object.fromEntries(kept)) }
}

/** Returns the error without secrets, because platforms repeat parameters in their messages, and messages are shown and stored. */
export function withoutSecrets(error: PlatformError, secrets: string[]): PlatformError {
  const clean = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  const message = clean(error.message)
  if (message === error.message && clean(String(error.cause ?? '')) === String(error.cause ?? ''))
    return error
  const { kind, code, unclear, waitMs, requestId } = error
  return new PlatformError(kind, code, message, { unclear, waitMs, requestId })
}
