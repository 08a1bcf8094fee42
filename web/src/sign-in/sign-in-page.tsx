import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { errorText, get, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { Check, TextField } from '../ui/form/form.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { useSay } from '../words.ts'
import { ownAddress } from './own-address.ts'
import { PasswordField } from './password-field.tsx'
import { Welcome } from './welcome.tsx'

type Answer = { state: 'signed_in' | 'code_needed' }

/** Sign-in by e-mail and password, then a code if two-step verification is on. */
export default function SignInPage() {
  const say = useSay()
  const [search] = useUrlState()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [remember, setRemember] = useState(true)
  const [forgot, setForgot] = useState(false)
  const setup = useQuery({
    queryKey: ['/setup'],
    queryFn: () => get('/setup'),
    retry: false,
  })
  const go = ({ state }: Answer) => state === 'signed_in' && location.assign(ownAddress(search['next']))
  const signIn = useMutation({
    mutationFn: () => post('/sign-in', { email: email.trim(), password, remember }),
    onSuccess: go,
  })
  if (signIn.data?.state === 'code_needed') return <CodeStep onDone={go} onBack={signIn.reset} />
  const wrong = signIn.error ? errorText(signIn.error) : undefined
  return (
    <Welcome>
      <h1>{say(['登录', 'Sign in'])}</h1>
      {setup.data?.open && (
        <Note tone="warn">
          {say([
            '还没有管理员：用启动时打印的一次性链接设置。',
            'No administrator yet: use the one-time link that the start printed.',
          ])}
        </Note>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          signIn.mutate()
        }}
      >
        <TextField
          large
          label={say(['邮箱', 'E-mail'])}
          type="email"
          autoComplete="username"
          value={email}
          onChange={setEmail}
          autoFocus
        />
        <PasswordField
          label={say(['密码', 'Password'])}
          value={password}
          onChange={setPassword}
          wrong={wrong}
        />
        <Check
          label={say(['在这台电脑上保持登录', 'Stay signed in on this computer'])}
          checked={remember}
          onChange={setRemember}
        />
        <span className="stretch">
          <Button kind="primary" size="large" type="submit" letter="↵" busy={signIn.isPending}>
            {say(['登录', 'Sign in'])}
          </Button>
        </span>
      </form>
      <div className="row">
        <button type="button" className="link" onClick={() => setForgot(true)}>
          {say(['忘记密码', 'Forgot the password'])}
        </button>
        <span className="push t2 small">{say(['没有账号请找管理员开通', 'No account? Ask an admin'])}</span>
      </div>
      {forgot && (
        <Note tone="warn">
          {say(['找管理员在「系统 · 用户」里给你一个重设链接。', 'Ask an admin for a link: System, Users.'])}
        </Note>
      )}
      {setup.data?.open && <Link to="/setup">{say(['首次设置', 'First set-up'])}</Link>}
    </Welcome>
  )
}

function CodeStep({ onDone, onBack }: { onDone: (answer: Answer) => void; onBack: () => void }) {
  const say = useSay()
  const [code, setCode] = useState('')
  const verify = useMutation({
    mutationFn: () => post('/sign-in/code', { code: code.trim() }),
    onSuccess: onDone,
  })
  return (
    <Welcome>
      <h1>{say(['两步验证', 'Two-step verification'])}</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          verify.mutate()
        }}
      >
        <TextField
          large
          label={say(['验证器里的 6 位数字，或备用码', 'Six digits of the authenticator, or a backup code'])}
          autoComplete="one-time-code"
          value={code}
          onChange={setCode}
          autoFocus
          wrong={verify.error ? errorText(verify.error) : undefined}
        />
        <span className="stretch">
          <Button kind="primary" size="large" type="submit" letter="↵" busy={verify.isPending}>
            {say(['验证', 'Verify'])}
          </Button>
        </span>
      </form>
      <button type="button" className="link" onClick={onBack}>
        {say(['换个账号', 'Another account'])}
      </button>
    </Welcome>
  )
}
