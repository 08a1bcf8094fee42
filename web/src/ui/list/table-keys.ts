import { useState } from 'react'
import { useKeys } from '../base/keys.ts'
import { listWords } from './list-words.ts'

/** j, k and the arrows walk the rows of a plain table; Enter, or a click on the row, opens the one in focus. */
export function useTableKeys(count: number, onOpen: (at: number) => void) {
  const [focus, setFocus] = useState(-1)
  const at = Math.min(focus, count - 1)
  const step = (by: number) => setFocus(Math.max(0, Math.min(count - 1, at + by)))
  useKeys([
    { key: 'j', words: listWords.keyMove, run: () => step(1) },
    { key: 'k', run: () => step(-1) },
    { key: 'ArrowDown', run: () => step(1) },
    { key: 'ArrowUp', run: () => step(-1) },
    { key: 'Enter', words: listWords.keyOpen, run: () => at >= 0 && onOpen(at) },
  ])
  return (index: number) =>
    index === at
      ? { className: 'at', ref: (row: HTMLElement | null) => row?.scrollIntoView({ block: 'nearest' }) }
      : {}
}
