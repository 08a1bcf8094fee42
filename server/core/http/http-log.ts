import pino, { type DestinationStream, type Logger } from 'pino'
import type { Config } from '../../config.ts'
import { type SafeError, safeError } from '../../lib/safe-error.ts'
import type { KeyRing } from '../../lib/seal.ts'

/**
 * The log of a process, one JSON line an event. A line names routes, ids, counts and times: no query strings, bodies,
 * cookies or keys, for those may hold a buyer's data or a secret.
 */
export function buildLog(
  config: Pick<Config, 'logLevel'>,
  name: string,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: config.logLevel,
    base: { name },
    serializers: { err: describeError, error: describeError },
  }
  return pino(options, destination ?? standardOutput())
}

/**
 * Whoever read our output may be gone: then its lines are lost, and that is all. Pino's own destination tries for ever to get rid
 * of its last line, so that the process could not even end.
 */
function standardOutput(): DestinationStream {
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  return { write: (line) => void process.stdout.write(line) }
}

/** What a process says when its keys change; numbers only. */
export function logKeys(log: Logger) {
  return {
    onChange: (ring: KeyRing) =>
      log.info({ keys: [...ring.byNumber.keys()], current: ring.current.number }, 'keys changed'),
    onError: (error: unknown) => log.error({ err: error }, 'the key file cannot be read; the keys stay'),
  }
}

/** What may be logged of an error: PostgreSQL puts the row's values into `detail`, and input into some messages. */
export function describeError(error: unknown): Record<string, unknown> {
  if (isSafe(error))
    return {
      type: error.type,
      ...(error.code === '' ? {} : { code: error.code }),
      ...(error.reason === undefined ? {} : { message: error.reason }),
      stack: error.frames,
    }
  const { type, code, frames } = safeError(error)
  if (!(error instanceof Error)) return { type }
  // What could not be read is quoted in the message: JSON, numbers, and class 22 of PostgreSQL ("data exception").
  const quotes = error instanceof SyntaxError || code.startsWith('22')
  const names = ['table', 'column', 'constraint', 'routine'].flatMap((key) => {
    const value: unknown = Reflect.get(error, key)
    return typeof value === 'string' ? [[key, value]] : []
  })
  return {
    type,
    ...(code === '' ? {} : { code }),
    ...(quotes ? {} : { message: error.message }),
    ...Object.fromEntries(names),
    stack: frames,
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  }
}

/** Recognises an error that an engine has reduced to its safe fields; otherwise it would be logged as an unknown object. */
function isSafe(error: unknown): error is SafeError {
  return (
    typeof error === 'object' && error !== null && 'type' in error && 'code' in error && 'frames' in error
  )
}
