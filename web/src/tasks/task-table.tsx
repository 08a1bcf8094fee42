import { useMutation, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { patch, remove } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { codeText } from '../ui/base/code-words.ts'
import { Empty } from '../ui/base/empty.tsx'
import { Time } from '../ui/base/figures.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { Confirm } from '../ui/overlay/confirm.tsx'
import { toastError } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import { ShopName } from './shop-name.tsx'
import type { TaskRow } from './types.ts'
import { isByHand, pauseWords, scheduleText } from './words.ts'

const TaskDialog = lazy(() => import('./task-dialog-page.tsx'))
const AddTaskDialog = lazy(() => import('./add-task-dialog-page.tsx'))
const tones: Record<TaskRow['state'], Tone> = {
  disabled: 'ring',
  paused: 'bad',
  running: 'move',
  waiting: 'ok',
}

/** All tasks with switch and schedule. Changes take effect at once. */
export function TaskTable({ tasks }: { tasks: readonly TaskRow[] | undefined }) {
  const say = useSay()
  const why = useAllowed()('tasks.write')
  const [editing, setEditing] = useState<TaskRow>()
  const [adding, setAdding] = useState<TaskRow>()
  const [dropping, setDropping] = useState<TaskRow>()
  const toggle = useToggle()
  return (
    <div className="scroll body">
      <div className="panel">
        <table className="plain-table">
          <thead>
            <tr>
              <th>{say(['任务', 'Task'])}</th>
              <th>{say(['店铺', 'Shop'])}</th>
              <th>{say(['开', 'On'])}</th>
              <th>{say(['时间', 'Schedule'])}</th>
              <th>{say(['情况', 'State'])}</th>
              <th className="right">{say(['上次', 'Last'])}</th>
              <th className="right">{say(['下次', 'Next'])}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {tasks?.map((task) => (
              <Row
                key={task.id}
                {...{ task, why, toggle }}
                onEdit={() => setEditing(task)}
                onAdd={() => setAdding(task)}
                onDrop={() => setDropping(task)}
              />
            ))}
          </tbody>
        </table>
        {tasks?.length === 0 && (
          <Empty
            title={say(['没有任务', 'No tasks'])}
            remedy={say(['接入店铺后自动建好。', 'They are made when a shop is connected.'])}
          />
        )}
      </div>
      <Suspense>
        {editing && <TaskDialog task={editing} onClose={() => setEditing(undefined)} />}
        {adding && <AddTaskDialog task={adding} onClose={() => setAdding(undefined)} />}
      </Suspense>
      {dropping && <DropTask task={dropping} onClose={() => setDropping(undefined)} />}
    </div>
  )
}

function Row(props: {
  task: TaskRow
  why: string | undefined
  toggle: ReturnType<typeof useToggle>
  onEdit: () => void
  onAdd: () => void
  onDrop: () => void
}) {
  const say = useSay()
  const { task, why, toggle } = props
  return (
    <tr>
      <td>
        {say(task.kindName)}
        {task.name !== '' && <span className="t2"> · {task.name}</span>}
      </td>
      <td>
        <ShopName id={task.shopId} />
      </td>
      <td>
        {isByHand(task.schedule) ? <span className="t3">–</span> : <Switch {...{ task, why, toggle }} />}
      </td>
      <td className="t2">{scheduleText(task.schedule, say)}</td>
      <td>
        <Status tone={isByHand(task.schedule) && task.state === 'disabled' ? 'idle' : tones[task.state]}>
          {stateText(task, say)}
        </Status>
      </td>
      <td className="right t2">
        <Time at={task.lastRun?.endedAt ?? null} say={nearTime} />
      </td>
      <td className="right t2">
        <Time at={task.enabled ? task.nextRunAt : null} say={nearTime} />
      </td>
      <td className="right row-buttons">
        {task.name !== '' && (
          <Button size="small" kind="danger-quiet" why={why} onClick={props.onDrop}>
            {say(['删除', 'Delete'])}
          </Button>
        )}
        {task.several && task.name === '' && (
          <Button size="small" why={why} onClick={props.onAdd}>
            {say(['再加一个…', 'Add another…'])}
          </Button>
        )}
        <Button size="small" why={why} onClick={props.onEdit}>
          {say(['修改…', 'Change…'])}
        </Button>
      </td>
    </tr>
  )
}

function useToggle() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (task: TaskRow) => patch('/tasks/:id', { enabled: !task.enabled }, { id: task.id }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['/tasks'] }),
    onError: toastError,
  })
}

function Switch(props: { task: TaskRow; why: string | undefined; toggle: ReturnType<typeof useToggle> }) {
  const say = useSay()
  const { task, why, toggle } = props
  return (
    <input
      type="checkbox"
      role="switch"
      aria-checked={task.enabled}
      aria-label={say(['{kind} 开关', '{kind} on or off'], { kind: say(task.kindName) })}
      checked={task.enabled}
      disabled={why !== undefined || toggle.isPending}
      title={why}
      onChange={() => toggle.mutate(task)}
    />
  )
}

function DropTask({ task, onClose }: { task: TaskRow; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const drop = useMutation({
    mutationFn: () => remove('/tasks/:id', { id: task.id }),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ['/tasks'] }),
    onError: toastError,
  })
  return (
    <Confirm
      title={say(['删除任务 {name}', 'Delete {name}'], { name: task.name })}
      act={say(['删除', 'Delete'])}
      danger
      busy={drop.isPending}
      onConfirm={() => drop.mutate()}
      onClose={onClose}
    >
      <p>
        {say(['它的运行记录一起删除；下载来的交易不动。', 'Its runs go with it; what it downloaded stays.'])}
      </p>
    </Confirm>
  )
}

const stateWords: Record<TaskRow['state'], LocalizedPair> = {
  disabled: ['没有开', 'Off'],
  paused: ['已暂停', 'Paused'],
  running: ['进行中', 'Running'],
  waiting: ['正常', 'Fine'],
}

function stateText(task: TaskRow, say: Say): string {
  if (task.bannedUntil && Date.parse(task.bannedUntil) > Date.now())
    return say(['平台限流到 {at}', 'Banned until {at}'], { at: nearTime(task.bannedUntil) })
  const pause = task.pausedReasons[0]
  if (task.state === 'paused' && pause) return codeText(pauseWords, pause, say, ['已暂停', 'Paused'])
  if (task.failures > 0)
    return say(['连续失败 {n} 次', '{n} {n|failure|failures} in a row'], { n: task.failures })
  if (isByHand(task.schedule) && task.state === 'disabled') return say(['用时再跑', 'When asked'])
  return say(stateWords[task.state])
}
