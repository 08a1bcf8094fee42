import { useState } from 'react'
import type { FormProps } from '../../ui/act/actions.ts'
import { readBeijing } from '../../ui/base/time.ts'
import { shared } from '../../ui/base/words.ts'
import { Choice, TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'

/** 计划发货日: a chosen day, the day of the platform's deadline, or none. */
export function ShipAfterDialog({ count, onSubmit, onClose }: FormProps<'/orders/ship-after'>) {
  const say = useSay()
  const [how, setHow] = useState('day')
  const [day, setDay] = useState('')
  const at = readBeijing(day)
  const title = say(['{n} 单的计划发货日', 'Planned ship date of {n}'], { n: count })
  const input = how === 'platform' ? { byPlatform: true } : { at: how === 'day' ? at : null }
  return (
    <FormDialog
      title={title}
      act={say(shared.save)}
      why={
        how === 'day' && at === undefined
          ? say(['日期写成 2026-12-01', 'Write the date as 2026-12-01'])
          : undefined
      }
      onSubmit={() => onSubmit(input)}
      onClose={onClose}
    >
      <Choice
        label={say(['怎么定', 'How'])}
        value={how}
        onChange={setHow}
        options={[
          { value: 'day', label: say(['指定日期', 'A date']) },
          { value: 'platform', label: say(['按平台发货时限当天', "The day of the platform's deadline"]) },
          { value: 'none', label: say(['取消计划，随时可发', 'None, it may leave at once']) },
        ]}
      />
      {how === 'day' && (
        <TextField label={say(['日期', 'Date'])} value={day} placeholder="2026-12-01" onChange={setDay} />
      )}
      <p className="t2 small">
        {say([
          '到日子之前可以确认、占库存，不能通知配货；到了自动放开。',
          'Before that day it may be confirmed and stock kept, not released; then it may automatically.',
        ])}
      </p>
    </FormDialog>
  )
}
