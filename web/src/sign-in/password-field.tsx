import { useState } from 'react'
import { Field } from '../ui/form/form.tsx'
import { useSay } from '../words.ts'

export function PasswordField(props: {
  label: string
  value: string
  onChange: (value: string) => void
  wrong?: string | undefined
  hint?: string
  fresh?: boolean
  large?: boolean
}) {
  const say = useSay()
  const [shown, setShown] = useState(false)
  const { large = true } = props
  return (
    <Field label={props.label} wrong={props.wrong} hint={props.hint}>
      {(bind) => (
        <div className="password-box">
          <input
            {...bind}
            type={shown ? 'text' : 'password'}
            className={large ? 'input large' : 'input'}
            autoComplete={props.fresh ? 'new-password' : 'current-password'}
            value={props.value}
            onChange={(event) => props.onChange(event.target.value)}
          />
          <button
            type="button"
            aria-label={say(shown ? ['隐藏密码', 'Hide password'] : ['显示密码', 'Show password'])}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            <svg
              width="16"
              height="16"
              viewBox="0 0 16 16"
              fill="none"
              stroke="currentColor"
              aria-hidden="true"
            >
              <path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z" />
              <circle cx="8" cy="8" r="2" />
              {!shown && <path d="M2.5 14 13.5 2" />}
            </svg>
          </button>
        </div>
      )}
    </Field>
  )
}
