import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, post } from '../api.ts'
import { Note } from '../ui/base/empty.tsx'
import { useShop } from '../ui/base/session.ts'
import { TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import type { TaskRow } from './types.ts'

/** Adds a further task of the same kind with a name of its own. It is disabled at first. */
export default function AddTaskDialog({ task, onClose }: { task: TaskRow; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const shop = useShop(task.shopId ?? '')
  const [name, setName] = useState('')
  const add = useMutation({
    mutationFn: () => post('/tasks', { kind: task.kind, shopId: task.shopId ?? '', name: name.trim() }),
    onSuccess: () => {
      toast('ok', say(['已加，设好再打开', 'Added; set it up, then switch it on']))
      onClose()
      return queries.invalidateQueries({ queryKey: ['/tasks'] })
    },
  })
  const title = [say(['再加一个 {kind}', 'Another {kind}'], { kind: say(task.kindName) }), shop?.name]
    .filter(Boolean)
    .join(' · ')
  return (
    <FormDialog
      title={title}
      act={say(['加上', 'Add'])}
      busy={add.isPending}
      why={name.trim() === '' ? say(['先起个名字', 'Name it first']) : undefined}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <TextField
        label={say(['名称', 'Name'])}
        value={name}
        maxLength={40}
        onChange={setName}
        placeholder={say(['如：只看待发货', 'For example: paid only'])}
        autoFocus
      />
      <p className="t2 small">
        {say([
          '可以有自己的时间和状态。它有自己的进度，不影响「已完整到」；店铺自带的任务照常跑。',
          "It has a time and a status of its own, and a mark of its own: the shop's own task goes on as before.",
        ])}
      </p>
      {add.error && <Note tone="bad">{errorText(add.error)}</Note>}
    </FormDialog>
  )
}
