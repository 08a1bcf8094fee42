/** The longest that whoever started us waits before killing (main.ts); it may be gone, and the database with it. */
const mostMs = 20_000

/**
 * Calls `stop` once, when this process is asked to end: by a signal, or because the process that started it has let go
 * of it or is gone. Asked before this was called, it is called now. What does not end within 20 s is ended.
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
  // False, not undefined: there was a channel, and it closed while we were still starting.
  if (process.connected === false) ask('disconnect')
}

/** Told to whoever started us: no new try would help, so there is none. */
export type StartFailure = { refused: string }

/** A reason not to start that a person has to take away. */
export class StartError extends Error {}

/** Ends this process for such a reason. Anything else, a database that is away, is thrown: whoever started us tries again. */
export function exitWithStartError(error: unknown): never {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.send?.({ refused: error.message } satisfies StartFailure)
  process.exit(1)
}
