import { useState } from 'react'
import { holdReasons, personHoldReasons } from '../../../../server/orders/order/lifecycle.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { Choice, TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'

/** Asks for the reason of a hold. A person lifts it later. */
export function HoldDialog({ count, onSubmit, onClose }: FormProps<'/orders/hold'>) {
  const say = useSay()
  const [reason, setReason] = useState<(typeof personHoldReasons)[number]>('ask_buyer')
  const [note, setNote] = useState('')
  const title = say(['挂起 {n} 单', 'Hold {n} {n|order|orders}'], { n: count })
  return (
    <FormDialog
      title={title}
      act={title}
      onSubmit={() => onSubmit({ reason, note: note.trim() })}
      onClose={onClose}
    >
      <Choice
        label={say(['原因', 'Reason'])}
        value={reason}
        onChange={setReason}
        options={personHoldReasons.map((value) => ({ value, label: say(holdReasons[value]) }))}
      />
      <TextField
        label={say(['说明，可不填', 'Note, optional'])}
        value={note}
        maxLength={200}
        onChange={setNote}
      />
    </FormDialog>
  )
}
