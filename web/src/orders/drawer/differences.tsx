import { useMutation, useQueryClient } from '@tanstack/react-query'
import { platformChangeRules } from '../../../../server/orders/order/lifecycle.ts'
import { post } from '../../api.ts'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { Status } from '../../ui/base/status.tsx'
import { nearTime } from '../../ui/base/time.ts'
import { Section } from '../../ui/overlay/drawer.tsx'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import { holdText } from '../hold-text.ts'
import type { OrderDetail } from '../types.ts'
import { changedText } from './events.ts'

/** The open holds, and the platform changes, which a user applies or ignores. */
export function Differences({ order }: { order: OrderDetail }) {
  const say = useSay()
  const why = useAllowed()('orders.hold')
  const queries = useQueryClient()
  const settle = useMutation({
    mutationFn: ({ id, how }: { id: string; how: 'apply' | 'ignore' }) =>
      post('/orders/settle-differences', {
        ids: [order.id],
        how,
        differenceIds: [id],
      }),
    onSuccess: ({ results }) => {
      for (const each of results) if (!each.done) toast('bad', outcomeText(each, say))
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
  const holds = order.holds.filter((hold) => hold.releasedAt === null)
  if (holds.length === 0 && order.openDifferences.length === 0) return null
  return (
    <Section title={say(['挂起与差异', 'Holds and changes'])}>
      {holds.map((hold) => (
        <div key={hold.id} className="row">
          <Status tone="warn">
            {[holdText(hold.reason, say), hold.note].filter(Boolean).join(say(['：', ': ']))}
          </Status>
          <span className="push t2 small">
            {hold.heldBy} {nearTime(hold.heldAt)}
          </span>
        </div>
      ))}
      {order.openDifferences.map((difference) => {
        const rule = platformChangeRules[difference.kind]
        const values =
          difference.old || difference.new
            ? [difference.old, difference.new]
                .map((value) => changedText(difference.kind, value, say))
                .join(' → ')
            : ''
        return (
          <div key={difference.id} className="row">
            <Status tone="idle">
              {[say(['平台改了{what}', 'Changed on the platform: {what}'], { what: say(rule) }), values]
                .filter(Boolean)
                .join(say(['：', ': ']))}
            </Status>
            {'remedy' in rule && <span className="t2 small">{say(rule.remedy)}</span>}
            <span className="push row">
              {rule.applies !== 'never' && why === undefined && (
                <button
                  type="button"
                  className="link"
                  onClick={() => settle.mutate({ id: difference.id, how: 'apply' })}
                >
                  {say(['采用', 'Take over'])}
                </button>
              )}
              {why === undefined && (
                <button
                  type="button"
                  className="link"
                  onClick={() => settle.mutate({ id: difference.id, how: 'ignore' })}
                >
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
