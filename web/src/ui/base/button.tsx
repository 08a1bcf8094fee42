import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { Tip } from '../overlay/tip.tsx'
import './button.css'

type Kind = 'primary' | 'plain' | 'quiet' | 'danger' | 'danger-quiet'

type ButtonProps = {
  children: ReactNode
  kind?: Kind
  size?: 'small' | 'normal' | 'large'
  /** The key that does the same as the button; shown on it. */
  letter?: string | undefined
  /** Why the button is disabled. It stays visible and shows the reason. */
  why?: string | undefined
  busy?: boolean
  /** The value of `data-action`, by which tests and scripts find the button. */
  action?: string | undefined
} & Pick<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'onClick' | 'type' | 'aria-label' | 'aria-expanded' | 'aria-haspopup' | 'autoFocus' | 'form'
>

/** A button. A disabled one keeps its place and can be focused, so that its reason can be read. */
export function Button(props: ButtonProps) {
  const {
    children,
    kind = 'plain',
    size = 'normal',
    letter,
    why,
    busy = false,
    action,
    onClick,
    type = 'button',
    ...rest
  } = props
  const off = why !== undefined || busy
  return (
    <Tip text={why} block>
      <button
        {...rest}
        type={type}
        data-action={action}
        className={`button ${kind} ${size}`}
        aria-disabled={off || undefined}
        aria-busy={busy || undefined}
        aria-keyshortcuts={letter}
        onClick={(event) => {
          if (off) event.preventDefault()
          else onClick?.(event)
        }}
      >
        {children}
        {letter && <KeyCap>{letter}</KeyCap>}
      </button>
    </Tip>
  )
}

export function KeyCap({ children }: { children: ReactNode }) {
  return (
    <span className="keycap" aria-hidden="true">
      {children}
    </span>
  )
}

export function Segments<Value extends string>(props: {
  label: string
  value: Value
  options: readonly { value: Value; label: string }[]
  onChange: (value: Value) => void
}) {
  return (
    <fieldset className="segments" aria-label={props.label}>
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === props.value}
          onClick={() => props.onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  )
}
