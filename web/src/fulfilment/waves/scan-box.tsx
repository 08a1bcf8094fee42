import { useEffect, useRef, useState } from 'react'
import { useSay } from '../../words.ts'

/** A box for a scanner that types: it keeps the focus, and Enter ends a code. */
export function ScanBox({ hint, onScan }: { hint: string; onScan: (code: string) => void }) {
  const say = useSay()
  const box = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  useEffect(() => {
    const back = () => {
      const active = document.activeElement
      if (active === null || active === document.body || active instanceof HTMLButtonElement)
        box.current?.focus()
    }
    back()
    document.addEventListener('pointerup', back)
    return () => document.removeEventListener('pointerup', back)
  }, [])
  return (
    <form
      className="scan-box"
      onSubmit={(event) => {
        event.preventDefault()
        const code = text.trim()
        setText('')
        if (code !== '') onScan(code)
      }}
    >
      <input
        ref={box}
        className="input"
        aria-label={say(['扫码', 'Scan'])}
        placeholder={hint}
        value={text}
        autoComplete="off"
        enterKeyHint="done"
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  )
}

/** Runs scans one after the other, so that a fast scanner loses none. */
export function useInTurn(): (work: () => Promise<unknown>) => void {
  const line = useRef<Promise<unknown>>(Promise.resolve())
  return (work) => {
    line.current = line.current.then(work, work)
  }
}
