import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { get } from '../api.ts'
import { LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { longDay, useNow } from '../ui/base/time.ts'
import { useSay } from '../words.ts'
import { Alarms } from './alarms.tsx'
import { Coverage } from './coverage.tsx'
import { HourChart } from './hour-chart.tsx'
import { overviewQuery } from './query.ts'
import { Queues } from './queues.tsx'
import { StuckReasons } from './stuck.tsx'
import './overview.css'

/** 总览: queues, coverage, alarms and paid orders. */
export default function OverviewPage() {
  const say = useSay()
  const now = useNow()
  const overview = useQuery(overviewQuery)
  const coverage = useQuery({
    queryKey: ['/coverage'],
    queryFn: () => get('/coverage', { stream: 'shop' }),
    refetchInterval: every(10_000),
  })
  useEffect(() => {
    if (location.hash === '#alarms') document.getElementById('alarms')?.focus()
  }, [])
  const { data } = overview
  return (
    <div className="overview">
      <header className="overview-head">
        <h1>{say(['总览', 'Overview'])}</h1>
        <span className="t2 num">
          {say(['{at}，每 10 秒更新', '{at}, every 10 s'], { at: longDay(now) })}
        </span>
      </header>
      {overview.error && !data ? (
        <div className="panel">
          <LoadError error={overview.error} onRetry={() => void overview.refetch()} />
        </div>
      ) : (
        <div className="overview-grid" aria-busy={overview.isPending}>
          <Queues queues={data?.queues} />
          <Coverage rows={coverage.data?.rows} now={now} />
          <Alarms alarms={data?.alarms} now={now} />
          {/* The number of alarms moves these panels, so they appear together with the alarms. */}
          {data && <StuckReasons stuck={data.stuck} />}
          {data && <HourChart hours={data.hours} />}
        </div>
      )}
    </div>
  )
}
