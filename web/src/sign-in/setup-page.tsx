import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, errorText, post } from '../api.ts'
import { Authorise } from '../shops/authorise.tsx'
import { CallbackBox } from '../shops/callback-box.tsx'
import { ConnectForm } from '../shops/connect-form.tsx'
import { GoLiveForm } from '../shops/go-live.tsx'
import { ShopName } from '../tasks/shop-name.tsx'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { shopsQuery } from '../ui/base/session.ts'
import { shared } from '../ui/base/words.ts'
import { TextField } from '../ui/form/form.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { useSay } from '../words.ts'
import { FirstDownload } from './first-download.tsx'
import { PasswordField } from './password-field.tsx'
import { Welcome, WizardSteps } from './welcome.tsx'
import '../overview/overview.css'
import '../ui/overlay/drawer.css'

/** 首次设置: administrator, shops, go-live time, first download. The address contains the step, so that a reload continues there. */
export default function SetupPage() {
  const say = useSay()
  const navigate = useNavigate()
  const [search, setSearch] = useUrlState()
  const step = Math.max(0, ['admin', 'shops', 'go-live', 'download'].indexOf(search['step'] ?? 'admin'))
  const go = (next: string) => setSearch({ step: next, token: '' })
  return (
    <Welcome wide>
      <WizardSteps
        at={step}
        steps={[
          say(['管理员', 'Admin']),
          say(['店铺', 'Shops']),
          say(['上线时间', 'Go-live']),
          say(['首次下载', 'First download']),
        ]}
      />
      {step === 0 && <AdminStep token={search['token'] ?? ''} onDone={() => go('shops')} />}
      {step === 1 && <ShopsStep onDone={() => go('go-live')} />}
      {step === 2 && <GoLiveStep onDone={() => go('download')} onBack={() => go('shops')} />}
      {step === 3 && <FirstDownload onDone={() => void navigate({ to: '/' })} />}
    </Welcome>
  )
}

function AdminStep({ token, onDone }: { token: string; onDone: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const make = useMutation({
    mutationFn: () => post('/setup', { token, name: name.trim(), email: email.trim(), password }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      onDone()
    },
  })
  const error = make.error instanceof ApiError ? make.error : undefined
  const wrong = (field: string) => (error?.field === field ? errorText(error) : undefined)
  return (
    <>
      <div>
        <h1>{say(['谁来管这套系统？', 'Who looks after this system?'])}</h1>
        <p className="t2">
          {say([
            '第一个管理员。其他人之后在「系统 · 用户」里开通。',
            'The first administrator. Others are added later under System, Users.',
          ])}
        </p>
      </div>
      {token === '' && (
        <Note tone="warn">
          {say([
            '用启动时打印的链接打开这一页，里面带着一次性口令。',
            'Open this page with the link that the start printed; it carries a one-time token.',
          ])}
        </Note>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate()
        }}
      >
        <TextField
          large
          label={say(['姓名', 'Name'])}
          value={name}
          onChange={setName}
          wrong={wrong('name')}
          autoFocus
          autoComplete="name"
        />
        <TextField
          large
          label={say(['邮箱', 'E-mail'])}
          type="email"
          value={email}
          onChange={setEmail}
          wrong={wrong('email')}
          autoComplete="username"
        />
        <PasswordField
          fresh
          label={say(['密码', 'Password'])}
          value={password}
          onChange={setPassword}
          wrong={wrong('password')}
          hint={say(['至少 10 位，别用常见的', 'At least ten characters, nothing common'])}
        />
        {error && !error.field && <Note tone="bad">{errorText(error)}</Note>}
        <div>
          <Button kind="primary" size="large" type="submit" busy={make.isPending}>
            {say(['开通管理员', 'Make the administrator'])}
          </Button>
        </div>
      </form>
    </>
  )
}

function ShopsStep({ onDone }: { onDone: () => void }) {
  const say = useSay()
  const shops = useQuery({ ...shopsQuery, refetchInterval: every(5000) }).data?.rows ?? []
  const [adding, setAdding] = useState(false)
  return (
    <>
      <div>
        <h1>{say(['接入店铺', 'Connect your shops'])}</h1>
        <p className="t2">
          {say([
            '填密钥，去平台授权，再验证。可以先接一家，其余以后再接。',
            'Keys, authorisation, verification. One is enough to begin with.',
          ])}
        </p>
      </div>
      {shops.map((shop) => (
        <div key={shop.id} className="panel" style={{ padding: '12px 16px', gap: 10 }}>
          <ShopName id={shop.id} />
          <Authorise shop={shop} />
        </div>
      ))}
      {(adding || shops.length === 0) && (
        <>
          <CallbackBox />
          <ConnectForm onMade={() => setAdding(false)} />
        </>
      )}
      <div className="row">
        <Button
          kind="primary"
          size="large"
          why={shops.length === 0 ? say(['先接入一家', 'Connect one first']) : undefined}
          onClick={onDone}
        >
          {say(shared.next)}
        </Button>
        {!adding && shops.length > 0 && (
          <Button size="large" onClick={() => setAdding(true)}>
            {say(['再接一家', 'Another shop'])}
          </Button>
        )}
      </div>
    </>
  )
}

function GoLiveStep({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const say = useSay()
  const shops = useQuery(shopsQuery).data?.rows
  return (
    <>
      <div>
        <h1>{say(['从什么时候起由三易接单？', 'From what time does Sanyi take over the orders?'])}</h1>
        <p className="t2">
          {say([
            '早于这一刻付款的交易只看不转，留给旧系统发完。这样换系统时一单也不会发两次。',
            'What was paid before is seen and not converted: the old system ships it. So no order is shipped twice.',
          ])}
        </p>
      </div>
      {shops && (
        <GoLiveForm shops={shops}>
          {({ run, busy, wrong }) => (
            <div className="row">
              <Button
                kind="primary"
                size="large"
                busy={busy}
                why={wrong ? say(['时间写得不对', 'The time is not right']) : undefined}
                onClick={() => run(onDone)}
              >
                {say(['确定上线时间', 'Set the go-live time'])}
              </Button>
              <Button size="large" onClick={onBack}>
                {say(shared.back)}
              </Button>
              <span className="push t2 small">{say(['以后可在店铺里改', 'Can be changed later'])}</span>
            </div>
          )}
        </GoLiveForm>
      )}
    </>
  )
}
