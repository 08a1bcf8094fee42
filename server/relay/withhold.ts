import type { PersonalPart } from '../connectors/personal-parts.ts'
import type { RelayedSource } from '../connectors/relayed.ts'
import { isRecord, parseJson } from '../lib/json.ts'
import { withheldText } from '../lib/mask.ts'

/** Returns the platform's names of the fields with these parts. */
export function fieldsOf({ personal }: RelayedSource, parts: readonly PersonalPart[]): ReadonlySet<string> {
  return new Set(parts.flatMap((part) => personal[part]))
}

/**
 * Replaces the values of the fields in an answer, also in JSON within a text of it. Numbers beyond 2^53 become texts, as our own
 * reader makes them. A text that is no JSON cannot be searched for people, so nothing of it leaves.
 */
export function withheld(text: string, fields: ReadonlySet<string>): string {
  if (fields.size === 0) return text
  try {
    return JSON.stringify(without(parseJson(text), fields))
  } catch {
    return ''
  }
}

function without(value: unknown, fields: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => without(one, fields))
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, inside]) => [
        name,
        fields.has(name) ? hidden(inside) : without(inside, fields),
      ]),
    )
  return typeof value === 'string' && /^\s*[[{]/.test(value) ? withinText(value, fields) : value
}

/** An empty field shows that the platform says nothing there, and stays so. */
const hidden = (value: unknown) => (value === '' || value === null ? value : withheldText)

function withinText(text: string, fields: ReadonlySet<string>): string {
  try {
    return JSON.stringify(without(parseJson(text), fields))
  } catch {
    return text
  }
}
