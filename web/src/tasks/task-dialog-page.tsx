import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refundStatusWords, tradeStatusWords } from '../../../server/connectors/words-contract.ts'
import { ApiError, errorText, patch } from '../api.ts'
import { Segments } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { useShop } from '../ui/base/session.ts'
import { shared } from '../ui/base/words.ts'
import { Check, TextField } from '../ui/form/form.tsx'
import { fieldsOf } from '../ui/form/schema.ts'
import { SchemaForm } from '../ui/form/schema-form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import type { TaskRow } from './types.ts'
import { paramWords } from './words.ts'

/** The statuses to which a download can be limited. */
const statusChoices: Record<string, LocalizedPair> = {
  '': ['不限', 'Any'],
  ...refundStatusWords,
  ...tradeStatusWords,
}

/** A task's switch, schedule and parameters. The fields come from the schema of its kind. */
export default function TaskDialog({ task, onClose }: { task: TaskRow; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const shop = useShop(task.shopId ?? '')
  const [enabled, setEnabled] = useState(task.enabled)
  const [mode, setMode] = useState<'interval' | 'cron'>('everySeconds' in task.schedule ? 'interval' : 'cron')
  const [seconds, setSeconds] = useState(
    'everySeconds' in task.schedule ? String(task.schedule.everySeconds) : '120',
  )
  const [cron, setCron] = useState('cron' in task.schedule ? task.schedule.cron : '0 3 * * *')
  const [params, setParams] = useState(task.params)
  const save = useMutation({
    mutationFn: () =>
      patch(
        '/tasks/:id',
        {
          enabled,
          schedule:
            mode === 'interval'
              ? { everySeconds: Number(seconds) }
              : { cron: cron.trim(), timeZone: 'Asia/Shanghai' },
          params,
        },
        { id: task.id },
      ),
    onSuccess: () => {
      toast('ok', say(['已改，马上生效', 'Changed, effective at once']))
      onClose()
      return queries.invalidateQueries({ queryKey: ['/tasks'] })
    },
  })
  const title = [say(task.kindName), task.name, shop?.name].filter(Boolean).join(' · ')
  const error = save.error instanceof ApiError ? save.error : undefined
  return (
    <FormDialog
      title={title}
      act={say(shared.save)}
      busy={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Check label={say(['开', 'On'])} checked={enabled} onChange={setEnabled} />
      <div>
        <Segments
          label={say(['时间', 'Schedule'])}
          value={mode}
          options={[
            { value: 'interval', label: say(['每隔', 'Every']) },
            { value: 'cron', label: 'cron' },
          ]}
          onChange={setMode}
        />
      </div>
      {mode === 'interval' ? (
        <TextField
          label={say(['秒', 'Seconds'])}
          value={seconds}
          onChange={setSeconds}
          inputMode="numeric"
          aside="1 – 604800"
        />
      ) : (
        <TextField label={say(['cron，北京时间', 'cron, Beijing time'])} value={cron} onChange={setCron} />
      )}
      <SchemaForm
        fields={fieldsOf(task.paramsSchema)}
        values={params}
        onChange={setParams}
        words={paramWords}
        optionWords={statusChoices}
        wrong={error?.field ? { field: error.field, text: errorText(error) } : undefined}
      />
      {task.name !== '' && (
        <p className="t3 small">
          {say([
            '自己加的任务有自己的进度，不影响「已完整到」。',
            'A task of your own keeps a mark of its own and never moves how far the shop is complete.',
          ])}
        </p>
      )}
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </FormDialog>
  )
}
