import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { isReport, reports } from '../../../server/reports/report-rules.ts'
import { isThresholdFigure, thresholdWords } from '../../../server/reports/thresholds/threshold-rules.ts'
import { get, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError, Note } from '../ui/base/empty.tsx'
import { useShops } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { clock } from '../ui/base/time.ts'
import { toastError } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { type Shown, SubscribeDialog } from './subscribe-dialog.tsx'
import {
  errorWords,
  everyWords,
  hourText,
  placeText,
  type Robot,
  stateWords,
  watchedText,
} from './subscription-words.ts'

const key = 'report-subscriptions'
const timed = { queryKey: [key, 'timed'], queryFn: () => get('/report-subscriptions') }
const bounds = { queryKey: [key, 'bounds'], queryFn: () => get('/report-thresholds') }

/** 订阅: the own reports by mail or in group chats, the own thresholds, and a dialog for a new one. */
export function Subscriptions({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const say = useSay()
  const found = useQuery(timed)
  const watched = useQuery(bounds)
  const [adds, setAdds] = useState(false)
  const robots = found.data?.robots ?? []
  const error = found.error ?? watched.error
  const retry = () => void Promise.all([found.refetch(), watched.refetch()])
  const isEmpty = found.data?.rows.length === 0 && watched.data?.rows.length === 0
  return (
    <section className="report-subscriptions" aria-label={say(['订阅', 'Subscriptions'])}>
      <header className="row">
        <b>{say(['订阅', 'Subscriptions'])}</b>
        <span className="t2 small">
          {say([
            '发到自己的邮箱或群机器人；发的时候按你当时的权限和店铺',
            'To your own mail address or a group chat, with the permissions and shops that you have then',
          ])}
        </span>
        <span className="row push">
          <Button kind="primary" size="small" autoFocus onClick={() => setAdds(true)}>
            {say(['新建订阅', 'New subscription'])}
          </Button>
          <Button kind="quiet" size="small" onClick={onClose}>
            {say(['收起', 'Close'])}
          </Button>
        </span>
      </header>
      {error && <LoadError error={error} onRetry={retry} />}
      {isEmpty && <p className="t2">{say(['还没有订阅', 'No subscriptions yet'])}</p>}
      <ul>
        {found.data?.rows.map((row) => (
          <Report key={row.id} row={row} robots={robots} />
        ))}
        {watched.data?.rows.map((row) => (
          <Threshold key={row.id} row={row} robots={robots} />
        ))}
      </ul>
      {adds && <SubscribeDialog shown={shown} robots={robots} onClose={() => setAdds(false)} />}
    </section>
  )
}

type Row = Awaited<ReturnType<typeof timed.queryFn>>['rows'][number]
type ThresholdRow = Awaited<ReturnType<typeof bounds.queryFn>>['rows'][number]

function Report({ row, robots }: { row: Row; robots: readonly Robot[] }) {
  const say = useSay()
  const shop = useShopWords(row.shop)
  const report = isReport(row.report) ? reports[row.report] : undefined
  const measure = report?.measures.find((one) => one.key === row.by)
  const ids = [row.id]
  return (
    <Entry
      row={row}
      title={`${say(everyWords[row.every] ?? ['', ''])} ${hourText(row.hour)}`}
      about={[
        report && say(report.words),
        measure && say(measure.words),
        shop ?? say(['全部店铺', 'All shops']),
      ]
        .filter(Boolean)
        .join(' · ')}
      place={placeText(row.channel, robots, say)}
      onSwitch={(enabled) => post('/report-subscriptions/switch', { ids, enabled })}
      onAgain={() => post('/report-subscriptions/again', { ids })}
    />
  )
}

function Threshold({ row, robots }: { row: ThresholdRow; robots: readonly Robot[] }) {
  const say = useSay()
  const shop = useShopWords(row.shop)
  const { figure } = row
  const words = isThresholdFigure(figure) ? say(thresholdWords(figure, row.bound)) : figure
  const ids = [row.id]
  return (
    <Entry
      row={row}
      title={say(['{words} 时', '{words}'], { words })}
      about={watchedText(row, shop ?? say(['任一店铺', 'Any shop']), say)}
      place={placeText(row.channel, robots, say)}
      more={row.last && say(['，{n} 家', ', {n} {n|shop|shops}'], { n: row.last.shops })}
      onSwitch={(enabled) => post('/report-thresholds/switch', { ids, enabled })}
      onAgain={() => post('/report-thresholds/again', { ids })}
    />
  )
}

function useShopWords(id: string | null): string | undefined {
  const shops = useShops()
  return id === null ? undefined : (shops.find((shop) => shop.id === id)?.name ?? id)
}

function Entry(props: {
  row: {
    enabled: boolean
    last: { period: string; state: string; error: string; again: string | null } | null
  }
  title: string
  about: string
  place: string
  more?: ReactNode
  onSwitch: (enabled: boolean) => Promise<unknown>
  onAgain: () => Promise<unknown>
}) {
  const say = useSay()
  const queries = useQueryClient()
  const after = { onSuccess: () => queries.invalidateQueries({ queryKey: [key] }), onError: toastError }
  const { row, title, more } = props
  const { last } = row
  const switching = useMutation({ mutationFn: () => props.onSwitch(!row.enabled), ...after })
  const again = useMutation({ mutationFn: props.onAgain, ...after })
  const state = last && `${last.period} ${say(stateWords[last.state] ?? ['', ''])}`
  const resend = (
    <Button size="small" busy={again.isPending} onClick={() => again.mutate()}>
      {say(['重发', 'Send again'])}
    </Button>
  )
  return (
    <li>
      <div className="row">
        <b>{title}</b>
        <input
          className="report-switch"
          type="checkbox"
          role="switch"
          aria-checked={row.enabled}
          aria-label={say(['{title} 开关', '{title} on or off'], { title })}
          checked={row.enabled}
          disabled={switching.isPending}
          onChange={() => switching.mutate()}
        />
      </div>
      <div className="small t2">{props.about}</div>
      <div className="row small t2">
        <span>{props.place}</span>
        {last?.state === 'sent' && (
          <span className="push">
            <Status tone="ok">
              {state}
              {more}
            </Status>
          </span>
        )}
      </div>
      {last && last.state !== 'sent' && (
        <Note tone={last.state === 'failed' ? 'bad' : 'warn'} action={resend}>
          {state}
          {more}
          {last.error !== '' &&
            say(['：{why}', ': {why}'], { why: say(errorWords[last.error] ?? [last.error, last.error]) })}
          {last.state === 'failed' &&
            last.again !== null &&
            say(['。{time} 自动再发', '. Sent again automatically at {time}'], { time: clock(last.again) })}
        </Note>
      )}
    </li>
  )
}
