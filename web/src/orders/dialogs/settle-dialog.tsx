import { useState } from 'react'
import type { FormProps } from '../../ui/act/actions.ts'
import { Choice } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'

/** Resolves platform changes: applies them to the orders, or leaves the orders as they are. */
export function SettleDialog({ count, onSubmit, onClose }: FormProps<'/orders/settle-differences'>) {
  const say = useSay()
  const [how, setHow] = useState<'ignore' | 'apply'>('ignore')
  const title = say(['处理 {n} 单的平台差异', 'Settle the changes of {n} {n|order|orders}'], { n: count })
  return (
    <FormDialog
      title={title}
      act={
        how === 'apply'
          ? say(['采用到 {n} 单', 'Take over into {n}'], { n: count })
          : say(['忽略 {n} 单', 'Ignore for {n}'], { n: count })
      }
      onSubmit={() => onSubmit({ how })}
      onClose={onClose}
    >
      <Choice
        label={say(['怎么处理', 'What to do'])}
        value={how}
        onChange={setHow}
        options={[
          { value: 'ignore', label: say(['忽略，订单不变', 'Ignore; the orders stay']) },
          { value: 'apply', label: say(['采用，写进订单', 'Take over into the orders']) },
        ]}
      />
    </FormDialog>
  )
}
