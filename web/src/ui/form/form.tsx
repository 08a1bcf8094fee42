import { type ReactNode, useId } from 'react'
import './form.css'

type Common = { label: string; hint?: ReactNode; wrong?: string | undefined; aside?: ReactNode }

export function Field(
  props: Common & {
    children: (bind: {
      id: string
      'aria-invalid': boolean
      'aria-describedby': string | undefined
    }) => ReactNode
  },
) {
  const id = useId()
  const wrong = props.wrong !== undefined
  const described = wrong || props.hint !== undefined ? `${id}-note` : undefined
  return (
    <div className="field">
      <div className="row">
        <label htmlFor={id} className="t2">
          {props.label}
        </label>
        {props.aside && <span className="push t3 small num">{props.aside}</span>}
      </div>
      {props.children({ id, 'aria-invalid': wrong, 'aria-describedby': described })}
      {described && (
        <div id={described} className={wrong ? 'wrong' : 'hint'}>
          {props.wrong ?? props.hint}
        </div>
      )}
    </div>
  )
}

type TextFieldProps = Common & {
  value: string
  onChange: (value: string) => void
  type?: 'text' | 'email' | 'password' | 'url'
  large?: boolean
  autoFocus?: boolean
  autoComplete?: string
  inputMode?: 'numeric' | 'decimal' | undefined
  onBlur?: () => void
  maxLength?: number
  placeholder?: string
}

export function TextField(props: TextFieldProps) {
  const {
    type = 'text',
    large = false,
    value,
    onChange,
    autoFocus,
    autoComplete,
    inputMode,
    maxLength,
    placeholder,
  } = props
  return (
    <Field {...props}>
      {(bind) => (
        <input
          {...bind}
          {...{ autoFocus, autoComplete, inputMode, maxLength, placeholder }}
          onBlur={props.onBlur}
          type={type}
          className={large ? 'input large' : 'input'}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

export function TextArea(
  props: Common & { value: string; rows?: number; maxLength?: number; onChange: (value: string) => void },
) {
  return (
    <Field {...props}>
      {(bind) => (
        <textarea
          {...bind}
          className="input"
          rows={props.rows ?? 3}
          maxLength={props.maxLength}
          value={props.value}
          onChange={(event) => props.onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

export function Choice<Value extends string>(
  props: Common & {
    value: Value
    options: readonly { value: Value; label: string }[]
    onChange: (value: Value) => void
  },
) {
  return (
    <Field {...props}>
      {(bind) => (
        <select
          {...bind}
          className="input"
          value={props.value}
          onChange={(event) => {
            const chosen = props.options.find(({ value }) => value === event.target.value)
            if (chosen) props.onChange(chosen.value)
          }}
        >
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

export function Check(props: {
  label: ReactNode
  checked: boolean
  /** True: some of the items of the checkbox are checked, but not all. */
  some?: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    <label className="check-line">
      <input
        type="checkbox"
        ref={(box) => {
          if (box) box.indeterminate = props.some === true && !props.checked
        }}
        checked={props.checked}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <span>{props.label}</span>
    </label>
  )
}
