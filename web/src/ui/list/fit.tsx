import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { shared } from '../base/words.ts'
import { Popover } from '../overlay/overlay.tsx'
import './fit.css'

/** The tolerance in pixels when right edges are compared: the padding of the row, and one pixel for rounding. */
const edge = 4
const rightOf = (element: HTMLElement) => element.getBoundingClientRect().right

/**
 * Shows items in one row. Those without space are in the menu 更多, so that a row of buttons is neither wrapped nor cut. The browser wraps
 * the items below a hidden edge, which shows how many fit. `rest` draws the others as menu items.
 */
export function Fit<Item>(props: {
  items: readonly Item[]
  keyOf: (item: Item) => string
  item: (item: Item) => ReactNode
  rest: (item: Item, close: () => void) => ReactNode
  className?: string
  role?: 'tablist'
  label?: string
  /** Returns the menu's label. Undefined: 更多. */
  more?: (hidden: readonly Item[]) => string
}) {
  const { items, role, label } = props
  const say = useSay()
  const box = useRef<HTMLDivElement>(null)
  const [shown, setShown] = useState(items.length)
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  useLayoutEffect(() => {
    const measure = () => {
      const line = box.current
      if (!line) return
      line.style.maxWidth = 'none'
      const all = [...line.children].filter((each) => each instanceof HTMLElement)
      const fitting = all.filter((each) => each.offsetTop <= (all[0]?.offsetTop ?? 0))
      const last = fitting.at(-1)
      // The row ends after the last item that fits, so that 更多 follows directly.
      if (last && fitting.length < all.length)
        line.style.maxWidth = `${Math.ceil(rightOf(last) - line.getBoundingClientRect().left) + edge}px`
      setShown(fitting.length)
    }
    measure()
    addEventListener('resize', measure)
    return () => removeEventListener('resize', measure)
  })
  const hidden = items.slice(shown)
  const close = () => setAnchor(null)
  return (
    <>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: a label comes with a role only */}
      <div ref={box} className={`fit ${props.className ?? ''}`} role={role} aria-label={label}>
        {items.map((item, at) => (
          <span key={props.keyOf(item)} role="presentation" className={at < shown ? '' : 'fit-hidden'}>
            {props.item(item)}
          </span>
        ))}
      </div>
      {hidden.length > 0 && (
        <Button kind="quiet" aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
          {props.more?.(hidden) ?? say(shared.more)} ⋯
        </Button>
      )}
      {anchor && (
        <Popover anchor={anchor} align="right" label={say(shared.more)} role="menu" onClose={close}>
          {hidden.map((item) => props.rest(item, close))}
        </Popover>
      )}
    </>
  )
}
