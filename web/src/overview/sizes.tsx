import { useQuery } from '@tanstack/react-query'
import { get } from '../api.ts'
import { LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { count } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { dateOf } from '../ui/base/time.ts'
import { useSay } from '../words.ts'
import { byteText } from './size-text.ts'
import type { Sizes } from './types.ts'

/** 数据量: the size of each kind of data, its growth, when it is deleted, and until when the disk lasts. */
export function SizesPanel() {
  const say = useSay()
  const sizes = useQuery({
    queryKey: ['health', 'sizes'],
    queryFn: () => get('/health/sizes'),
    refetchInterval: every(300_000),
  })
  if (sizes.error) return <LoadError error={sizes.error} onRetry={() => void sizes.refetch()} />
  if (!sizes.data) return null
  return (
    <section className="panel" aria-label={say(['数据量', 'Sizes'])}>
      <header className="panel-head">
        <Status tone={isSoon(sizes.data) ? 'warn' : 'ok'} strong>
          {say(['数据量', 'Sizes'])} {byteText(sizes.data.bytes)}
        </Status>
        <span className="t2 small">
          <Outlook sizes={sizes.data} />
        </span>
      </header>
      <SizeTable sizes={sizes.data} />
    </section>
  )
}

const soonMs = 30 * 86_400_000
const isSoon = ({ at, fullAt }: Sizes) => fullAt !== null && Date.parse(fullAt) - Date.parse(at) < soonMs

function Outlook({ sizes: { days, dayBytes, freeBytes, fullAt } }: { sizes: Sizes }) {
  const say = useSay()
  if (days === null || dayBytes === null)
    return say(['每晚记一次，明天起看得到涨了多少', 'Noted each night: tomorrow it says how much was added'])
  const daily = say(['近 {days} 天每天 {size}', '{size} a day in the last {days} days'], {
    days: String(days),
    size: byteText(dayBytes),
  })
  const free =
    freeBytes === null ? '' : say(['磁盘剩 {size}', '{size} left on the disk'], { size: byteText(freeBytes) })
  const end =
    fullAt === null ? '' : say(['照此 {day} 满', 'full on {day} at this rate'], { day: dateOf(fullAt) })
  return [daily, free, end].filter(Boolean).join(' · ')
}

function SizeTable({ sizes: { groups, bytes } }: { sizes: Sizes }) {
  const say = useSay()
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(['数据', 'Data'])}</th>
          <th className="right">{say(['大小', 'Size'])}</th>
          <th className="right">{say(['占', 'Share'])}</th>
          <th className="right">{say(['行数约', 'Rows, about'])}</th>
          <th className="right">{say(['每天多', 'Added a day'])}</th>
          <th>{say(['最早', 'Oldest'])}</th>
          <th>{say(['留多久', 'Kept'])}</th>
        </tr>
      </thead>
      <tbody>
        {groups.map((row) => (
          <tr key={row.group}>
            <td className="medium">{say([row.words.zh, row.words.en])}</td>
            <td className="right">{byteText(row.bytes)}</td>
            <td className="right t2">{bytes > 0 ? `${Math.round((row.bytes / bytes) * 100)}%` : ''}</td>
            <td className="right">{count(row.rows)}</td>
            <td className="right t2">{row.dayBytes === null ? '' : byteText(row.dayBytes)}</td>
            <td className="t2 small">{row.oldestAt === null ? '' : dateOf(row.oldestAt)}</td>
            <td className="t2 small">
              <Kept row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Kept({ row: { keptDays } }: { row: Sizes['groups'][number] }) {
  const say = useSay()
  if (keptDays === null) return say(['一直留着', 'For good'])
  const { least, most } = keptDays
  const days = least === most ? String(most) : `${least}–${most}`
  return say(['{days} 天', '{days} days'], { days })
}
