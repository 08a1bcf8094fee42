import { setTimeout as sleep } from 'node:timers/promises'
import type { Visited } from './visits.ts'

type Places = Pick<Visited, 'place' | 'workPlace'>

/** A number of places. The next free one goes to the longest waiting. */
function createPlaces(count: number): Visited['workPlace'] {
  let free = count
  const waiting = new Set<() => void>()
  return (taken) => {
    let state: 'waiting' | 'taken' | 'left' = 'waiting'
    const take = () => {
      waiting.delete(take)
      free -= 1
      state = 'taken'
      taken()
    }
    if (free > 0) take()
    else waiting.add(take)
    return () => {
      if (state === 'taken') free += 1
      state = 'left'
      waiting.delete(take)
      const [next] = waiting
      if (free > 0) next?.()
    }
  }
}

/** Visits that take long hold their places, so who has waited for this time begins without one. */
const longestWaitMs = 60_000

export function createVisitPlaces(count: number, mostMs = longestWaitMs): Visited['visitPlace'] {
  const places = createPlaces(count)
  return async (signal) => {
    const begun = new AbortController()
    const leave = places(() => begun.abort())
    const wait = AbortSignal.any([begun.signal, signal])
    await sleep(mostMs, undefined, { signal: wait, ref: false }).catch(() => {})
    return leave
  }
}

export function placesOf(begin: number, work: number): Places {
  const beginPlace = createPlaces(begin)
  return {
    place: () =>
      new Promise((settle) => {
        const leave: () => void = beginPlace(() => queueMicrotask(() => settle(leave)))
      }),
    workPlace: createPlaces(work),
  }
}
