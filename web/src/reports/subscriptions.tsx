import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { isReport, type Measure, type ReportName, reports } from '../../../server/reports/report-rules.ts'
import { get, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { useShops } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { Choice } from '../ui/form/form.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useLanguage, useSay } from '../words.ts'

const everyNames = ['day', 'week', 'month'] as const
const everyWords: Record<string, LocalizedPair> = {
  day: ['每天', 'Every day'],
  week: ['每周一', 'Every Monday'],
  month: ['每月 1 日', 'On the first'],
}
const hours = Array.from({ length: 24 }, (_, hour) => String(hour))
const hourText = (hour: number) => `${String(hour).padStart(2, '0')}:00`
const query = { queryKey: ['/report-subscriptions'], queryFn: () => get('/report-subscriptions') }

type Shown = { report: ReportName; rows: string; measure: Measure; shop: string }

/** 订阅: the own reports by mail, and a line that subscribes to the one on the page. */
export function Subscriptions({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const say = useSay()
  const found = useQuery(query)
  return (
    <section className="report-subscriptions" aria-label={say(['订阅', 'Subscriptions'])}>
      <header className="row">
        <b>{say(['订阅', 'Subscriptions'])}</b>
        <span className="t2 small">
          {say([
            '发到你账号的邮箱；发的时候按你当时的权限和店铺',
            'To the mail address of your account, with the permissions and shops that you have then',
          ])}
        </span>
        <span className="push">
          <Button kind="quiet" size="small" onClick={onClose}>
            {say(['收起', 'Close'])}
          </Button>
        </span>
      </header>
      <NewOne shown={shown} />
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      <ul>
        {found.data?.rows.map((row) => (
          <One key={row.id} row={row} />
        ))}
      </ul>
    </section>
  )
}

function NewOne({ shown: { report, rows, measure, shop } }: { shown: Shown }) {
  const say = useSay()
  const language = useLanguage()
  const queries = useQueryClient()
  const [every, setEvery] = useState<(typeof everyNames)[number]>('day')
  const [hour, setHour] = useState('8')
  const adding = useMutation({
    mutationFn: () =>
      post('/report-subscriptions', {
        ...{ report, rows, by: measure.key, shop: shop === '' ? null : shop },
        ...{ every, hour: Number(hour), language },
      }),
    onSuccess: ({ made, resumed }) => {
      if (resumed) toast('ok', say(['之前退订过，已恢复', 'It was off, and is on again']))
      else if (made) toast('ok', say(['已订阅', 'Subscribed']))
      else toast('idle', say(['同样的已经订阅了，没有再加', 'You have this subscription already']))
      return queries.invalidateQueries(query)
    },
    onError: toastError,
  })
  return (
    <div className="row report-subscribe">
      <span>
        {say(reports[report].words)} · {say(measure.words)}
      </span>
      <Choice
        label={say(['多久一次', 'How often'])}
        value={every}
        onChange={setEvery}
        options={everyNames.map((value) => ({ value, label: say(everyWords[value] ?? ['', '']) }))}
      />
      <Choice
        label={say(['几点', 'At'])}
        value={hour}
        onChange={setHour}
        options={hours.map((value) => ({ value, label: hourText(Number(value)) }))}
      />
      <Button kind="primary" busy={adding.isPending} onClick={() => adding.mutate()}>
        {say(['订阅这张', 'Subscribe'])}
      </Button>
    </div>
  )
}

type Row = Awaited<ReturnType<typeof query.queryFn>>['rows'][number]

function One({ row }: { row: Row }) {
  const say = useSay()
  const queries = useQueryClient()
  const shops = useShops()
  const after = { onSuccess: () => queries.invalidateQueries(query), onError: toastError }
  const switching = useMutation({
    mutationFn: () => post('/report-subscriptions/switch', { ids: [row.id], enabled: !row.enabled }),
    ...after,
  })
  const again = useMutation({
    mutationFn: () => post('/report-subscriptions/again', { ids: [row.id] }),
    ...after,
  })
  const report = isReport(row.report) ? reports[row.report] : undefined
  const measure = report?.measures.find(({ key }) => key === row.by)
  const shop =
    row.shop === null ? say(['全部店铺', 'All shops']) : shops.find(({ id }) => id === row.shop)?.name
  const failed = row.last?.state === 'failed'
  return (
    <li className="row">
      <span className="medium">
        {say(everyWords[row.every] ?? ['', ''])} {hourText(row.hour)}
      </span>
      <span>
        {report && say(report.words)} · {measure && say(measure.words)} · {shop}
      </span>
      {row.last && (
        <Status tone={failed ? 'bad' : row.last.state === 'sent' ? 'ok' : 'warn'}>
          {row.last.period} {say(stateWords[row.last.state] ?? ['', ''])}
          {failed && ` ${say(errorWords[row.last.error] ?? [row.last.error, row.last.error])}`}
        </Status>
      )}
      <span className="row push">
        {row.last && row.last.state !== 'sent' && (
          <Button size="small" busy={again.isPending} onClick={() => again.mutate()}>
            {say(['重发', 'Send again'])}
          </Button>
        )}
        <Button size="small" busy={switching.isPending} onClick={() => switching.mutate()}>
          {row.enabled ? say(['退订', 'Unsubscribe']) : say(['恢复', 'Resume'])}
        </Button>
      </span>
    </li>
  )
}

const stateWords: Record<string, LocalizedPair> = {
  sending: ['在发，或没发完', 'Being sent, or broken off'],
  sent: ['已发', 'Sent'],
  failed: ['没发出', 'Failed'],
}
const errorWords: Record<string, LocalizedPair> = {
  forbidden: ['没有看报表的权限', 'No permission for reports'],
  no_mail_channel: ['告警通知里没有开着的邮件通道', 'No mail channel is on among the alarm notices'],
}
