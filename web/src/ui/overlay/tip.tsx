import { type ReactNode, useId, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { usePlace } from './place.ts'
import './tip.css'

/** A short text beside its element, on hover and focus. Escape and leaving hide it. */
export function Tip({
  text,
  children,
  block = false,
}: {
  text: string | undefined
  children: ReactNode
  block?: boolean
}) {
  const anchor = useRef<HTMLSpanElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [shown, setShown] = useState(false)
  const id = useId()
  if (!text) return children
  const open = (delayMs: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setShown(true), delayMs)
  }
  const close = () => {
    clearTimeout(timer.current)
    setShown(false)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches what it surrounds
    <span
      ref={anchor}
      className={block ? 'tip-anchor block' : 'tip-anchor'}
      aria-describedby={shown ? id : undefined}
      onMouseEnter={() => open(350)}
      onMouseLeave={close}
      // A menu opened by a click focuses its first item, which must not show its tip.
      onFocus={(event) => event.target.matches(':focus-visible') && open(0)}
      onBlur={close}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      {children}
      {shown && <Text id={id} anchor={anchor.current} text={text} />}
    </span>
  )
}

function Text({ id, anchor, text }: { id: string; anchor: HTMLElement | null; text: string }) {
  const box = useRef<HTMLSpanElement>(null)
  const style = usePlace(anchor, box, { placement: 'top left', offset: 8 })
  return createPortal(
    <span ref={box} id={id} role="tooltip" className="tip" style={style}>
      {text}
    </span>,
    document.body,
  )
}
