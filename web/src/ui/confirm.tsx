import { type ReactNode, useState } from 'react'
import { useSay, type Words } from '../words.ts'
import { Button } from './button.tsx'
import { TextField } from './form.tsx'
import { Dialog } from './overlay.tsx'
import { shared } from './words.ts'

type ConfirmProps = {
  title: string
  /** Names the effect: 作废 3 单, never 确定. */
  act: string
  danger?: boolean
  busy?: boolean
  children?: ReactNode
  onConfirm: () => void
  onClose: () => void
}

export function Confirm({
  title,
  act,
  danger = false,
  busy = false,
  children,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const say = useSay()
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm} autoFocus>
            {act}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}

/** A reason is asked for: it stands in the document's timeline. */
export function ReasonDialog(props: {
  title: Words
  act: Words
  count: number
  danger?: boolean
  onSubmit: (reason: string) => void
  onClose: () => void
  children?: ReactNode
}) {
  const say = useSay()
  const [reason, setReason] = useState('')
  const title = say(props.title, { n: props.count })
  return (
    <Dialog
      title={title}
      label={title}
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>{say(shared.cancel)}</Button>
          <Button
            kind={props.danger ? 'danger' : 'primary'}
            why={reason.trim() === '' ? say(['先写原因', 'Give the reason first']) : undefined}
            onClick={() => props.onSubmit(reason.trim())}
          >
            {say(props.act, { n: props.count })}
          </Button>
        </>
      }
    >
      {props.children}
      <TextField
        label={say(['原因', 'Reason'])}
        value={reason}
        maxLength={200}
        onChange={setReason}
        autoFocus
      />
    </Dialog>
  )
}
