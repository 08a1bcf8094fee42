import type React from 'react'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { useKeys } from './keys.ts'
import { Tip } from './tip.tsx'
import './overlay.css'

const focusable = 'button,[href],input,select,textarea,[tabindex]:not([tabindex="-1"])'

/** Moves the focus in, keeps Tab inside, and gives the focus back where it came from. */
function useFocusInside(box: React.RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const before = document.activeElement
    const element = box.current
    if (!element) return
    if (!element.contains(before)) {
      const first =
        element.querySelector<HTMLElement>('[autofocus],input,textarea,select') ??
        element.querySelector<HTMLElement>(focusable)
      ;(first ?? element).focus()
    }
    const keep = (event: KeyboardEvent) => {
      if (event.key !== 'Tab') return
      const all = [...element.querySelectorAll<HTMLElement>(focusable)].filter(
        (each) => each.offsetParent !== null,
      )
      const edge = event.shiftKey ? all[0] : all.at(-1)
      if (document.activeElement !== edge) return
      event.preventDefault()
      ;(event.shiftKey ? all.at(-1) : all[0])?.focus()
    }
    element.addEventListener('keydown', keep)
    return () => {
      element.removeEventListener('keydown', keep)
      if (before instanceof HTMLElement) before.focus()
    }
  }, [box])
}

/**
 * Enter in a line of text is the button at the foot; ⌘ or Ctrl with Enter is it from everywhere, and the only way to one
 * that destroys, unless what it does was typed to make sure (`sure`). What cannot be pressed gets the focus, and says why.
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

/** A question or a form over the page; nothing behind it can be reached. Escape closes. */
export function Dialog(props: {
  title: ReactNode
  label: string
  wide?: boolean
  /** What its act does was typed once more: Enter is enough. */
  sure?: boolean | undefined
  /** Hangs from the top, so that it stays in its place while what it holds grows and shrinks. */
  hanging?: boolean
  onClose: () => void
  children: ReactNode
  foot?: ReactNode
}) {
  const box = useRef<HTMLDivElement>(null)
  useFocusInside(box)
  useKeys([{ key: 'Escape', run: props.onClose }], { modal: true })
  return createPortal(
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes as well
    <div
      className={props.hanging ? 'scrim hanging' : 'scrim'}
      role="presentation"
      onMouseDown={(event) => event.target === event.currentTarget && props.onClose()}
    >
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

/** A small panel at its button. Closes on Escape, on a click elsewhere, and when the window changes its size. */
export function Popover(props: PopoverProps) {
  const { anchor, label, onClose, children, align = 'left', role = 'dialog', side = 'below' } = props
  const box = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<{ left: number; top: number }>()
  useFocusInside(box)
  const step = (by: number) => {
    const items = [...(box.current?.querySelectorAll<HTMLElement>('.menu-item') ?? [])]
    const at = items.findIndex((item) => item.contains(document.activeElement))
    items.at((at + by) % items.length)?.focus()
  }
  useKeys(
    [
      { key: 'Escape', run: onClose },
      ...(role === 'menu'
        ? [
            { key: 'ArrowDown', run: () => step(1) },
            { key: 'ArrowUp', run: () => step(-1) },
          ]
        : []),
    ],
    { modal: true },
  )
  useLayoutEffect(() => {
    const from = anchor?.getBoundingClientRect()
    const own = box.current?.getBoundingClientRect()
    if (!from || !own) return
    const left = side === 'beside' ? from.right + 6 : align === 'left' ? from.left : from.right - own.width
    const top = side === 'beside' ? from.top - 4 : from.bottom + 4
    const above = side === 'below' && top + own.height > innerHeight - 8 && from.top - own.height - 4 > 0
    setPlace({
      left: Math.max(8, Math.min(left, innerWidth - own.width - 8)),
      top: above ? from.top - own.height - 4 : Math.min(top, Math.max(8, innerHeight - own.height - 8)),
    })
  }, [anchor, align, side])
  useEffect(() => {
    const onDown = (event: PointerEvent) => {
      if (!(event.target instanceof Element)) return
      if (box.current?.contains(event.target) || anchor?.contains(event.target)) return
      onClose()
    }
    addEventListener('pointerdown', onDown, true)
    addEventListener('resize', onClose)
    return () => {
      removeEventListener('pointerdown', onDown, true)
      removeEventListener('resize', onClose)
    }
  }, [anchor, onClose])
  return createPortal(
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: every role that it takes has a name
    <div
      ref={box}
      className="popover"
      role={role}
      aria-label={label}
      tabIndex={-1}
      // Not `visibility`: what is hidden takes no focus.
      style={place ?? { left: 0, top: 0, opacity: 0 }}
    >
      {children}
    </div>,
    document.body,
  )
}

/** A row of an open menu; what cannot be picked says why, to whoever comes there by key as well. */
export function MenuItem(props: {
  children: ReactNode
  onPick: () => void
  why?: string | undefined
  letter?: string | undefined
  danger?: boolean | undefined
  checked?: boolean
  /** One of several of which just one is chosen. */
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
