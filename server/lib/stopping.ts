/** Milliseconds after a request to stop at which the process ends itself. Its parent process (main.ts) may be gone and cannot kill it. */
const mostMs = 20_000

/** The exit code of a program that the database does not support any more. A service manager must not start it again. */
export const noRestartCode = 78

/** `code`: the exit code of the process. */
export type Stop = (why: string, code: number) => Promise<void>

/**
 * Calls `stop` once when this process is asked to end: by a signal, because its parent closed the channel or is gone, even before this
 * call, or by the returned function. Ends the process if `stop` takes longer than 20 s, and the milliseconds of `longer`.
 */
export function whenAskedToStop(stop: Stop, longer = 0): (why: string, code?: number) => void {
  let asked = false
  const ask = (why: string, code = 0) => {
    if (asked) return
    asked = true
    setTimeout(() => process.exit(1), mostMs + longer).unref()
    void stop(why, code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ask(signal))
  process.on('disconnect', () => ask('disconnect'))
  // False means that the channel was closed during the start; undefined that there never was one.
  if (process.connected === false) ask('disconnect')
  return ask
}

/** The message to the parent process that starting again would not help. `code`: the exit code of the parent process. */
export type StartFailure = { refused: string; code: number }

/** An error that keeps the process from starting until a person removes its cause. */
export class StartError extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Reports to the parent process why starting this one again would not help. */
export function reportRefusal(refused: string, code: number): void {
  process.stderr.write(`${refused}\n`)
  process.send?.({ refused, code } satisfies StartFailure)
}

/** Ends this process for a StartError. Other errors are thrown, and the parent process starts this one again. */
export function exitWithStartError(error: unknown): never {
  if (!(error instanceof StartError)) throw error
  reportRefusal(error.message, error.exitCode)
  process.exit(error.exitCode)
}
