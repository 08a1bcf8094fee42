import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { get, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Dot } from '../ui/base/status.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { toastError } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import type { CheckRow, OrderDetail } from './types.ts'
import './desk.css'

/** The review checks, which change only with a new version of the program. */
export const checksQuery = {
  queryKey: ['/confirm-checks'],
  queryFn: () => get('/confirm-checks'),
  staleTime: Number.POSITIVE_INFINITY,
}

export function useChecks(): readonly CheckRow[] {
  return useQuery(checksQuery).data?.rows ?? []
}

export function Problems({ order }: { order: OrderDetail }) {
  const say = useSay()
  const queries = useQueryClient()
  const allowed = useAllowed()
  const verdict = order.actions.find(({ action }) => action === 'waive')
  const why =
    allowed('orders.confirm') ??
    (verdict && !verdict.allowed && verdict.message ? say(verdict.message) : undefined)
  const waive = useMutation({
    mutationFn: (reason: string) => post('/orders/waive', { ids: [order.id], reasons: [reason] }),
    onSuccess: () => queries.invalidateQueries(),
    onError: toastError,
  })
  if (order.status !== 'unconfirmed' || order.problems.length === 0) return null
  return (
    <Section
      title={say(['问题', 'Problems'])}
      aside={say(['{n} 个未处理', '{n} open'], { n: order.openProblems })}
    >
      <ul className="problem-list">
        {order.problems.map((problem) => (
          <li key={problem.reason}>
            <Dot tone={problem.waivedBy === null ? 'warn' : 'ok'} />
            <span className="grow">{say(problem.message)}</span>
            {problem.waivedBy === null ? (
              <Button
                size="small"
                busy={waive.isPending}
                why={why}
                onClick={() => waive.mutate(problem.reason)}
              >
                {say(['放行', 'Waive'])}
              </Button>
            ) : (
              <span className="t3 small">
                {say(['{name} 已放行', 'Waived by {name}'], { name: problem.waivedBy })}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}
