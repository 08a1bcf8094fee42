import { useNavigate } from '@tanstack/react-router'
import { cappedCount } from '../ui/base/figures.tsx'
import { useKeys } from '../ui/base/keys.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { useMayOpen } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { span } from '../ui/base/time.ts'
import { linkOf } from '../ui/list/search-params.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import type { Queue, ShipBy } from './types.ts'

const names: Record<Queue['key'], LocalizedPair> = {
  download: ['待下载', 'To download'],
  fetching: ['取明细', 'Fetching'],
  staged: ['待转入', 'To convert'],
  unconfirmed: ['未确认', 'Unconfirmed'],
  to_release: ['待配货', 'To release'],
  to_ship: ['待发货', 'To ship'],
  write_back: ['待回写', 'Write-back'],
  refunds: ['待转退单', 'Refunds'],
}

const notes: Record<Exclude<Queue['note']['code'], 'none'>, LocalizedPair> = {
  convertible: ['可转 {n}', '{n} ready'],
  short: ['缺货 {n}', '{n} short'],
  to_print: ['待打印 {n}', '{n} to print'],
  failed: ['失败 {n}', '{n} failed'],
  due: ['4 小时内 {n}', '{n} in 4 h'],
}
const tones: Partial<Record<Queue['note']['code'], 'warn' | 'bad'>> = {
  short: 'warn',
  failed: 'bad',
  due: 'warn',
}

/** The way of a trade, with the number of documents that wait at each step. Each figure opens the list with exactly its rows. */
export function Queues({
  queues,
  shipBy,
}: {
  queues: readonly Queue[] | undefined
  shipBy: ShipBy | undefined
}) {
  const say = useSay()
  const navigate = useNavigate()
  const mayOpen = useMayOpen()
  useKeys(
    (queues ?? []).map(({ key, to }, at) => ({
      key: String(at + 1),
      words: names[key],
      run: () => mayOpen(to) && void navigate(linkOf(to)),
    })),
  )
  const way = queues?.filter(({ key }) => key !== 'refunds')
  const refunds = queues?.find(({ key }) => key === 'refunds')
  return (
    <nav className="queues" aria-label={say(['队列', 'Queues'])}>
      <div className="panel queue-way">
        {way?.map((queue) => (
          <Step key={queue.key} queue={queue}>
            {queue.key === 'to_ship' && shipBy && <ShipByFigures shipBy={shipBy} />}
          </Step>
        ))}
      </div>
      <div className="panel queue-way">{refunds && <Step queue={refunds} />}</div>
    </nav>
  )
}

function Step({ queue, children }: { queue: Queue; children?: React.ReactNode }) {
  const say = useSay()
  return (
    <div className="queue" data-queue={queue.key}>
      <div className="queue-figure">
        <PageLink {...linkOf(queue.to)} className="queue-count">
          <span className="cut">{say(names[queue.key])}</span>
          <b className="num">{cappedCount(queue)}</b>
        </PageLink>
        <Note queue={queue} />
      </div>
      {children}
    </div>
  )
}

function Note({ queue: { note, oldestMs, count } }: { queue: Queue }) {
  const say = useSay()
  if (note.code !== 'none' && (note.count > 0 || note.code === 'convertible')) {
    const tone = tones[note.code]
    const text = say(notes[note.code], { n: cappedCount(note) })
    return (
      <PageLink {...linkOf(note.to)} className="queue-note small">
        {tone ? <Status tone={tone}>{text}</Status> : text}
      </PageLink>
    )
  }
  if (count === 0) return <span className="queue-note t2 small">{say(['没有在等的', 'Nothing'])}</span>
  // A non-breaking space keeps the figures aligned.
  return (
    <span className="queue-note t2 small">
      {oldestMs === null ? '\u00a0' : say(['最久 {span}', 'oldest {span}'], { span: span(oldestMs) })}
    </span>
  )
}

function ShipByFigures({ shipBy: { today, nextMs, over, overMs } }: { shipBy: ShipBy }) {
  const say = useSay()
  return (
    <>
      <PageLink {...linkOf(today.to)} className="queue-figure" data-queue="ship_today">
        <span>
          <Status tone={today.count > 0 ? 'warn' : 'idle'}>{say(['今天必须发', 'Due today'])}</Status>
        </span>
        <b className="num">{cappedCount(today)}</b>
        <span className="small ink-warn">
          {nextMs === null ? '\u00a0' : say(['最急 {t}', 'next in {t}'], { t: hoursText(nextMs) })}
        </span>
      </PageLink>
      <PageLink {...linkOf(over.to)} className="queue-figure" data-queue="ship_over">
        <span>
          <Status tone={over.count > 0 ? 'bad' : 'idle'}>{say(['已超', 'Late'])}</Status>
        </span>
        <b className={`num ${over.count > 0 ? 'ink-bad' : ''}`}>{cappedCount(over)}</b>
        <span className="small ink-bad">
          {overMs === null ? '\u00a0' : say(['最久 {t}', 'oldest {t}'], { t: hoursText(overMs) })}
        </span>
      </PageLink>
    </>
  )
}

/** 01:12, and above two days the days. */
function hoursText(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes >= 48 * 60) return span(ms)
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
