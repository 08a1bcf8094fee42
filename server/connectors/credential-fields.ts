import { Type } from 'typebox'

/** Makes the field for an address. The default is the production address; a simulator's address may be entered instead. */
export function addressField(url: string, zh: string, en: string) {
  return Type.String({ title: zh, description: en, default: url, pattern: '^https?://', maxLength: 300 })
}

/** Makes the field for the address of the seller's own site, on platforms where each shop is one. Any public host may be entered. */
export function siteField(zh: string, en: string) {
  const more = { pattern: '^https?://[^\\s?#]+$', maxLength: 300, site: true }
  return Type.String({ title: zh, description: en, ...more })
}

/**
 * Makes the field for the address of a websocket. It is a setting and does not identify the app: no secret is sent there, and a shop that
 * was connected before the field existed keeps its authorisation.
 */
export function socketField(url: string, zh: string, en: string) {
  const more = { default: url, pattern: '^wss?://', maxLength: 300, setting: true }
  return Type.String({ title: zh, description: en, ...more })
}

/**
 * Makes the field for the address of a database into which the platform writes, HOST:PORT/SCHEMA; empty: there is none. `hosts`: the domains of
 * the platform's databases. `password`: the secret field that is sent there, which has to be entered again when the address changes.
 */
export function databaseField(hosts: readonly string[], password: string, zh: string, en: string) {
  const more = {
    default: '',
    maxLength: 200,
    setting: true,
    databaseHosts: hosts,
    databasePassword: password,
  }
  return Type.String({
    title: zh,
    description: en,
    pattern: '^([A-Za-z0-9.-]+(:\\d{1,5})?(/\\w+)?)?$',
    ...more,
  })
}

/** Makes the field for a text that may stay empty and does not identify the app. */
export function optionalText(zh: string, en: string) {
  return Type.String({ title: zh, description: en, default: '', maxLength: 100, setting: true })
}

/** Makes the field for a text that is never shown again once it is stored. */
export function secretField(zh: string, en: string) {
  return Type.String({ title: zh, description: en, minLength: 1, maxLength: 200, secret: true })
}

/** Makes the field for a secret without which only a part works. It does not identify the app, so entering it keeps the authorisation. */
export function optionalSecret(zh: string, en: string) {
  const more = { maxLength: 200, secret: true, setting: true }
  return Type.Optional(Type.String({ title: zh, description: en, ...more }))
}

export function valueOr(stored: string | undefined, field: object): string {
  if (stored) return stored
  return 'default' in field && typeof field.default === 'string' ? field.default : ''
}
