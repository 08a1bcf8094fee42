/**
 * The parts of an unexpected error that may be logged or stored: type, code and stack frames. Messages quote input (`JSON.parse` shows the
 * text, PostgreSQL the value), and input contains buyers' data.
 */
export type SafeError = {
  type: string
  code: string
  frames: string
  /** The message, if errors of this code quote no input: about a connection, or a server that stops, starts or has no space. */
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

/** Codes of the operating system about connections and disks, and classes 08, 53, 57 and 58 of PostgreSQL. */
const quotesNothing = /^((08|53|57|58)\w{3}|E[A-Z]{3,})$/

/** The code of any error; empty: it has none. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}

/** True for PostgreSQL's code of a full disk and the operating system's. */
export const isDiskFull = (code: string): boolean => code === '53100' || code === 'ENOSPC'

/**
 * Returns one line for a table of runs: "TypeError" or "error 23505". An error that a user can remedy has a code of its own: "disk_full".
 */
export function errorLabel(error: unknown): string {
  const { type, code } = safeError(error)
  if (isDiskFull(code)) return 'disk_full'
  return code ? `${type} ${code}` : type
}
