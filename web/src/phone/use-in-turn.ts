import { useReducer, useRef, useState } from 'react'

/** Runs scans one after the other, so that a fast scanner loses none. */
export function useInTurn(): (work: () => Promise<unknown>) => void {
  const line = useRef<Promise<unknown>>(Promise.resolve())
  return (work) => {
    line.current = line.current.then(work, work)
  }
}

/** The second tap of a double one comes sooner than this. */
const doubleTapMs = 400

/**
 * Runs work in turn as `useInTurn` does, and ignores a press while the press before it is under way: the page shows the next place within
 * milliseconds, and a second tap would take that place unseen.
 */
export function usePresses() {
  const inTurn = useInTurn()
  const isHeld = useRef(false)
  const [isBusy, setBusy] = useState(false)
  const hold = (held: boolean) => {
    isHeld.current = held
    setBusy(held)
  }
  const press = (work: () => Promise<unknown>) => {
    if (isHeld.current) return
    hold(true)
    const tapped = new Promise((done) => setTimeout(done, doubleTapMs))
    inTurn(() => {
      const done = work()
      void Promise.allSettled([done, tapped]).then(() => hold(false))
      return done
    })
  }
  return { inTurn, press, isBusy }
}

/** Runs one work at a time: a press while another one is under way does nothing. `ended` waits for it. */
export function useOneAtATime(onError: (cause: unknown) => void) {
  const under = useRef<Promise<void>>(undefined)
  const [isBusy, setBusy] = useState(false)
  return {
    isBusy,
    one(work: () => Promise<void>) {
      if (under.current !== undefined) return
      setBusy(true)
      under.current = work()
        .catch(onError)
        .finally(() => {
          under.current = undefined
          setBusy(false)
        })
    },
    ended: async () => under.current,
  }
}

/** State that each scan reads as the scan before has left it, also before the page is drawn again. */
export function useDraft<Value>(first: Value): { read: () => Value; set: (next: Value) => void } {
  const value = useRef(first)
  const [, redraw] = useReducer((times: number) => times + 1, 0)
  return {
    read: () => value.current,
    set: (next) => {
      value.current = next
      redraw()
    },
  }
}
