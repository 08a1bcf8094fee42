import { useMutation, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { errorText, post } from '../api.ts'
import type { Answer } from '../api-routes.ts'
import { PasswordField } from '../sign-in/password-field.tsx'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { Status } from '../ui/base/status.tsx'
import { TextField } from '../ui/form/form.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { CopyBox } from './copy-box.tsx'

const QrCode = lazy(() => import('./qr-page.tsx'))

/** Two-step verification: a secret for the authenticator app, backup codes, and a first code to turn it on. */
export function TwoFactor({ on }: { on: boolean }) {
  const say = useSay()
  const queries = useQueryClient()
  const [password, setPassword] = useState('')
  const renew = () => {
    setPassword('')
    return queries.invalidateQueries({ queryKey: ['/me'] })
  }
  const begin = useMutation({ mutationFn: () => post('/me/two-factor', { password }) })
  const confirm = useMutation({
    mutationFn: (code: string) => post('/me/two-factor/confirm', { code: code.trim() }),
    onSuccess: () => {
      begin.reset()
      toast('ok', say(['两步验证已开', 'Two-step verification is on']))
      return renew()
    },
  })
  const disable = useMutation({
    mutationFn: () => post('/me/two-factor/disable', { password }),
    onSuccess: () => {
      toast('ok', say(['两步验证已关', 'Two-step verification is off']))
      return renew()
    },
  })
  const error = begin.error ?? confirm.error ?? disable.error
  return (
    <Section title={say(['两步验证', 'Two-step verification'])}>
      <Status tone={on ? 'ok' : 'ring'}>
        {on
          ? say(['已开', 'On'])
          : say(['未开启。开启后登录还要验证码', 'Off. Once on, signing in also asks for a code'])}
      </Status>
      {begin.data ? (
        <NewSecret secret={begin.data} busy={confirm.isPending} onConfirm={confirm.mutate} />
      ) : (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault()
            if (on) disable.mutate()
            else begin.mutate()
          }}
        >
          <PasswordField
            large={false}
            label={say(['先输入密码', 'Password first'])}
            value={password}
            onChange={setPassword}
          />
          <div>
            <Button type="submit" busy={begin.isPending || disable.isPending}>
              {on ? say(['关闭', 'Turn off']) : say(['开始设置', 'Set up'])}
            </Button>
          </div>
        </form>
      )}
      {error && <Note tone="bad">{errorText(error)}</Note>}
    </Section>
  )
}

/** The new secret as a picture and as text, the backup codes, and the field for the first code. */
function NewSecret(props: {
  secret: Answer<'POST', '/me/two-factor'>
  busy: boolean
  onConfirm: (code: string) => void
}) {
  const say = useSay()
  const { uri, backupCodes } = props.secret
  const [code, setCode] = useState('')
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        props.onConfirm(code)
      }}
    >
      <Suspense fallback={<div className="qr" />}>
        <QrCode text={uri} />
      </Suspense>
      <CopyBox
        text={new URL(uri).searchParams.get('secret') ?? ''}
        label={say(['扫不了就手工输入这串', 'Where nothing can be scanned, type this'])}
      />
      <CopyBox
        text={backupCodes.join('\n')}
        label={say([
          '备用码，每个用一次，只显示这一次',
          'Backup codes, each for one use, shown this one time',
        ])}
      />
      <TextField
        label={say(['验证器里的 6 位数字', 'Six digits of the authenticator'])}
        value={code}
        onChange={setCode}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
      />
      <div>
        <Button kind="primary" type="submit" busy={props.busy}>
          {say(['打开两步验证', 'Turn it on'])}
        </Button>
      </div>
    </form>
  )
}
