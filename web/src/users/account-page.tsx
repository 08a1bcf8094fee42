import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, errorText, get, patch, post, remove } from '../api.ts'
import { PasswordField } from '../sign-in/password-field.tsx'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { type Me, useMe } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { TextField } from '../ui/form/form.tsx'
import { PageHead } from '../ui/list/tabs.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { browserText } from './browser-text.ts'
import '../sign-in/welcome.css'
import { TwoFactor } from './two-factor.tsx'

export default function AccountPage() {
  const say = useSay()
  const me = useMe()
  if (!me) return <div className="page" aria-busy="true" />
  return (
    <div className="page">
      <PageHead title={say(['账号与安全', 'Account and security'])} sub={me.email} />
      <div className="scroll">
        <Name me={me} />
        <Password />
        <TwoFactor on={me.twoFactor} />
        <Sessions />
      </div>
    </div>
  )
}

function Name({ me }: { me: Me }) {
  const say = useSay()
  const queries = useQueryClient()
  const [name, setName] = useState(me.name)
  const save = useMutation({
    mutationFn: () => patch('/me', { name: name.trim() }),
    onSuccess: () => {
      toast('ok', say(['姓名已改', 'Name changed']))
      return queries.invalidateQueries({ queryKey: ['/me'] })
    },
    onError: toastError,
  })
  return (
    <Section title={say(['姓名', 'Name'])}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <TextField
          label={say(['单据上显示的名字', 'As shown on documents'])}
          value={name}
          onChange={setName}
          maxLength={60}
        />
        <div>
          <Button type="submit" busy={save.isPending}>
            {say(shared.save)}
          </Button>
        </div>
      </form>
    </Section>
  )
}

function Password() {
  const say = useSay()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () => post('/me/password', { current, password }),
    onSuccess: () => {
      setCurrent('')
      setPassword('')
      toast('ok', say(['密码已改，其他登录都已退出', 'Password changed; other sessions have ended']))
    },
  })
  const error = change.error instanceof ApiError ? change.error : undefined
  const wrong = (field: string) => (error?.field === field ? errorText(error) : undefined)
  return (
    <Section title={say(['密码', 'Password'])}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <PasswordField
          large={false}
          label={say(['现在的密码', 'Present password'])}
          value={current}
          onChange={setCurrent}
          wrong={wrong('current')}
        />
        <PasswordField
          large={false}
          fresh
          label={say(['新密码', 'New password'])}
          value={password}
          onChange={setPassword}
          wrong={wrong('password')}
        />
        {error && !error.field && <Note tone="bad">{errorText(error)}</Note>}
        <div>
          <Button type="submit" busy={change.isPending}>
            {say(['改密码', 'Change the password'])}
          </Button>
        </div>
      </form>
    </Section>
  )
}

function Sessions() {
  const say = useSay()
  const queries = useQueryClient()
  const sessions = useQuery({
    queryKey: ['/me/sessions'],
    queryFn: () => get('/me/sessions'),
  })
  const end = useMutation({
    mutationFn: (id: string | undefined) =>
      id === undefined ? remove('/me/sessions') : remove('/me/sessions/:id', { id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/me/sessions'] }),
    onError: toastError,
  })
  return (
    <Section title={say(['登录过的地方', 'Where I am signed in'])}>
      <table className="plain-table">
        <tbody>
          {sessions.data?.rows.map((session) => (
            <tr key={session.id}>
              <td>
                <Status tone={session.current ? 'ok' : 'idle'}>
                  {session.current ? say(['这一个', 'This one']) : session.ip}
                </Status>
              </td>
              <td className="t2" title={session.userAgent}>
                {browserText(session.userAgent)}
              </td>
              <td className="right t2 num">{nearTime(session.lastUsedAt)}</td>
              <td className="right">
                {!session.current && (
                  <Button size="small" onClick={() => end.mutate(session.id)}>
                    {say(['退出', 'End'])}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div>
        <Button onClick={() => end.mutate(undefined)}>{say(['退出其他所有登录', 'End all others'])}</Button>
      </div>
    </Section>
  )
}
