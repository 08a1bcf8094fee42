/**
 * This process ends itself after this time at the latest, because the parent process (main.ts), which would kill it then, may have ended.
 */
const mostMs = 20_000

/**
 * Calls `stop` once when this process is asked to end: by a signal, or because its parent process closed the channel or has ended, also if
 * that happened before this call. Ends the process if `stop` takes longer than 20 s.
 */
export function whenAskedToStop(stop: (why: string) => Promise<void>): void {
  let asked = false
  const ask = (why: string) => {
    if (asked) return
    asked = true
    setTimeout(() => process.exit(1), mostMs).unref()
    void stop(why)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ask(signal))
  process.on('disconnect', () => ask('disconnect'))
  // False and not undefined: there was a channel, and it was closed during the start.
  if (process.connected === false) ask('disconnect')
}

/** The message to the parent process that another start would not help, so that it does not try one. */
export type StartFailure = { refused: string }

/** A reason not to start that a person must remove. */
export class StartError extends Error {}

/**
 * Ends this process for a StartError. Any other error, such as a database that does not answer, is thrown, and the parent process starts
 * this one again.
 */
export function exitWithStartError(error: unknown): never {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.send?.({ refused: error.message } satisfies StartFailure)
  process.exit(1)
}
