/**
 * What of an unexpected error may be logged or stored: its type, its code and where it happened. Messages quote input
 * (`JSON.parse` shows the text, PostgreSQL the value), and input holds buyers' data.
 */
export type SafeError = { type: string; code: string; frames: string }

export function safeError(error: unknown): SafeError {
  if (!(error instanceof Error)) return { type: typeof error, code: '', frames: '' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { type: error.name, code, frames: frames.slice(0, 8).join('\n') }
}

/** PostgreSQL's word for it, or the system's. */
export const isDiskFull = (code: string): boolean => code === '53100' || code === 'ENOSPC'

/** "TypeError" or "error 23505": one line for a table of runs. What a person can mend has its name: "disk_full". */
export function errorLabel(error: unknown): string {
  const { type, code } = safeError(error)
  if (isDiskFull(code)) return 'disk_full'
  return code ? `${type} ${code}` : type
}
