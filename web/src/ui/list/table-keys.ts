import { useState } from 'react'
import { useKeys } from '../base/keys.ts'
import { listWords } from './list-words.ts'

/** Moves through the rows of a plain table with j, k and the arrows. Enter or a click opens a row. */
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
