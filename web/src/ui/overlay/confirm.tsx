import { type ReactNode, useState } from 'react'
import { type LocalizedPair, useSay } from '../../words.ts'
import { TextField } from '../form/form.tsx'
import { FormDialog } from './form-dialog.tsx'

export function Confirm(props: {
  title: string
  act: string
  danger?: boolean
  busy?: boolean
  children?: ReactNode
  onConfirm: () => void
  onClose: () => void
}) {
  const { onConfirm, ...form } = props
  return <FormDialog {...form} ready onSubmit={onConfirm} />
}

/** Asks for a reason, which the document's timeline shows. */
export function ReasonDialog(props: {
  title: LocalizedPair
  act: LocalizedPair
  count: number
  danger?: boolean
  onSubmit: (reason: string) => void
  onClose: () => void
  children?: ReactNode
}) {
  const say = useSay()
  const [reason, setReason] = useState('')
  return (
    <FormDialog
      title={say(props.title, { n: props.count })}
      act={say(props.act, { n: props.count })}
      danger={props.danger}
      why={reason.trim() === '' ? say(['先写原因', 'Give the reason first']) : undefined}
      onSubmit={() => props.onSubmit(reason.trim())}
      onClose={props.onClose}
    >
      {props.children}
      <TextField
        label={say(['原因', 'Reason'])}
        value={reason}
        maxLength={200}
        onChange={setReason}
        autoFocus
      />
    </FormDialog>
  )
}
