import type React from 'react'
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { FocusScope } from 'react-aria/FocusScope'
import { createPortal } from 'react-dom'
import { type Key, useKeys } from '../base/keys.ts'
import { usePlace } from './place.ts'
import { Tip } from './tip.tsx'
import './overlay.css'

/** For each panel the element to which the focus returns after it: the button of a menu, or the element that had the focus before. */
const openers = new WeakMap<Element, Element>()

/** Returns the element itself, or, if it was in a panel that is closed, the opener of that panel. */
function present(opener: Element | null | undefined): Element | undefined {
  let element = opener
  while (element?.isConnected === false) {
    const panel: Element | null = element.closest('.popover, .dialog')
    element = panel && openers.get(panel)
  }
  return element ?? undefined
}

/**
 * Moves the focus into an opened panel, to a field if there is one, and keeps it inside for Tab. On closing, the focus returns to the
 * opener, unless it is somewhere else already.
 */
function Focused({ box, children }: { box: RefObject<HTMLElement | null>; children: ReactNode }) {
  const [before] = useState(document.activeElement)
  useLayoutEffect(() => {
    if (box.current && before && !openers.has(box.current)) openers.set(box.current, before)
    if (box.current?.contains(document.activeElement)) return
    box.current?.querySelector<HTMLElement>('[autofocus],input,textarea,select,.menu-item')?.focus()
  }, [box, before])
  useEffect(() => {
    const panel = box.current
    return () => {
      const opener = present(panel && openers.get(panel))
      if (opener instanceof HTMLElement && document.activeElement === document.body) opener.focus()
    }
  }, [box])
  return (
    <FocusScope contain autoFocus>
      {children}
    </FocusScope>
  )
}

/**
 * Enter in a text field presses the button at the foot; ⌘ or Ctrl with Enter does it from everywhere. A destructive button needs ⌘ or Ctrl,
 * unless the user has typed its effect (`sure`). A disabled button gets the focus and shows its reason.
 */
function onEnter(event: React.KeyboardEvent<HTMLElement>): void {
  const { target, currentTarget } = event
  if (event.key !== 'Enter' || event.defaultPrevented || event.nativeEvent.isComposing) return
  const mod = event.metaKey || event.ctrlKey
  const line = target instanceof HTMLInputElement && /^(text|password|email|tel)$/.test(target.type)
  if (!mod && !line) return
  const act = currentTarget.querySelector<HTMLElement>(
    `.dialog-foot .button.primary, .dialog-foot${mod ? '' : '.sure'} .button.danger`,
  )
  if (!act) return
  event.preventDefault()
  act.focus()
  act.click()
}

/** A modal dialog: the page behind it cannot be reached. Escape and a click beside it close it. */
export function Dialog(props: {
  title: ReactNode
  label: string
  wide?: boolean
  /** True: the user has typed the effect again, so Enter alone submits. */
  sure?: boolean | undefined
  /** True: the dialog is aligned to the top, so that it does not move when its content grows or shrinks. */
  hanging?: boolean
  /** True: only its buttons close it, because it shows a secret that is never shown again, or waits for it. */
  keeps?: boolean | undefined
  /** Keys of the dialog besides Escape. It keeps them from the page behind it, and from components inside it. */
  keys?: readonly Key[]
  onClose: () => void
  children: ReactNode
  foot?: ReactNode
}) {
  const box = useRef<HTMLDivElement>(null)
  const close = () => props.keeps || props.onClose()
  useKeys([{ key: 'Escape', run: close }, ...(props.keys ?? [])], { modal: true })
  return createPortal(
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes as well
    <div
      className={props.hanging ? 'scrim hanging' : 'scrim'}
      role="presentation"
      onMouseDown={(event) => event.target === event.currentTarget && close()}
    >
      <Focused box={box}>
        <div
          ref={box}
          className={props.wide ? 'dialog wide' : 'dialog'}
          role="dialog"
          aria-modal="true"
          aria-label={props.label}
          tabIndex={-1}
          onKeyDown={onEnter}
        >
          {props.title !== '' && <h2 className="dialog-title">{props.title}</h2>}
          <div className="dialog-body">{props.children}</div>
          {props.foot && <div className={props.sure ? 'dialog-foot sure' : 'dialog-foot'}>{props.foot}</div>}
        </div>
      </Focused>
    </div>,
    document.body,
  )
}

type PopoverProps = {
  anchor: HTMLElement | null
  label: string
  onClose: () => void
  children: ReactNode
  align?: 'left' | 'right'
  role?: 'dialog' | 'menu' | 'listbox'
  side?: 'below' | 'beside'
}

/** A small panel at its button. Escape and a click elsewhere close it. */
export function Popover(props: PopoverProps) {
  const { anchor, label, onClose, children, align = 'left', role = 'dialog', side = 'below' } = props
  const box = useRef<HTMLDivElement>(null)
  const style = usePlace(anchor, box, {
    placement: side === 'beside' ? 'right top' : align === 'left' ? 'bottom left' : 'bottom right',
    offset: side === 'beside' ? 6 : 4,
    maxHeight: 520,
  })
  const step = (by: number) => {
    const items = [...(box.current?.querySelectorAll<HTMLElement>('.menu-item') ?? [])]
    const at = items.findIndex((item) => item.contains(document.activeElement))
    items.at((at + by) % items.length)?.focus()
  }
  useKeys(
    [
      { key: 'Escape', run: onClose },
      { key: 'ArrowDown', run: () => step(1) },
      { key: 'ArrowUp', run: () => step(-1) },
    ],
    { modal: true },
  )
  useEffect(() => {
    const menu = box.current
    if (!menu || !anchor) return
    openers.set(menu, anchor)
    const onDown = ({ target }: PointerEvent) => {
      if (!(target instanceof Element) || menu.contains(target) || anchor.contains(target)) return
      // The options of a picker inside the panel are drawn outside of it.
      if (!target.closest('.picker-options')) onClose()
    }
    addEventListener('pointerdown', onDown, true)
    return () => removeEventListener('pointerdown', onDown, true)
  }, [anchor, onClose])
  return createPortal(
    <Focused box={box}>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: every role that it takes has a name */}
      <div ref={box} className="popover" role={role} aria-label={label} tabIndex={-1} style={style}>
        {children}
      </div>
    </Focused>,
    document.body,
  )
}

/** An item of an open menu. A disabled one shows its reason, also to keyboard users. */
export function MenuItem(props: {
  children: ReactNode
  onPick: () => void
  why?: string | undefined
  letter?: string | undefined
  danger?: boolean | undefined
  checked?: boolean
  /** True: exactly one of several items is checked. */
  radio?: boolean
  action?: string
}) {
  const radio = props.radio === true
  return (
    <Tip text={props.why} block>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: aria-checked comes with what can be checked only */}
      <button
        type="button"
        data-action={props.action}
        role={props.checked === undefined ? 'menuitem' : radio ? 'menuitemradio' : 'menuitemcheckbox'}
        aria-checked={props.checked}
        aria-disabled={props.why !== undefined || undefined}
        className={props.danger ? 'menu-item danger' : 'menu-item'}
        onClick={() => props.why === undefined && props.onPick()}
      >
        <span className="grow">{props.children}</span>
        {props.checked !== undefined && !radio && <Tick on={props.checked} />}
        {radio && <span className={props.checked ? 'radio on' : 'radio'} aria-hidden="true" />}
        {props.letter && <kbd className="keycap">{props.letter}</kbd>}
      </button>
    </Tip>
  )
}

export function Tick({ on, some = false }: { on: boolean; some?: boolean }) {
  return (
    <span className={on ? 'tick on' : some ? 'tick some' : 'tick'} aria-hidden="true">
      {on && (
        <svg width="10" height="8" viewBox="0 0 10 8" aria-hidden="true">
          <path d="M1 4.2 3.7 6.8 9 1.2" fill="none" stroke="#fff" strokeWidth="1.7" />
        </svg>
      )}
    </span>
  )
}
