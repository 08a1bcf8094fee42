import pino, { type Logger } from 'pino'
import type { Config } from './config.ts'

/**
 * The log of a process, one JSON line an event. A line names routes, ids, counts and times: no query strings, bodies,
 * cookies or keys, for those may hold a buyer's data or a secret.
 */
export function buildLog(config: Pick<Config, 'logLevel'>, name: string): Logger {
  return pino({ level: config.logLevel, base: { name }, serializers: { err: describeError, error: describeError } })
}

/** What may be logged of an error. PostgreSQL puts the row's values into `detail`, and the input into some messages. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const place = ['table', 'column', 'constraint', 'routine'].flatMap((key) => {
    const value: unknown = Reflect.get(error, key)
    return typeof value === 'string' ? [[key, value]] : []
  })
  // Class 22 is "data exception": its messages quote the value.
  const message = code?.startsWith('22') ? error.message.replace(/"[^"]*"/g, '"…"') : error.message
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).join('\n')
  const cause = error.cause instanceof Error ? { cause: describeError(error.cause) } : {}
  return { type: error.name, ...(code ? { code } : {}), message, ...Object.fromEntries(place), stack, ...cause }
}
