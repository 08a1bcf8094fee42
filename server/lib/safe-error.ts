/** The parts of an unexpected error that may be logged or stored. The message is left out, because it may quote input with buyers' data. */
export type SafeError = {
  type: string
  code: string
  frames: string
  /**
   * The message of an error whose code shows that it quotes no input: about a connection, or about a server that stops, starts or has no
   * space.
   */
  reason?: string
}

export function safeError(error: unknown): SafeError {
  // The job queue passes errors as plain objects with the same fields.
  if (typeof error !== 'object' || error === null) return { type: typeof error, code: '', frames: '' }
  const text = (name: string) =>
    typeof Reflect.get(error, name) === 'string' ? String(Reflect.get(error, name)) : ''
  const code = text('code')
  const frames = text('stack')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
  const type = error instanceof Error ? error.name : text('stack') === '' ? typeof error : 'Error'
  return {
    type,
    code,
    frames: frames.slice(0, 8).join('\n'),
    ...(quotesNothing.test(code) ? { reason: text('message') } : {}),
  }
}

/**
 * Matches error codes whose messages quote no stored values: those of the operating system about connections and disks, and classes 08, 53,
 * 57 and 58 of PostgreSQL.
 */
const quotesNothing = /^((08|53|57|58)\w{3}|E[A-Z]{3,})$/

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}

/** True for PostgreSQL's code of a full disk and the operating system's. */
export const isDiskFull = (code: string): boolean => code === '53100' || code === 'ENOSPC'

/** Returns a short text for a table of runs: "TypeError" or "error 23505". A full disk is "disk_full", because a user can act on it. */
export function errorLabel(error: unknown): string {
  const { type, code } = safeError(error)
  if (isDiskFull(code)) return 'disk_full'
  return code ? `${type} ${code}` : type
}
