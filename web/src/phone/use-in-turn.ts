import { useReducer, useRef } from 'react'

/** Runs scans one after the other, so that a fast scanner loses none. */
export function useInTurn(): (work: () => Promise<unknown>) => void {
  const line = useRef<Promise<unknown>>(Promise.resolve())
  return (work) => {
    line.current = line.current.then(work, work)
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
