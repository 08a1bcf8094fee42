import type { Static, TSchema } from 'typebox'
import Value from 'typebox/value'
import { parseJson } from '../lib/json.ts'
import { sendJson } from '../wire/http.ts'
import type { RelaySettings } from './settings.ts'

/** Posts to the core, and returns its answer if that is of this form. Throws for everything else. */
export type AskCore = <Schema extends TSchema>(
  path: string,
  body: unknown,
  schema: Schema,
  signal?: AbortSignal,
) => Promise<Static<Schema>>

export function coreClient({ core, key }: Pick<RelaySettings, 'core' | 'key'>): AskCore {
  return async (path, body, schema, signal) => {
    const headers = { authorization: `Bearer ${key}` }
    const { status, text } = await sendJson(core + path, JSON.stringify(body), signal, headers)
    if (status !== 200) throw new CoreRefused(status)
    const answer = parseJson(text)
    if (!Value.Check(schema, answer)) throw new CoreRefused(status)
    return answer
  }
}

/** The core answered and did not carry out the request. */
export class CoreRefused extends Error {
  readonly code: string

  constructor(status: number) {
    super(`The core answered ${status}.`)
    this.code = `http_${status}`
  }
}

/** True if the core will refuse the same again: it cannot be read, or is too large. */
export const isNeverTaken = (error: unknown): boolean =>
  error instanceof CoreRefused && /^http_(400|413)$/.test(error.code)
