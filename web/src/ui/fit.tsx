import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useSay } from '../words.ts'
import { Button } from './button.tsx'
import { Popover } from './overlay.tsx'
import { shared } from './words.ts'
import './fit.css'

/**
 * One line of items: those that find no room go into a menu behind 更多, so that a row of buttons neither wraps nor is
 * cut. The browser wraps them below the line's edge, which tells how many fit; `rest` draws the others as menu items.
 */
export function Fit<Item>(props: {
  items: readonly Item[]
  keyOf: (item: Item) => string
  item: (item: Item) => ReactNode
  rest: (item: Item, close: () => void) => ReactNode
  className?: string
  role?: 'tablist'
  label?: string
  /** Names what is hidden; 更多 when left out. */
  more?: (hidden: readonly Item[]) => string
}) {
  const { items, role, label } = props
  const say = useSay()
  const box = useRef<HTMLDivElement>(null)
  const [shown, setShown] = useState(items.length)
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const measure = () => {
    const all = [...(box.current?.children ?? [])].filter((each) => each instanceof HTMLElement)
    const line = all[0]?.offsetTop ?? 0
    setShown(all.filter((each) => each.offsetTop <= line).length)
  }
  useLayoutEffect(measure)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the layout effect above measures what changed by itself
  useEffect(() => {
    if (!box.current) return
    const observer = new ResizeObserver(measure)
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
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
