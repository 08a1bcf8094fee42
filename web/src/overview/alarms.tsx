import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { post } from '../api.ts'
import { needsOf } from '../frame/menu.ts'
import { outcomeText } from '../ui/act/batch-words.ts'
import { Button } from '../ui/base/button.tsx'
import { count } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Dot } from '../ui/base/status.tsx'
import { clock, span } from '../ui/base/time.ts'
import { linkOf } from '../ui/list/search-params.ts'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import type { Alarm } from './types.ts'

/** The button of an alarm. It runs the remedy if one click is enough; otherwise it opens the page for it. */
function AlarmAct({ alarm, kind }: { alarm: Alarm; kind: 'primary' | 'plain' }) {
  const say = useSay()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const allowed = useAllowed()
  const ids = alarm.ids ?? []
  const hold = useMutation({
    mutationFn: (orders: readonly string[]) =>
      post('/orders/hold', { ids: [...orders], reason: 'other', note: say(alarm.title) }),
    onError: toastError,
    onSuccess: ({ results }) => {
      const refused = results.flatMap((each) => (each.done ? [] : [each]))[0]
      const n = results.filter(({ done }) => done).length
      if (n > 0)
        toast('ok', say(['{n} 单已挂起', '{n} on hold'], { n: count(n) }), {
          label: say(['看订单', 'See orders']),
          to: alarm.to,
        })
      if (refused) toast('warn', outcomeText(refused, say))
      return queries.invalidateQueries()
    },
  })
  if (alarm.remedy === 'hold_orders') {
    // Alarms are some seconds old, so orders that this button has put on hold are left out. Refused ones stay.
    const held = hold.data?.results.filter(({ done }) => done).map(({ id }) => id) ?? []
    const left = ids.filter((id) => !held.includes(id))
    return (
      <Button
        action="hold-refunded"
        size="small"
        kind={kind}
        why={left.length === 0 ? say(['已经拦下', 'They are on hold now']) : allowed('orders.hold')}
        busy={hold.isPending}
        onClick={() => hold.mutate(left)}
      >
        {say(alarm.act)}
      </Button>
    )
  }
  const shut = needsOf(alarm.to)
    .map((permission) => allowed(permission))
    .find((why) => why !== undefined)
  return (
    <Button size="small" kind={kind} why={shut} onClick={() => void navigate(linkOf(alarm.to))}>
      {say(alarm.act)}
    </Button>
  )
}

export function Alarms(props: { alarms: readonly Alarm[] | undefined; now: number; at: string | undefined }) {
  const say = useSay()
  const { alarms, now, at } = props
  return (
    <section id="alarms" className="panel alarms" aria-label={say(['告警', 'Alarms'])} tabIndex={-1}>
      <header className="panel-head">
        <h2>{say(['告警', 'Alarms'])}</h2>
        {alarms && alarms.length > 0 && <span className="t2 num">{count(alarms.length)}</span>}
        <PageLink act to="/alarm-channels" className="push small">
          {say(['推送设置', 'Notices'])}
        </PageLink>
      </header>
      <ul className="panel-body">
        {alarms?.map((alarm, index) => (
          <li key={alarm.id}>
            <Dot tone={alarm.tone} />
            <div className="grow">
              <p className="medium">{say(alarm.title)}</p>
              <p className="t2 small">{say(alarm.detail)}</p>
            </div>
            <span className="t2 small num nowrap">{alarm.since && span(now - Date.parse(alarm.since))}</span>
            <AlarmAct alarm={alarm} kind={index === 0 && alarm.tone === 'bad' ? 'primary' : 'plain'} />
          </li>
        ))}
      </ul>
      {alarms?.length === 0 && (
        <p className="panel-empty t2">
          {say(['没有要处理的。{at} 查过。', 'Nothing to act on. Checked at {at}.'], {
            at: at ? clock(at) : '',
          })}
        </p>
      )}
    </section>
  )
}
