import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post, remove } from '../api.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { Button } from '../ui/base/button.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { cappedCount, Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { Confirm } from '../ui/overlay/confirm.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { type Subscription, subscriptionsQuery } from './query.ts'
import { SecretDialog } from './secret-dialog.tsx'
import { SubscriptionDialog } from './subscription-dialog.tsx'

type Open = { what: 'edit' | 'rotate' | 'remove'; row: Subscription } | { what: 'add' }

/** The subscriptions of programs: what each gets, how the last message went, and a test. */
export function Subscriptions() {
  const say = useSay()
  const queries = useQueryClient()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const found = useQuery(subscriptionsQuery)
  const drop = useMutation({
    mutationFn: (id: string) => remove('/webhooks/:id', { id }),
    onSettled: () => {
      close()
      return queries.invalidateQueries({ queryKey: ['/webhooks'] })
    },
    onError: toastError,
  })
  const { rows = [] } = found.data ?? {}
  return (
    <div className="page">
      <PageHead
        title={say(['事件推送', 'Webhooks'])}
        sub={<a href="/api/docs">{say(['接口文档', 'API documents'])}</a>}
      >
        <PageActs
          acts={[
            {
              ...{ name: 'add', words: ['新增推送…', 'New webhook…'], letter: 'N', primary: true },
              run: () => setOpen({ what: 'add' }),
            },
          ]}
        />
      </PageHead>
      <div className="scroll body">
        {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
        {found.data && rows.length === 0 && (
          <Empty
            title={say(['还没有程序在接收事件', 'No program is told of events'])}
            remedy={say([
              '订单、发货、退货、退款、库存一有变化，签好名推给你的程序。',
              'Orders, deliveries, returns, refunds and stock: your program is told of each change, signed.',
            ])}
          />
        )}
        {rows.length > 0 && <SubscriptionTable rows={rows} onOpen={setOpen} />}
      </div>
      {open && (open.what === 'add' || open.what === 'edit') && (
        <SubscriptionDialog subscription={open.what === 'edit' ? open.row : undefined} onClose={close} />
      )}
      {open?.what === 'rotate' && <SecretDialog subscription={open.row} onClose={close} />}
      {open?.what === 'remove' && (
        <Confirm
          danger
          title={say(['删除推送 {name}', 'Remove {name}'], { name: open.row.name })}
          act={say(['删除', 'Remove'])}
          busy={drop.isPending}
          onConfirm={() => drop.mutate(open.row.id)}
          onClose={close}
        >
          <p>
            {say([
              '不再推送，没送到的和记录都不再保留。只想停一停，用暂停。',
              'Nothing more is sent; what waits and the records go. To stop for a while, pause it.',
            ])}
          </p>
        </Confirm>
      )}
    </div>
  )
}

function SubscriptionTable(props: { rows: readonly Subscription[]; onOpen: (open: Open) => void }) {
  const say = useSay()
  return (
    <div className="panel">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['名称', 'Name'])}</th>
            <th>{say(['推到', 'To'])}</th>
            <th>{say(['事件', 'Events'])}</th>
            <th>{say(['状态', 'State'])}</th>
            <th className="right">{say(['等待', 'Waiting'])}</th>
            <th className="right">{say(['上次送到', 'Last delivered'])}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={row.id}>
              <td className="medium">
                <Button size="small" kind="quiet" onClick={() => props.onOpen({ what: 'edit', row })}>
                  {row.name}
                </Button>
              </td>
              <td>{row.host}</td>
              <td className="t2">{say(['{n} 种', '{n} {n|kind|kinds}'], { n: row.kinds.length })}</td>
              <td>
                <SubscriptionState row={row} />
              </td>
              <td className="right num">
                {cappedCount(row.waiting)}
                {row.givenUp.count > 0 && (
                  <div className="t2 small">
                    {say(['{n} 条没送到', '{n} given up'], { n: cappedCount(row.givenUp) })}
                  </div>
                )}
              </td>
              <td className="right t2">
                <Time at={row.lastSentAt} say={nearTime} />
              </td>
              <td className="right">
                <RowButtons row={row} onOpen={props.onOpen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function SubscriptionState({
  row: { state, failure, failedSince, stateAt, formerUntil },
}: {
  row: Subscription
}) {
  const say = useSay()
  const why = failure && <div className="t2 small">{say(failure)}</div>
  if (state === 'paused')
    return <Status tone="void">{say(['{at} 起暂停', 'Paused since {at}'], { at: nearTime(stateAt) })}</Status>
  if (state === 'stopped')
    return (
      <>
        <Status tone="bad">
          {say(['{at} 自动停了', 'Stopped automatically at {at}'], { at: nearTime(stateAt) })}
        </Status>
        {why}
      </>
    )
  if (failure && failedSince)
    return (
      <>
        <Status tone="warn">
          {say(['{at} 起送不到', 'Failing since {at}'], { at: nearTime(failedSince) })}
        </Status>
        {why}
      </>
    )
  return (
    <>
      <Status tone="ok">{say(['正常', 'Good'])}</Status>
      {formerUntil && (
        <div className="t2 small">
          {say(['旧密钥到 {at}', 'Former secret until {at}'], { at: nearTime(formerUntil) })}
        </div>
      )}
    </>
  )
}

function RowButtons({ row, onOpen }: { row: Subscription; onOpen: (open: Open) => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: ['/webhooks'] })
  const { id, name } = row
  const test = useMutation({
    mutationFn: () => post('/webhooks/:id/test', {}, { id }),
    onSuccess: ({ failure, answerMs }) => {
      if (failure) toast('bad', say(failure))
      else
        toast(
          'ok',
          say(['测试事件 {ms} 毫秒送到 {name}', 'The test event took {ms} ms to {name}'], {
            ms: answerMs,
            name,
          }),
        )
      return again()
    },
    onError: toastError,
  })
  const next = row.state === 'on' ? 'paused' : 'on'
  const turn = useMutation({
    mutationFn: () => post('/webhooks/:id/state', { state: next }, { id }),
    onSuccess: again,
    onError: toastError,
  })
  return (
    <span className="row" style={{ justifyContent: 'flex-end' }}>
      <PageLink to="/webhooks" search={{ subscription: id }}>
        {say(['记录', 'Messages'])}
      </PageLink>
      <Button size="small" action="test-webhook" busy={test.isPending} onClick={() => test.mutate()}>
        {say(['发测试', 'Test'])}
      </Button>
      <Button size="small" action="turn-webhook" busy={turn.isPending} onClick={() => turn.mutate()}>
        {next === 'on' ? say(['恢复', 'Resume']) : say(['暂停', 'Pause'])}
      </Button>
      <Button size="small" action="rotate-webhook" onClick={() => onOpen({ what: 'rotate', row })}>
        {say(['换密钥…', 'New secret…'])}
      </Button>
      <Button size="small" kind="danger-quiet" onClick={() => onOpen({ what: 'remove', row })}>
        {say(['删除…', 'Remove…'])}
      </Button>
    </span>
  )
}
