import { useQuery } from '@tanstack/react-query'
import { get } from '../../api.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { Status } from '../../ui/base/status.tsx'
import { useSay } from '../../words.ts'

/** Shows that trades are converted automatically, which a user should know before converting by hand; nothing if they are not. */
export function AutoConvertNote() {
  const say = useSay()
  const why = useAllowed()('tasks.read')
  const { data } = useQuery({
    queryKey: ['/tasks', 'auto_convert_trades'],
    queryFn: () => get('/tasks', { kind: 'auto_convert_trades' }),
    enabled: why === undefined,
    staleTime: 60_000,
    retry: false,
  })
  const on = data?.rows.filter((task) => task.enabled) ?? []
  const first = on[0]
  if (!first) return null
  const minutes = Number(first.params['minutesAfterPayment'] ?? 0)
  return (
    <span className="small">
      <Status tone="ok">
        <span className="t2">
          {on.length === data?.rows.length
            ? say(['自动转单已开，付款后 {n} 分钟', 'Auto-convert on, {n} min after payment'], { n: minutes })
            : say(['{k} 家自动转单', 'Auto-convert on for {k} shops'], { k: on.length })}
        </span>
      </Status>
    </span>
  )
}
