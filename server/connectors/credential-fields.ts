import { Type } from 'typebox'

/** An address that has a production default and may be pointed at a simulator. */
export function addressField(url: string, zh: string, en: string) {
  return Type.String({ title: zh, description: en, default: url, pattern: '^https?://', maxLength: 300 })
}

/** A value that is never shown again once stored. */
export function secretField(zh: string, en: string) {
  return Type.String({ title: zh, description: en, minLength: 1, maxLength: 200, secret: true })
}

/** The stored value, or the schema's default where a shop names none. */
export function valueOr(stored: string | undefined, field: object): string {
  if (stored) return stored
  return 'default' in field && typeof field.default === 'string' ? field.default : ''
}
