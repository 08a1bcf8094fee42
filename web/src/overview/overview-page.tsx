import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { get } from '../api.ts'
import { LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { longDay, useNow } from '../ui/base/time.ts'
import { useSay } from '../words.ts'
import { Alarms } from './alarms.tsx'
import { Coverage } from './coverage.tsx'
import { overviewQuery } from './query.ts'
import { Queues } from './queues.tsx'
import { SalesToday } from './sales-today.tsx'
import { SalesWeek } from './sales-week.tsx'
import { StuckReasons } from './stuck.tsx'
import './overview.css'

/** 总览: queues, coverage, alarms, sales, and reasons of stuck documents. The panels have fixed heights, so nothing moves while they fill. */
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
        {data && (
          <span className="t2 num">
            {say(['{at}，每 10 秒更新', '{at}, every 10 s'], { at: longDay(now) })}
          </span>
        )}
      </header>
      {overview.error && !data ? (
        <div className="panel">
          <LoadError error={overview.error} onRetry={() => void overview.refetch()} />
        </div>
      ) : (
        <div className="overview-grid" aria-busy={overview.isPending}>
          <Queues queues={data?.queues} shipBy={data?.shipBy} />
          <Coverage rows={coverage.data?.rows} now={now} />
          <Alarms alarms={data?.alarms} now={now} at={data?.at} />
          <SalesToday sales={data?.sales} />
          <SalesWeek week={data?.week} />
          <StuckReasons stuck={data?.stuck} />
        </div>
      )}
    </div>
  )
}
