import { useMutation, useQueryClient } from '@tanstack/react-query'
import { differenceRules, holdReasons } from '../../../server/orders/lifecycle.ts'
import { post } from '../api.ts'
import { Section } from '../ui/drawer.tsx'
import { useAllowed } from '../ui/session.ts'
import { Status } from '../ui/status.tsx'
import { nearTime } from '../ui/time.ts'
import { toastError } from '../ui/toasts.tsx'
import { useSay } from '../words.ts'
import type { OrderDetail } from './types.ts'

/** Why it stands still, and what the platform changed since: taken over or ignored by a person, never silently. */
export function Differences({ order }: { order: OrderDetail }) {
  const say = useSay()
  const why = useAllowed()('orders.hold')
  const queries = useQueryClient()
  const settle = useMutation({
    mutationFn: ({ id, how }: { id: string; how: 'applied' | 'ignored' }) => post(`/orders/${order.id}/differences/${id}`, { how }),
    onSuccess: () => queries.invalidateQueries(),
    onError: toastError,
  })
  if (order.holds.length === 0 && order.differenceRows.length === 0) return null
  return (
    <Section title={say(['挂起与差异', 'Holds and changes'])}>
      {order.holds.map((hold) => (
        <div key={hold.id} className="row">
          <Status tone="warn">{[say(holdReasons[hold.reason]), hold.note].filter(Boolean).join(say(['：', ': ']))}</Status>
          <span className="push t2 small">
            {hold.heldBy} {nearTime(hold.heldAt)}
          </span>
        </div>
      ))}
      {order.differenceRows.map((difference) => {
        const rule = differenceRules[difference.kind]
        const values = difference.oldValue || difference.newValue ? `${difference.oldValue || say(['无', 'none'])} → ${difference.newValue || say(['无', 'none'])}` : ''
        return (
          <div key={difference.id} className="row">
            <Status tone="idle">{[say(['平台改了{what}', 'Changed on the platform: {what}'], { what: say(rule) }), values].filter(Boolean).join(say(['：', ': ']))}</Status>
            <span className="push row">
              {rule.applies !== 'never' && why === undefined && (
                <button type="button" className="link" onClick={() => settle.mutate({ id: difference.id, how: 'applied' })}>
                  {say(['采用', 'Take over'])}
                </button>
              )}
              {why === undefined && (
                <button type="button" className="link" onClick={() => settle.mutate({ id: difference.id, how: 'ignored' })}>
                  {say(['忽略', 'Ignore'])}
                </button>
              )}
            </span>
          </div>
        )
      })}
    </Section>
  )
}
