import { useState } from 'react'
import { TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { type LocalizedPair, useSay } from '../words.ts'

export function NoteDialog(props: {
  title: LocalizedPair
  act: LocalizedPair
  text?: LocalizedPair
  count: number
  onSubmit: (input: { note?: string }) => void
  onClose: () => void
}) {
  const say = useSay()
  const [note, setNote] = useState('')
  return (
    <FormDialog
      title={say(props.title, { n: props.count })}
      act={say(props.act, { n: props.count })}
      onSubmit={() => props.onSubmit(note.trim() === '' ? {} : { note: note.trim() })}
      onClose={props.onClose}
    >
      {props.text && <p className="t2">{say(props.text)}</p>}
      <TextField
        label={say(['备注（可不填）', 'Note (optional)'])}
        value={note}
        maxLength={200}
        onChange={setNote}
        autoFocus
      />
    </FormDialog>
  )
}
