import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useSay } from '../words.ts'
import { hasCamera } from './camera.ts'
import { Icon } from './icons.tsx'
import './phone.css'

const Camera = lazy(() => import('./camera-page.tsx'))

/**
 * A box for a scanner that types: it keeps the focus, and Enter ends a code. On a phone it opens no keyboard by itself (`phone`); a button
 * does, and another one reads with the camera where the browser can.
 */
export function ScanBox({
  hint,
  onScan,
  onEmpty,
  phone = false,
}: {
  hint: string
  onScan: (code: string) => void
  /** Enter without a code. */
  onEmpty?: (() => void) | undefined
  phone?: boolean
}) {
  const say = useSay()
  const box = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [isTyping, setTyping] = useState(false)
  const [isLooking, setLooking] = useState(false)
  useFocus(box)
  return (
    <form
      className="scan-box"
      onSubmit={(event) => {
        event.preventDefault()
        const code = text.trim()
        setText('')
        if (code === '') onEmpty?.()
        else onScan(code)
      }}
    >
      <input
        ref={box}
        className="input"
        aria-label={say(['扫码', 'Scan'])}
        placeholder={hint}
        value={text}
        autoComplete="off"
        autoCapitalize="off"
        enterKeyHint="done"
        inputMode={phone && !isTyping ? 'none' : 'text'}
        onChange={(event) => setText(event.target.value)}
      />
      {phone && (
        <button
          type="button"
          className="button"
          aria-pressed={isTyping}
          aria-label={say(['键盘', 'Keyboard'])}
          onClick={() => setTyping(!isTyping)}
        >
          <Icon name="keyboard" />
        </button>
      )}
      {phone && hasCamera() && (
        <button
          type="button"
          className="button"
          aria-label={say(['相机', 'Camera'])}
          onClick={() => setLooking(true)}
        >
          <Icon name="camera" />
        </button>
      )}
      {isLooking && (
        <Suspense>
          <Camera
            onCode={(code) => {
              setLooking(false)
              onScan(code)
            }}
            onClose={() => setLooking(false)}
          />
        </Suspense>
      )}
    </form>
  )
}

/** Brings the focus back to the box after each touch, and when a scanner types beside it, unless a dialog is open or another field has the focus. */
function useFocus(box: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const isFree = () => {
      if (document.querySelector('[aria-modal="true"]')) return false
      const active = document.activeElement
      return active === null || active === document.body || active instanceof HTMLButtonElement
    }
    const back = () => {
      if (isFree()) box.current?.focus()
    }
    const typed = (event: KeyboardEvent) => {
      if (event.key.length === 1 && isFree()) box.current?.focus()
    }
    back()
    document.addEventListener('pointerup', back)
    document.addEventListener('keydown', typed)
    return () => {
      document.removeEventListener('pointerup', back)
      document.removeEventListener('keydown', typed)
    }
  }, [box])
}
