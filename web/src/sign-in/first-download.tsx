import { useQuery } from '@tanstack/react-query'
import { get } from '../api.ts'
import { ShopName } from '../tasks/shop-name.tsx'
import type { RunRow } from '../tasks/types.ts'
import { Button } from '../ui/base/button.tsx'
import { every } from '../ui/base/every.ts'
import { count } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { useSay } from '../words.ts'

/** The first load of each shop with its counts. It continues after the user leaves the page. */
export function FirstDownload({ onDone }: { onDone: () => void }) {
  const say = useSay()
  const tasks = useQuery({
    queryKey: ['/tasks', 'trade_list'],
    queryFn: () => get('/tasks', { kind: 'trade_list' }),
    refetchInterval: every(2000),
  })
  const runs = useQuery({
    queryKey: ['/task-runs', 'first'],
    queryFn: () => get('/task-runs', { kind: 'trade_list', limit: 200 }),
    refetchInterval: every(2000),
  })
  return (
    <>
      <div>
        <h1>{say(['正在下载', 'Downloading'])}</h1>
        <p className="t2">
          {say([
            '往前 30 天的交易和退款正在进来。可以先去总览，这里不用等。',
            'The last 30 days are coming in. There is no need to wait here.',
          ])}
        </p>
      </div>
      <div className="panel">
        <table className="plain-table">
          <thead>
            <tr>
              <th>{say(['店铺', 'Shop'])}</th>
              <th>{say(['情况', 'State'])}</th>
              <th className="right">{say(['见到', 'Seen'])}</th>
              <th className="right">{say(['新增', 'New'])}</th>
            </tr>
          </thead>
          <tbody>
            {tasks.data?.rows.map((task) => {
              const own = runs.data?.rows.filter((run) => run.taskId === task.id) ?? []
              const sum = (of: (run: RunRow) => number) =>
                count(own.reduce((total, run) => total + of(run), 0))
              return (
                <tr key={task.id}>
                  <td>
                    <ShopName id={task.shopId} />
                  </td>
                  <td>
                    {task.state === 'paused' ? (
                      <Status tone="bad">{say(['等授权', 'Waits for authorisation'])}</Status>
                    ) : task.state === 'running' ? (
                      <Status tone="move">{say(['下载中', 'Downloading'])}</Status>
                    ) : own.some((run) => run.state === 'done') ? (
                      <Status tone="ok">{say(['完整', 'Complete'])}</Status>
                    ) : (
                      <Status tone="ring">{say(['排队中', 'Queued'])}</Status>
                    )}
                  </td>
                  <td className="right">{sum((run) => run.seen)}</td>
                  <td className="right">{sum((run) => run.created)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <div>
        <Button kind="primary" size="large" onClick={onDone}>
          {say(['进入总览', 'Go to the overview'])}
        </Button>
      </div>
    </>
  )
}
