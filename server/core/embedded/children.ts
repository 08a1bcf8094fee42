import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StartFailure } from '../../lib/stopping.ts'

export type ChildOptions = {
  name: string
  script: string
  args?: string[]
  /** Asked for at each start, as it may change. */
  env: () => Record<string, string | undefined>
  /** Where its output goes, both streams. */
  output: Writable
  log: (line: string) => void
  /** It will not start, whatever is tried; its words are for a person. */
  onRefused?: (words: string) => void
}

export type Child = {
  /** Settles when it first says that it works (`process.send('working')`). */
  working: Promise<void>
  /** Asks it to end, and starts it anew at once: what it was started with has changed. One that failed before is not waited for. */
  renew(graceMs: number): void
  /** Asks it to end what it is doing; kills it after `graceMs`. Settles when it is gone. */
  stop(graceMs: number): Promise<void>
  /** At once and without asking. */
  kill(): void
}

const firstPauseMs = 1000
const longestPauseMs = 10_000

// One that ran this long had started well; its next failure is a new one.
const healthyMs = 60_000

/**
 * Keeps one process of ours running: when it dies, another is started after a pause of 1 s, doubling up to 10 s.
 * A child must end itself when its channel to us closes (`process.on('disconnect')`): this is how it is stopped, and
 * how it learns that we were killed.
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
        if (isRefusal(word)) {
          stopping = true
          options.onRefused?.(word.refused)
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

  /** Lets the child end and kills it after `graceMs`; the returned function cancels the kill. */
  function letGo(graceMs: number) {
    const child = current
    if (child?.connected) child.disconnect()
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
 * A young generation of 3 × 8 MB: by default it grows to 48 MB under load; with less, collecting took a quarter of a download.
 * The old one is collected when it has grown by two fifths, and not when it has doubled.
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
    // Of its own group, so that Ctrl-C in the terminal reaches us alone and we can stop them in their order.
    detached: process.platform !== 'win32',
  })
  child.stdout?.pipe(output, { end: false })
  child.stderr?.pipe(output, { end: false })
  return child
}

const isRefusal = (word: unknown): word is StartFailure =>
  typeof word === 'object' && word !== null && 'refused' in word && typeof word.refused === 'string'

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((settle) => {
    child.once('error', (error) => settle(error.message))
    child.once('exit', (code, signal) => settle(signal ?? `exit code ${code}`))
  })
}
