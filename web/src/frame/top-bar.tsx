import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { patch } from '../api.ts'
import { alarmSumQuery } from '../overview/query.ts'
import { useRunningBatches } from '../ui/act/batches.ts'
import { Progress } from '../ui/act/bulk-bar.tsx'
import { KeyCap } from '../ui/base/button.tsx'
import { count } from '../ui/base/figures.tsx'
import { Logo } from '../ui/base/logo.tsx'
import { withMod } from '../ui/base/mod-key.ts'
import { useMay, useMe, useShops } from '../ui/base/session.ts'
import { Dot } from '../ui/base/status.tsx'
import { scopeSetting } from '../ui/base/store.ts'
import { listWords } from '../ui/list/list-words.ts'
import { MenuItem, Popover } from '../ui/overlay/overlay.tsx'
import { setLanguage, useLanguage, useSay } from '../words.ts'

/** Most users open it once a day, so it is loaded when it is opened. */
const PersonMenu = lazy(() => import('./person-menu-page.tsx'))

const words = {
  allShops: ['全部店铺 · {n}', 'All shops · {n}'],
  someShops: ['{n} 家店铺', '{n} {n|shop|shops}'],
  every: ['全部店铺', 'All shops'],
  search: ['搜单号、运单、手机、商品，或输入命令', 'No., waybill, phone, goods or command'],
  alarms: ['告警', 'Alarms'],
  person: ['我的', 'Me'],
  otherLanguage: ['切换到英文', 'Switch to Chinese'],
} as const

export function TopBar({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }) {
  const say = useSay()
  const language = useLanguage()
  const otherLanguage = language === 'zh' ? 'EN' : '中文'
  const switchLanguage = () => {
    const next = language === 'zh' ? 'en' : 'zh'
    setLanguage(next)
    // If saving the language in the account fails, the setting in the browser still applies.
    patch('/me', { language: next }).catch(() => undefined)
  }
  return (
    <header className="top">
      <Link to="/" className="brand" aria-label={say(['三易 总览', 'Sanyi overview'])}>
        <Logo />
        <span>{say(['三易', 'Sanyi'])}</span>
      </Link>
      <ShopScope />
      <button type="button" className="top-search" aria-keyshortcuts="/ Control+K" onClick={onSearch}>
        <svg width="13" height="13" viewBox="0 0 13 13" aria-hidden="true">
          <circle cx="5.4" cy="5.4" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.3" />
          <path d="M8.6 8.6 12 12" stroke="currentColor" strokeWidth="1.3" />
        </svg>
        <span className="grow cut">{say(words.search)}</span>
        <KeyCap>{withMod('K')}</KeyCap>
      </button>
      <div className="row push top-right">
        <RunningWork />
        <Alarms />
        <button type="button" className="top-item" aria-keyshortcuts="?" onClick={onHelp}>
          {say(listWords.keyAll)}
          <KeyCap>?</KeyCap>
        </button>
        <button
          type="button"
          className="top-item"
          aria-label={`${otherLanguage} ${say(words.otherLanguage)}`}
          onClick={switchLanguage}
        >
          {otherLanguage}
        </button>
        <Person />
      </div>
    </header>
  )
}

function ShopScope() {
  const say = useSay()
  const shops = useShops()
  const scope = scopeSetting.use()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const chosen = scope === '' ? [] : scope.split(',')
  const one = chosen.length === 1 ? shops.find((shop) => shop.id === chosen[0]) : undefined
  const text =
    one?.name ??
    (chosen.length > 0
      ? say(words.someShops, { n: chosen.length })
      : say(words.allShops, { n: shops.length }))
  const toggle = (id: string) =>
    scopeSetting.set((chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]).join(','))
  return (
    <>
      <button
        type="button"
        className="top-scope"
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <span className="grow cut">{text}</span>
        <svg width="10" height="6" viewBox="0 0 10 6" aria-hidden="true">
          <path d="M.7.7 5 5 9.3.7" fill="none" stroke="currentColor" />
        </svg>
      </button>
      {anchor && (
        <Popover anchor={anchor} label={say(words.every)} role="menu" onClose={() => setAnchor(null)}>
          <MenuItem checked={chosen.length === 0} onPick={() => scopeSetting.set('')}>
            {say(words.every)}
          </MenuItem>
          {shops.map((shop) => (
            <MenuItem key={shop.id} checked={chosen.includes(shop.id)} onPick={() => toggle(shop.id)}>
              <span className="t3">{say(shop.label)}</span> {shop.name}
            </MenuItem>
          ))}
        </Popover>
      )}
    </>
  )
}

function RunningWork() {
  const say = useSay()
  const [batch, ...others] = useRunningBatches()
  if (!batch) return null
  const name = say(batch.actionName)
  return (
    <Link to="/batches" className="top-batch">
      <span>{name}</span>
      <Progress done={batch.done} total={batch.total} label={name} />
      <span className="num">{`${count(batch.done)} / ${count(batch.total)}`}</span>
      {others.length > 0 && <span className="t3">+{others.length}</span>}
    </Link>
  )
}

function Alarms() {
  const say = useSay()
  // Every page asks for the number of alarms, so the request is sent only if the user has the permission.
  const allowed = useMay()('overview.read')
  const { data } = useQuery({ ...alarmSumQuery, enabled: allowed, retry: false })
  const n = data?.count ?? 0
  if (!allowed) return null
  return (
    <Link to="/" hash="alarms" className="top-item" role="status" aria-label={`${say(words.alarms)} ${n}`}>
      <Dot tone={n === 0 ? 'ok' : (data?.worst ?? 'bad')} /> {say(words.alarms)}{' '}
      {n > 0 && <b className="num">{n}</b>}
    </Link>
  )
}

function Person() {
  const say = useSay()
  const me = useMe()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const role = me?.roles[0]
  return (
    <>
      <button
        type="button"
        className="top-item"
        aria-haspopup="menu"
        aria-label={me ? undefined : say(words.person)}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        {me?.name ?? ''}
        {role && ` · ${say([role.name, role.nameEn || role.name])}`}
      </button>
      <Suspense>
        {anchor && <PersonMenu anchor={anchor} label={say(words.person)} onClose={() => setAnchor(null)} />}
      </Suspense>
    </>
  )
}
