import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { get } from '../api.ts'
import { needsOf } from '../frame/menu.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { useAllowed } from '../ui/base/session.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { linkOf } from '../ui/list/search-params.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { useSay } from '../words.ts'
import { healthAreaWords } from './health-words.ts'
import { SizesPanel } from './sizes.tsx'
import type { HealthFinding } from './types.ts'

const tones: Readonly<Record<HealthFinding['tone'], Tone>> = {
  ok: 'ok',
  off: 'void',
  warn: 'warn',
  bad: 'bad',
}

/** Findings that need a person come first. */
const rank: Readonly<Record<HealthFinding['tone'], number>> = { bad: 0, warn: 1, ok: 2, off: 2 }

/** 健康: whether the installation is well, as `npm run doctor` says it. */
export default function HealthPage() {
  const say = useSay()
  const health = useQuery({
    queryKey: ['health'],
    queryFn: () => get('/health'),
    refetchInterval: every(15_000),
  })
  const { rows = [], at, by = '' } = health.data ?? {}
  const of = (tone: HealthFinding['tone']) => rows.filter((row) => row.tone === tone).length
  const [bad, warn] = [of('bad'), of('warn')]
  return (
    <div className="page">
      <PageHead
        title={say(['健康', 'Health'])}
        sub={at && say(['{at} 由 {by} 查看', 'Looked at {at} by {by}'], { at: nearTime(at), by })}
      >
        <Button busy={health.isFetching} onClick={() => void health.refetch()}>
          {say(['再看一次', 'Refresh'])}
        </Button>
      </PageHead>
      <div className="scroll body">
        {health.error && <LoadError error={health.error} onRetry={() => void health.refetch()} />}
        {health.data && (
          <section className="panel" aria-label={say(['健康', 'Health'])}>
            <header className="panel-head">
              <Status tone={bad > 0 ? 'bad' : warn > 0 ? 'warn' : 'ok'} strong>
                {bad + warn === 0
                  ? say(['一切正常', 'All is well'])
                  : say(['{bad} 处要处理，{warn} 处要留意', '{bad} to act on, {warn} to watch'], {
                      bad: String(bad),
                      warn: String(warn),
                    })}
              </Status>
            </header>
            <FindingTable rows={rows.toSorted((a, b) => rank[a.tone] - rank[b.tone])} />
          </section>
        )}
        <SizesPanel />
      </div>
    </div>
  )
}

function FindingTable({ rows }: { rows: readonly HealthFinding[] }) {
  const say = useSay()
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(['项目', 'What'])}</th>
          <th>{say(['状态', 'State'])}</th>
          <th>{say(['怎么办', 'What to do'])}</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          // An area is named in its first row only.
          <tr key={`${row.area} ${row.title.en}`}>
            <td className="medium">
              {rows[index - 1]?.area === row.area ? '' : say(healthAreaWords[row.area])}
            </td>
            <td>
              <Status tone={tones[row.tone]}>{say(row.title)}</Status>
            </td>
            <td className="t2 small">{row.remedy && say(row.remedy)}</td>
            <td className="right">
              <FindingAct row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function FindingAct({ row: { to, act } }: { row: HealthFinding }) {
  const say = useSay()
  const navigate = useNavigate()
  const allowed = useAllowed()
  if (!to || !act) return null
  const why = needsOf(to)
    .map((permission) => allowed(permission))
    .find((each) => each !== undefined)
  return (
    <Button size="small" why={why} onClick={() => void navigate(linkOf(to))}>
      {say(act)}
    </Button>
  )
}
