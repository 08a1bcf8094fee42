import { useState } from 'react'
import { duties, dutyWords } from '../../../../server/intake/aftersales/desk-rules.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { Choice, TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'

/** 责任: a user sets who bears a refund. */
export function DutyDialog(props: FormProps<'/aftersale/duty'>) {
  const say = useSay()
  const [duty, setDuty] = useState<(typeof duties)[number] | ''>('')
  const [note, setNote] = useState('')
  return (
    <FormDialog
      title={say(['判 {n} 笔的责任', 'Responsibility for {n}'], { n: props.count })}
      act={say(['判责任', 'Say so'])}
      why={duty === '' ? say(['先选责任方', 'Choose who first']) : undefined}
      onSubmit={() => duty && props.onSubmit({ duty, ...(note.trim() === '' ? {} : { note: note.trim() }) })}
      onClose={props.onClose}
    >
      <Choice
        label={say(['责任方', 'Borne by'])}
        value={duty}
        options={[
          { value: '', label: say(['选一个', 'Choose one']) },
          ...duties.map((value) => ({ value, label: say(dutyWords[value]) })),
        ]}
        onChange={setDuty}
      />
      <TextField
        label={say(['备注（可不填）', 'Note (optional)'])}
        value={note}
        maxLength={200}
        onChange={setNote}
      />
    </FormDialog>
  )
}
