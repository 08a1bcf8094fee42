import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { errorText, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { useSay } from '../words.ts'
import { PasswordField } from './password-field.tsx'
import { Welcome } from './welcome.tsx'

/** Sets a password with the one-time link of an administrator. */
export default function PasswordPage() {
  const say = useSay()
  const [search] = useUrlState()
  const [password, setPassword] = useState('')
  const set = useMutation({ mutationFn: () => post('/password', { token: search['token'] ?? '', password }) })
  return (
    <Welcome>
      <h1>{say(['设置密码', 'Set a password'])}</h1>
      {set.isSuccess ? (
        <Note tone="ok" action={<Link to="/sign-in">{say(['去登录', 'Sign in'])}</Link>}>
          {say(['密码已设好。', 'The password is set.'])}
        </Note>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            set.mutate()
          }}
        >
          <PasswordField
            fresh
            label={say(['新密码', 'New password'])}
            value={password}
            onChange={setPassword}
            wrong={set.error ? errorText(set.error) : undefined}
            hint={say(['至少 10 位，别用常见的', 'At least ten characters, nothing common'])}
          />
          <span className="stretch">
            <Button kind="primary" size="large" type="submit" busy={set.isPending}>
              {say(['设置密码', 'Set password'])}
            </Button>
          </span>
        </form>
      )}
    </Welcome>
  )
}
