import pino, { type DestinationStream, type Logger } from 'pino'
import type { Config } from '../../config.ts'
import { type SafeError, safeError } from '../../lib/safe-error.ts'
import type { KeyRing } from '../../lib/seal.ts'

/**
 * Makes the log of a process, one JSON line for each event. A line contains routes, ids, counts and times; query strings, bodies, cookies
 * and keys may contain a buyer's data or a secret and are left out.
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
 * Writes to the standard output and drops lines if the reader of the output has ended. Pino's own destination would retry its last line for
 * ever, and this process could not end.
 */
function standardOutput(): DestinationStream {
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  return { write: (line) => void process.stdout.write(line) }
}

export function logKeys(log: Logger) {
  return {
    onChange: (ring: KeyRing) =>
      log.info({ keys: [...ring.byNumber.keys()], current: ring.current.number }, 'keys changed'),
    onError: (error: unknown) => log.error({ err: error }, 'the key file cannot be read; the keys stay'),
  }
}

/** Returns the fields of an error that may be logged. PostgreSQL puts the row's values into `detail`, and the input into some messages. */
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
  // The messages of these errors quote the input that could not be read: JSON, numbers, class 22 of PostgreSQL ("data exception").
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

/** True for an error that was reduced to its safe fields before. */
function isSafe(error: unknown): error is SafeError {
  return (
    typeof error === 'object' && error !== null && 'type' in error && 'code' in error && 'frames' in error
  )
}
