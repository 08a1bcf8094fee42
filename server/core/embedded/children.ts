import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StartFailure } from '../../lib/stopping.ts'

export type ChildOptions = {
  name: string
  script: string
  args?: string[]
  /** Returns the environment variables of the child. It is called at each start, because they may change. */
  env: () => Record<string, string | undefined>
  /** The stream that receives the child's standard output and error. */
  output: Writable
  log: (line: string) => void
  /** Called if the child refuses to start or to go on, so that starting it again is useless. */
  onRefused?: (failure: StartFailure) => void
  /** Called with every message of the child. */
  onWord?: (word: unknown) => void
}

export type Child = {
  /** A promise that is fulfilled when the child first sends the message `working`. */
  working: Promise<void>
  /**
   * Asks the child to end, and starts another one as soon as it has ended, because the environment has changed. If the child ended by a
   * failure, only the pause before its next start is ended.
   */
  renew(graceMs: number): void
  /** Asks the child to end its work; kills it after `graceMs`. Settles when the process has ended. */
  stop(graceMs: number): Promise<void>
  kill(): void
}

const firstPauseMs = 1000
const longestPauseMs = 10_000

// If a child has run for this many milliseconds, it counts as healthy, and the pause before its next start is short again.
const healthyMs = 60_000

/**
 * Keeps one child process running: when it ends, another starts after 1 s; the pause doubles at each failure, up to 10 s. The child must
 * end itself when its channel to this process closes (`process.on('disconnect')`), because that means "stop" or that this process is gone.
 */
export function keepRunning(options: ChildOptions): Child {
  let stopping = false
  let pauseMs = firstPauseMs
  let current: ChildProcess | undefined
  let renewing = false
  let pause = new AbortController()
  const working = Promise.withResolvers<void>()
  const ended = loop()

  async function loop() {
    while (!stopping) {
      const began = performance.now()
      current = startChild(options)
      current.on('message', (word) => {
        if (word === 'working') working.resolve()
        options.onWord?.(word)
        if (isRefusal(word)) {
          stopping = true
          options.onRefused?.(word)
        }
      })
      const how = await endOf(current)
      if (stopping) return
      if (renewing) {
        renewing = false
        continue
      }
      if (performance.now() - began > healthyMs) pauseMs = firstPauseMs
      options.log(`${options.name} ended unexpectedly (${how}); starting it again in ${pauseMs / 1000} s`)
      pause = new AbortController()
      await sleep(pauseMs, undefined, { signal: pause.signal }).catch(() => {})
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  /**
   * Asks the child to end and kills it after `graceMs`; the returned function cancels the kill. The word distinguishes a wanted end from the end of
   * this process, which closes the channel too.
   */
  function letGo(graceMs: number) {
    const child = current
    if (child?.connected) {
      child.send('stop', () => {})
      child.disconnect()
    }
    const killer = setTimeout(() => child?.kill('SIGKILL'), graceMs)
    child?.once('exit', () => clearTimeout(killer))
    return () => clearTimeout(killer)
  }

  return {
    working: working.promise,
    renew(graceMs) {
      if (stopping || !current) return
      if (current.exitCode !== null || current.signalCode !== null) return pause.abort()
      renewing = true
      letGo(graceMs)
    },
    async stop(graceMs) {
      stopping = true
      pause.abort()
      const spare = letGo(graceMs)
      await ended
      spare()
    },
    kill() {
      stopping = true
      pause.abort()
      current?.kill('SIGKILL')
    },
  }
}

/**
 * The flags of Node for every process. The young generation is 3 × 8 MB: by default it grows to 48 MB, and below 8 MB garbage collection
 * took a quarter of a download's time. The old generation is collected when it has grown by 40 % instead of 100 %.
 */
export const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=8',
  '--heap-growing-percent=40',
]

function startChild({ script, args = [], env, output }: ChildOptions): ChildProcess {
  const child = spawn(process.execPath, [...nodeFlags, script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: env(),
    // Without a process group of its own, the child would also get the Ctrl-C of the terminal. This process stops its children in order.
    detached: process.platform !== 'win32',
  })
  child.stdout?.pipe(output, { end: false })
  child.stderr?.pipe(output, { end: false })
  return child
}

const isRefusal = (word: unknown): word is StartFailure =>
  typeof word === 'object' &&
  word !== null &&
  'refused' in word &&
  typeof word.refused === 'string' &&
  'code' in word

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((settle) => {
    child.once('error', (error) => settle(error.message))
    child.once('exit', (code, signal) => settle(signal ?? `exit code ${code}`))
  })
}
