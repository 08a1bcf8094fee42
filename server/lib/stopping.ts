/** Milliseconds after a request to stop at which the process ends itself. Its parent process (main.ts) may be gone and cannot kill it. */
const mostMs = 20_000

/**
 * Calls `stop` once when this process is asked to end: by a signal, or because its parent closed the channel or is gone, even before this
 * call. Ends the process if `stop` takes longer than 20 s.
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
  // False means that the channel was closed during the start; undefined that there never was one.
  if (process.connected === false) ask('disconnect')
}

/** The message to the parent process that starting again would not help. */
export type StartFailure = { refused: string }

/** An error that keeps the process from starting until a person removes its cause. */
export class StartError extends Error {}

/** Ends this process for a StartError. Other errors are thrown, and the parent process starts this one again. */
export function exitWithStartError(error: unknown): never {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.send?.({ refused: error.message } satisfies StartFailure)
  process.exit(1)
}
