import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Decides when the loops of one installation may make a turn. A process that serves many installations gives each a pace of its own, so that
 * the loops of an idle one rest. Without a pace every loop makes its turns at its own interval.
 */
export type Pace = {
  /** From now on turns begin at once, also those that wait. */
  open(): void
  /** From now on turns wait. Returns false while one that began before is under way. */
  close(): boolean
  /** Does the work as soon as turns may begin, or when `signal` is aborted. */
  turn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

export function createPace(): Pace {
  let waiting: (() => void)[] | undefined
  let underWay = 0
  const opened = (signal: AbortSignal | undefined) =>
    new Promise<void>((settle) => {
      const go = () => {
        signal?.removeEventListener('abort', go)
        settle()
      }
      waiting?.push(go)
      signal?.addEventListener('abort', go, { once: true })
    })
  return {
    open() {
      const before = waiting ?? []
      waiting = undefined
      for (const go of before) go()
    },
    close() {
      waiting ??= []
      return underWay === 0
    },
    async turn(work, signal) {
      while (waiting && !signal?.aborted) await opened(signal)
      underWay += 1
      try {
        return await work()
      } finally {
        underWay -= 1
      }
    },
  }
}

/**
 * `loops`: every loop that asks the database whether there is work. `jobs`: the fetching of jobs, a query for each queue, which is in vain as
 * long as no job is due.
 */
export type Paces = {
  loops: Pace
  jobs: Pace
  /** Asks for a turn of all loops soon. */
  ask?: () => void
}

const paces = new AsyncLocalStorage<Paces>()

/** Everything that `work` starts has these paces. */
export const withPaces = <T>(given: Paces, work: () => T): T => paces.run(given, work)

/** Makes one turn of a loop as soon as its pace permits, or when `signal` is aborted. */
export function inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const pace = paces.getStore()?.loops
  return pace ? pace.turn(work, signal) : work()
}

/** Sends a statement of the library that fetches jobs as soon as the pace of jobs permits. */
export function inJobTurn<T>(work: () => Promise<T>): Promise<T> {
  const pace = paces.getStore()?.jobs
  return pace ? pace.turn(work) : work()
}

/** Asks for a turn of all loops soon, for what cannot wait until an installation that rests is looked at again. */
export const askForTurn = (): void => paces.getStore()?.ask?.()
