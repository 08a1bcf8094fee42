import { type ReactNode, useId, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import './tip.css'

type Place = { left: number; top: number; above: boolean }

/** A short text beside its element on hover and focus; Escape and leaving put it away. */
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
  const [place, setPlace] = useState<Place>()
  const id = useId()
  if (!text) return children
  const open = (delayMs: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const box = anchor.current?.getBoundingClientRect()
      if (!box) return
      const above = box.top > 90
      setPlace({
        left: Math.min(Math.max(box.left, 8), innerWidth - 330),
        top: above ? box.top - 8 : box.bottom + 8,
        above,
      })
    }, delayMs)
  }
  const close = () => {
    clearTimeout(timer.current)
    setPlace(undefined)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches what it surrounds
    <span
      ref={anchor}
      className={block ? 'tip-anchor block' : 'tip-anchor'}
      aria-describedby={place ? id : undefined}
      onMouseEnter={() => open(350)}
      onMouseLeave={close}
      // A menu that a click opens gives its first item the focus: nobody pointed at that one.
      onFocus={(event) => event.target.matches(':focus-visible') && open(0)}
      onBlur={close}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      {children}
      {place &&
        createPortal(
          <span
            id={id}
            role="tooltip"
            className={place.above ? 'tip above' : 'tip'}
            style={{ left: place.left, top: place.top }}
          >
            {text}
          </span>,
          document.body,
        )}
    </span>
  )
}
