import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { get, post, remove } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { Time } from '../ui/base/figures.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { Confirm } from '../ui/overlay/confirm.tsx'
import { toastError } from '../ui/overlay/toasts.tsx'
import { CopyBox } from '../users/copy-box.tsx'
import { SecretDialog } from '../users/secret-dialog.tsx'
import { useSay } from '../words.ts'
import type { Watchdog } from './types.ts'

const queryKey = ['watchdogs']

/** 看门狗: the processes elsewhere that speak when Sanyi does not answer. */
export function Watchdogs() {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('api_keys.write')
  const [removing, setRemoving] = useState<Watchdog>()
  const watchdogs = useQuery({ queryKey, queryFn: () => get('/watchdogs'), refetchInterval: every(10_000) })
  const end = useMutation({
    mutationFn: (id: string) => remove('/watchdogs/:id', { id }),
    onSettled: () => {
      setRemoving(undefined)
      return queries.invalidateQueries({ queryKey })
    },
    onError: toastError,
  })
  const rows = watchdogs.data?.rows ?? []
  if (rows.length === 0) return null
  return (
    <div className="panel">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['看门狗', 'Watchdog'])}</th>
            <th>{say(['密钥开头', 'Key begins with'])}</th>
            <th>{say(['状态', 'State'])}</th>
            <th className="right">{say(['上次来问', 'Last asked'])}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {rows.map((watchdog) => (
            <tr key={watchdog.id}>
              <td className="medium">{watchdog.name}</td>
              <td className="t2 num">{watchdog.prefix}…</td>
              <td>
                <WatchdogState watchdog={watchdog} />
              </td>
              <td className="right t2">
                <Time at={watchdog.heardAt} say={nearTime} />
              </td>
              <td className="right">
                <Button size="small" kind="danger-quiet" why={why} onClick={() => setRemoving(watchdog)}>
                  {say(['删除…', 'Remove…'])}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {removing && (
        <Confirm
          danger
          title={say(['删除看门狗 {name}', 'Remove {name}'], { name: removing.name })}
          act={say(['删除看门狗', 'Remove the watchdog'])}
          busy={end.isPending}
          onConfirm={() => end.mutate(removing.id)}
          onClose={() => setRemoving(undefined)}
        >
          <p>
            {say([
              '它的密钥马上失效，之后三易停了它还会按最后知道的通知说话，请也停掉它。',
              'Its key ends at once. It still speaks to the channels that it knows until it is stopped on its machine too.',
            ])}
          </p>
        </Confirm>
      )}
    </div>
  )
}

function WatchdogState({ watchdog: { live, heardAt } }: { watchdog: Watchdog }) {
  const say = useSay()
  if (live) return <Status tone="ok">{say(['在看', 'Watching'])}</Status>
  return heardAt === null ? (
    <Status tone="ring">{say(['还没来过', 'Not seen yet'])}</Status>
  ) : (
    <Status tone="warn">{say(['没有动静', 'Silent'])}</Status>
  )
}

/** Names a watchdog, and shows the command that starts it this one time. */
export const NewWatchdogDialog = ({ onClose }: { onClose: () => void }) => (
  <SecretDialog
    title={['新增看门狗', 'New watchdog']}
    about={[
      '看门狗在另一台机器上问三易还在不在；一分钟没有应答，它就按这里的通知说话。',
      'A watchdog on another machine asks whether Sanyi is there. After a minute without an answer it speaks to the channels of this page.',
    ]}
    name={['名称，比如它在哪台机器', 'Name, such as the machine that it runs on']}
    act={['生成命令', 'Make its command']}
    make={(name) => post('/watchdogs', { name })}
    list={queryKey}
    given={({ command }) => <Command text={command} />}
    onClose={onClose}
  />
)

function Command({ text }: { text: string }) {
  const say = useSay()
  const isLocal = /:\/\/(localhost|127\.)/.test(text)
  return (
    <>
      <CopyBox
        text={text}
        label={say([
          '在另一台机器的三易目录里运行，只显示这一次',
          'Run it in a folder of Sanyi on another machine; shown this one time',
        ])}
      />
      <p className="t2 small">
        {say([
          '以后启动不用再给地址和密钥：npm run watchdog。它会拿到这里各通知的地址和密钥，只放在可信的机器上。',
          'Later starts need neither address nor key: npm run watchdog. It gets the addresses and secrets of these channels, so put it on a machine that you trust.',
        ])}
      </p>
      {isLocal && (
        <Note tone="warn">
          {say([
            '这个地址只有本机能到。换成别的机器能打开三易的地址，或用 PUBLIC_URL 设好它。',
            'Only this machine reaches this address. Put the one there by which other machines open Sanyi, or set PUBLIC_URL.',
          ])}
        </Note>
      )}
    </>
  )
}
