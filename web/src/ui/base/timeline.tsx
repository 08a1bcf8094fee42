import { useSay } from '../../words.ts'
import { Tip } from '../overlay/tip.tsx'
import { actorText } from './actor.ts'
import { Dot, type Tone } from './status.tsx'
import { clock, dateOf, dayStart, fullTime } from './time.ts'

export type TimelineEntry = { id: string; at: string; tone: Tone; text: string; by: string; more?: string[] }

/** Events with user and time, newest first. Events of today show the hour, earlier ones the date. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const say = useSay()
  if (entries.length === 0) return <p className="t3">{say(['还没有记录', 'Nothing yet'])}</p>
  return (
    <ol className="timeline">
      {entries.map((entry) => (
        <li key={entry.id}>
          <Tip text={fullTime(entry.at)}>
            <time className="t2 num" dateTime={entry.at}>
              {isToday(entry.at) ? clock(entry.at) : dateOf(entry.at).slice(5)}
            </time>
          </Tip>
          <Dot tone={entry.tone} />
          <div>
            {/* A zero-width space lets a line break before an amount but not within it. */}
            <p>{entry.text.replaceAll('¥', '\u200b¥')}</p>
            {entry.more && entry.more.length > 0 && (
              <details className="t2 small">
                <summary>{say(['为什么', 'Why'])}</summary>
                {entry.more.map((line) => (
                  <p key={line}>{line}</p>
                ))}
              </details>
            )}
            <p className="t3 small">
              {[actorText(entry.by, say), isToday(entry.at) ? '' : clock(entry.at)].filter(Boolean).join(' ')}
            </p>
          </div>
        </li>
      ))}
    </ol>
  )
}

function isToday(at: string): boolean {
  return dayStart(Date.parse(at)) === dayStart(Date.now())
}
