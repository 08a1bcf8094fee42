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

/** "TypeError" or "error 23505": one line for a table of runs. */
export function errorLabel(error: unknown): string {
  const { type, code } = safeError(error)
  return code ? `${type} ${code}` : type
}
