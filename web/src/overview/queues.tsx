import { cappedCount } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status } from '../ui/base/status.tsx'
import { span } from '../ui/base/time.ts'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import type { Queue } from './types.ts'

const places: Record<Queue['key'], { words: LocalizedPair; to: string; search: Record<string, string> }> = {
  download: { words: ['待下载', 'To download'], to: '/download-queue', search: {} },
  fetching: { words: ['取明细中', 'Fetching'], to: '/staged-trades', search: { tab: 'fetching' } },
  staged: { words: ['待转入', 'To convert'], to: '/staged-trades', search: {} },
  unconfirmed: { words: ['未确认', 'Unconfirmed'], to: '/orders', search: { tab: 'unconfirmed' } },
  held: { words: ['已挂起', 'On hold'], to: '/orders', search: { tab: 'held' } },
  differs: { words: ['有差异', 'Changed'], to: '/orders', search: { tab: 'differs' } },
  refunds: { words: ['待转退单', 'Refunds'], to: '/staged-refunds', search: {} },
  write_back: { words: ['待回写', 'Write-back'], to: '/platform-actions', search: {} },
}

/** The queues with their counts and the part that needs a person. Each is a link to its list. */
export function Queues({ queues }: { queues: readonly Queue[] | undefined }) {
  const say = useSay()
  return (
    <nav className="panel queues" aria-label={say(['队列', 'Queues'])}>
      {queues?.map((queue) => {
        const place = places[queue.key]
        return (
          <PageLink key={queue.key} to={place.to} search={place.search} className="queue">
            <span>{say(place.words)}</span>
            <b className="num">{cappedCount(queue)}</b>
            <span className="small">{noteOf(queue, say)}</span>
          </PageLink>
        )
      })}
    </nav>
  )
}

function noteOf({ note, oldestMs, count }: Queue, say: Say): React.ReactNode {
  const n = cappedCount(note)
  if (note.count > 0 && note.code === 'failed')
    return <Status tone="bad">{say(['要人处理 {n}', '{n} {n|needs|need} a person'], { n })}</Status>
  if (note.count > 0 && note.code === 'due')
    return <Status tone="warn">{say(['4 小时内到期 {n}', '{n} due in 4 h'], { n })}</Status>
  if (note.count > 0 && note.code === 'refund_open')
    return <Status tone="warn">{say(['退款申请中 {n}', '{n} with refund'], { n })}</Status>
  if (note.code === 'convertible') return <span className="t2">{say(['可转 {n}', '{n} ready'], { n })}</span>
  if (count === 0) return <span className="t2">{say(['没有在等的', 'Nothing pending'])}</span>
  // A non-breaking space keeps the figures aligned.
  if (oldestMs === null) return '\u00a0'
  return <span className="t2">{say(['最久 {span}', 'oldest {span}'], { span: span(oldestMs) })}</span>
}
