import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useOwnSettings } from '../frame/own-settings.ts'
import { soundSetting } from '../fulfilment/station/sounds.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { useSay } from '../words.ts'
import { Icon } from './icons.tsx'
import { useInstalled } from './install.ts'
import { useQueue, useSending } from './queue.ts'
import { ScanBox } from './scan-box.tsx'
import type { News, Teller } from './use-news.ts'
import './phone.css'

const KeptScans = lazy(() => import('./kept-scans-page.tsx'))

type Scanning = { hint: string; onScan: (code: string) => void; onEmpty?: () => void }

/** The one shape of every page of a phone: what to do above, the verdict, and the scan box with its buttons in reach of the thumb. */
export function Phone(props: {
  title: string
  sub?: string | undefined
  aside?: ReactNode
  progress?: { done: number; of: number } | undefined
  /** Undefined: it is the first page. */
  back?: string
  teller: Teller
  /** Undefined: there is nothing to scan now. */
  scanning?: Scanning | undefined
  acts?: ReactNode
  children: ReactNode
}) {
  const { title, sub, aside, progress, back, teller, scanning, acts, children } = props
  const say = useSay()
  useOwnSettings()
  useSending()
  useInstalled(back === undefined)
  return (
    <main className={`phone${teller.isFlashing ? ' wrong' : ''}`}>
      <header>
        {back !== undefined && (
          <PageLink to={back} className="phone-back" aria-label={say(['返回', 'Back'])}>
            <Icon name="back" />
          </PageLink>
        )}
        <div className="grow">
          <h1 className="phone-title">{title}</h1>
          {sub && <div className="t2">{sub}</div>}
        </div>
        {aside && <div className="right num">{aside}</div>}
        <SoundButton />
        {progress && (
          <progress max={progress.of} value={progress.done} aria-label={say(['进度', 'Progress'])} />
        )}
      </header>
      <Strip />
      <div className="phone-body">{children}</div>
      <Verdict news={teller.news} />
      {(scanning || acts) && (
        <footer>
          {scanning && <ScanBox phone {...scanning} />}
          {acts && <div className="phone-acts">{acts}</div>}
        </footer>
      )}
    </main>
  )
}

const icons: Record<News['tone'], string> = { ok: '✓', done: '✓', kept: '↥', warn: '!', wrong: '✕' }

/** The meaning of the last scan, to be read at arm's length: an icon and words, never colour alone. */
function Verdict({ news }: { news: News | undefined }) {
  return (
    <output className={`phone-news ${news?.tone ?? ''}`}>
      {news && (
        <>
          <b aria-hidden="true">{icons[news.tone]}</b>
          <span>
            {news.text}
            {news.hint && <small>{news.hint}</small>}
          </span>
        </>
      )}
    </output>
  )
}

function SoundButton() {
  const say = useSay()
  const isOff = soundSetting.use() === 'off'
  return (
    <button
      type="button"
      className="phone-sound"
      aria-pressed={!isOff}
      aria-label={say(['声音', 'Sound'])}
      onClick={() => soundSetting.set(isOff ? 'on' : 'off')}
    >
      <Icon name={isOff ? 'mute' : 'sound'} />
    </button>
  )
}

/** The scans that the phone keeps: those that wait for the network, and refused ones that no person has read. */
function Strip() {
  const say = useSay()
  const { scans, isAway } = useQueue()
  const [isOpen, setOpen] = useState(false)
  const refused = scans.filter((one) => one.refused).length
  const waiting = scans.length - refused
  if (!isAway && scans.length === 0) return null
  return (
    <>
      <button
        type="button"
        className={`phone-strip${refused > 0 ? ' bad' : ''}`}
        onClick={() => setOpen(true)}
      >
        {isAway && <b>{say(['离线', 'Offline'])}</b>}
        {waiting > 0 && <span>{say(['{n} 条待上传', '{n} to be sent'], { n: waiting })}</span>}
        {refused > 0 && <span>{say(['{n} 条没收下', '{n} refused'], { n: refused })}</span>}
        {isAway && scans.length === 0 && (
          <span>{say(['扫的会先存在手机里', 'Scans are kept on the phone'])}</span>
        )}
      </button>
      {isOpen && (
        <Suspense>
          <KeptScans onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
