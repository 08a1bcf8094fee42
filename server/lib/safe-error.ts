/**
 * What of an unexpected error may be logged or stored: its type, its code and where it happened. Messages quote input
 * (`JSON.parse` shows the text, PostgreSQL the value), and input holds buyers' data.
 */
export type SafeError = {
  type: string
  code: string
  frames: string
  /** Its message, where that quotes nothing: of a connection, or of a server that stops, starts or has no room. */
  reason?: string
}

export function safeError(error: unknown): SafeError {
  // The queue hands errors on as plain objects with the same fields.
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

/** What the system says of a connection or a disk, and classes 08, 53, 57 and 58 of PostgreSQL. */
const quotesNothing = /^((08|53|57|58)\w{3}|E[A-Z]{3,})$/

/** PostgreSQL's word for it, or the system's. */
export const isDiskFull = (code: string): boolean => code === '53100' || code === 'ENOSPC'

/** "TypeError" or "error 23505": one line for a table of runs. What a person can mend has its name: "disk_full". */
export function errorLabel(error: unknown): string {
  const { type, code } = safeError(error)
  if (isDiskFull(code)) return 'disk_full'
  return code ? `${type} ${code}` : type
}
