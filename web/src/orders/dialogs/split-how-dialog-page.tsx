import { useState } from 'react'
import type { FormProps } from '../../ui/act/actions.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'
import { firstFields, HowFields, howOf } from './split-how.tsx'

export default function SplitHowDialog({ count, onSubmit, onClose }: FormProps<'/orders/split-by'>) {
  const say = useSay()
  const [fields, setFields] = useState(firstFields)
  const asked = howOf(fields, say)
  return (
    <FormDialog
      title={say(['拆 {n} 单', 'Split {n} {n|order|orders}'], { n: count })}
      act={say(['拆单', 'Split'])}
      why={'why' in asked ? asked.why : undefined}
      onSubmit={() => 'how' in asked && onSubmit(asked)}
      onClose={onClose}
    >
      <HowFields fields={fields} onChange={setFields} />
      <p className="t2 small">
        {say([
          '拆出的商品各成一单，带走自己的金额和占用；运费留在原单。有退款的商品不拆。',
          'What is split becomes orders of its own, with its money and its stock; freight stays. What is being refunded stays.',
        ])}
      </p>
    </FormDialog>
  )
}
