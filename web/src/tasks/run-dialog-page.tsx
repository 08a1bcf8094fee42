import { useMutation, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { errorText, post } from '../api.ts'
import { Note } from '../ui/base/empty.tsx'
import { useShops } from '../ui/base/session.ts'
import { readBeijing } from '../ui/base/time.ts'
import { Choice, Field } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import type { TaskRow } from './types.ts'

const RangePicker = lazy(() => import('../ui/form/pickers-page.tsx'))

/** 立即运行: starts a run of a task, with the usual span of the task or another one. */
export default function RunDialog({ tasks, onClose }: { tasks: readonly TaskRow[]; onClose: () => void }) {
  const say = useSay()
  const shops = useShops()
  const queries = useQueryClient()
  const [taskId, setTaskId] = useState(tasks[0]?.id ?? '')
  const [range, setRange] = useState('')
  const [from = '', to = ''] = range.split('~')
  const run = useMutation({
    mutationFn: () =>
      post(
        '/tasks/:id/run',
        {
          ...bound('from', from),
          ...bound('to', to),
        },
        { id: taskId },
      ),
    onSuccess: ({ behind }) => {
      toast(
        'move',
        behind === null
          ? say(['马上运行', 'Running now'])
          : say(['正在运行的一次结束后马上运行', 'It runs once the present run has ended']),
      )
      onClose()
      return queries.invalidateQueries({ queryKey: ['/task-runs'] })
    },
  })
  const title = say(['立即运行', 'Run now'])
  return (
    <FormDialog
      title={title}
      act={title}
      busy={run.isPending}
      onSubmit={() => run.mutate()}
      onClose={onClose}
    >
      <Choice
        label={say(['任务', 'Task'])}
        value={taskId}
        onChange={setTaskId}
        options={tasks.map((task) => ({
          value: task.id,
          label: [say(task.kindName), task.name, shops.find((shop) => shop.id === task.shopId)?.name]
            .filter(Boolean)
            .join(' · '),
        }))}
      />
      <Field
        label={say([
          '窗口，北京时间；不选就用任务自己的',
          "Window, Beijing time; the task's own when left out",
        ])}
      >
        {() => (
          <Suspense fallback={<div style={{ height: 30 }} />}>
            <RangePicker value={range} onChange={setRange} />
          </Suspense>
        )}
      </Field>
      <p className="t2 small">
        {say([
          '重跑不会重复：在库的按修改时间比较，旧的不覆盖新的。',
          'Running again doubles nothing: older never overwrites newer.',
        ])}
      </p>
      {run.error && <Note tone="bad">{errorText(run.error)}</Note>}
    </FormDialog>
  )
}

function bound(name: 'from' | 'to', text: string): Record<string, string> {
  const at = readBeijing(text)
  return at === undefined ? {} : { [name]: at }
}
