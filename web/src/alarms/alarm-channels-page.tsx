import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { get, post, remove } from '../api.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { Button } from '../ui/base/button.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { Time } from '../ui/base/figures.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { Confirm } from '../ui/overlay/confirm.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { ChannelDialog } from './channel-dialog.tsx'
import { minuteText } from './minute-text.ts'
import type { Channel, ChannelKind } from './types.ts'
import { NewWatchdogDialog, Watchdogs } from './watchdogs.tsx'

/** 告警通知: where alarms are sent, how the last message went, and a test. */
export default function AlarmChannelsPage() {
  const say = useSay()
  const queries = useQueryClient()
  const [open, setOpen] = useState<Channel | 'new'>()
  const [removing, setRemoving] = useState<Channel>()
  const [isNaming, setIsNaming] = useState(false)
  const mayNotAdd = useAllowed()('api_keys.write')
  const channels = useQuery({
    queryKey: ['alarm-channels'],
    queryFn: () => get('/alarm-channels'),
    refetchInterval: every(10_000),
  })
  const drop = useMutation({
    mutationFn: (id: string) => remove('/alarm-channels/:id', { id }),
    onSettled: () => {
      setRemoving(undefined)
      return queries.invalidateQueries({ queryKey: ['alarm-channels'] })
    },
    onError: toastError,
  })
  const { rows = [], kinds = [] } = channels.data ?? {}
  return (
    <div className="page">
      <PageHead title={say(['告警通知', 'Alarm notices'])}>
        <PageActs
          acts={[
            {
              name: 'add',
              words: ['新增通知…', 'New channel…'],
              letter: 'N',
              primary: true,
              run: () => setOpen('new'),
            },
            {
              name: 'add-watchdog',
              words: ['新增看门狗…', 'New watchdog…'],
              letter: 'W',
              why: mayNotAdd,
              run: () => setIsNaming(true),
            },
          ]}
        />
      </PageHead>
      <div className="scroll body">
        {channels.error && <LoadError error={channels.error} onRetry={() => void channels.refetch()} />}
        {channels.data && rows.length === 0 && (
          <Empty
            title={say(['告警只在总览上看得到', 'Alarms are shown on the overview only'])}
            remedy={say([
              '加一个群机器人或 Webhook，出事半分钟内有人知道。',
              'Add the robot of a group chat or a webhook, and people know within half a minute.',
            ])}
          />
        )}
        {rows.length > 0 && <ChannelTable {...{ rows, kinds }} onOpen={setOpen} onRemove={setRemoving} />}
        <Watchdogs />
      </div>
      {open && (
        <ChannelDialog
          channel={open === 'new' ? undefined : open}
          kinds={kinds}
          onClose={() => setOpen(undefined)}
        />
      )}
      {isNaming && <NewWatchdogDialog onClose={() => setIsNaming(false)} />}
      {removing && (
        <Confirm
          danger
          title={say(['删除通知 {name}', 'Remove {name}'], { name: removing.name })}
          act={say(['删除', 'Remove'])}
          busy={drop.isPending}
          onConfirm={() => drop.mutate(removing.id)}
          onClose={() => setRemoving(undefined)}
        >
          <p>{say(['以后的告警不再发到这里。', 'No more alarms are sent there.'])}</p>
        </Confirm>
      )}
    </div>
  )
}

function ChannelTable(props: {
  rows: readonly Channel[]
  kinds: readonly ChannelKind[]
  onOpen: (channel: Channel) => void
  onRemove: (channel: Channel) => void
}) {
  const say = useSay()
  const nameOf = (kind: string) => {
    const name = props.kinds.find(({ id }) => id === kind)?.name
    return name ? say(name) : kind
  }
  return (
    <div className="panel">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['名称', 'Name'])}</th>
            <th>{say(['发到', 'To'])}</th>
            <th>{say(['哪些告警', 'Alarms'])}</th>
            <th>{say(['免打扰', 'Quiet hours'])}</th>
            <th>{say(['状态', 'State'])}</th>
            <th className="right">{say(['上次发出', 'Last sent'])}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {props.rows.map((channel) => (
            <tr key={channel.id}>
              <td className="medium">
                <Button size="small" kind="quiet" onClick={() => props.onOpen(channel)}>
                  {channel.name}
                </Button>
              </td>
              <td>
                {nameOf(channel.kind)} <span className="t3 small">{channel.place}</span>
              </td>
              <td className="t2">{whichText(channel, say)}</td>
              <td className="t2 num">
                {channel.quiet && `${minuteText(channel.quiet.from)} – ${minuteText(channel.quiet.to)}`}
              </td>
              <td>
                <ChannelState channel={channel} />
              </td>
              <td className="right t2">
                <Time at={channel.lastSentAt} say={nearTime} />
              </td>
              <td className="right">
                <TestButton channel={channel} />{' '}
                <Button size="small" kind="danger-quiet" onClick={() => props.onRemove(channel)}>
                  {say(['删除…', 'Remove…'])}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function whichText({ kinds, leastTone }: Channel, say: ReturnType<typeof useSay>): string {
  const which =
    kinds.length === 0 ? say(['全部', 'All']) : say(['{n} 种', '{n} kinds'], { n: String(kinds.length) })
  return leastTone === 'bad' ? `${which} · ${say(['只发严重的', 'severe only'])}` : which
}

/** How the last attempt ended, and the notices that wait. */
function ChannelState({
  channel: { enabled, failure, failedSince, lastSentAt, unsent },
}: {
  channel: Channel
}) {
  const say = useSay()
  if (!enabled) return <Status tone="void">{say(['已停用', 'Off'])}</Status>
  if (failure && failedSince)
    return (
      <>
        <Status tone="bad">
          {say(['{at} 起发不出', 'Failing since {at}'], { at: nearTime(failedSince) })}
        </Status>
        <div className="t2 small">
          {say(failure)}
          {unsent > 0 && ` · ${say(['{n} 条在等', '{n} waiting'], { n: String(unsent) })}`}
        </div>
      </>
    )
  if (!lastSentAt) return <Status tone="idle">{say(['还没发过', 'Nothing sent yet'])}</Status>
  return <Status tone="ok">{say(['正常', 'Good'])}</Status>
}

function TestButton({ channel: { id, name } }: { channel: Channel }) {
  const say = useSay()
  const queries = useQueryClient()
  const test = useMutation({
    mutationFn: () => post('/alarm-channels/:id/test', {}, { id }),
    onSuccess: ({ failure }) => {
      if (failure) toast('bad', say(failure))
      else toast('ok', say(['测试消息已发到 {name}', 'A test message is at {name}'], { name }))
      return queries.invalidateQueries({ queryKey: ['alarm-channels'] })
    },
    onError: toastError,
  })
  return (
    <Button size="small" action="test-channel" busy={test.isPending} onClick={() => test.mutate()}>
      {say(['发测试', 'Test'])}
    </Button>
  )
}
