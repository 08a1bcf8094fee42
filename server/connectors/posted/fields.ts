import { isInstant } from '../../lib/formats.ts'
import { type Fields, textAt } from '../fields.ts'

/** Reads a time with its zone; null: missing, or none. */
export function instantIn(of: Fields, key: string): Date | null {
  const text = textAt(of, key, 40)
  return isInstant(text) ? new Date(text) : null
}
