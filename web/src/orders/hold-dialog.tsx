import { useState } from 'react'
import { holdReasons, personHoldReasons } from '../../../server/orders/lifecycle.ts'
import { Button } from '../ui/button.tsx'
import { Choice, TextField } from '../ui/form.tsx'
import { Dialog } from '../ui/overlay.tsx'
import { shared } from '../ui/words.ts'
import { useSay } from '../words.ts'

/** Why an order shall stand still; a person lifts it again. */
export function HoldDialog({
  count,
  onSubmit,
  onClose,
}: {
  count: number
  onSubmit: (input: unknown) => void
  onClose: () => void
}) {
  const say = useSay()
  const [reason, setReason] = useState<string>('ask_buyer')
  const [note, setNote] = useState('')
  const title = say(['挂起 {n} 单', 'Hold {n} {n|order|orders}'], { n: count })
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button kind="primary" onClick={() => onSubmit({ reason, note: note.trim() })}>
            {title}
          </Button>
        </>
      }
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
    </Dialog>
  )
}
