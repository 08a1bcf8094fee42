import type { ReactNode } from 'react'
import { useSay } from '../../words.ts'
import { Button, KeyCap } from '../base/button.tsx'
import { withMod } from '../base/mod-key.ts'
import { shared } from '../base/words.ts'
import { Dialog } from './overlay.tsx'

/** A form with one action. The button names the effect (作废 3 单, never 确定). */
export function FormDialog(props: {
  title: string
  act: string
  danger?: boolean | undefined
  busy?: boolean | undefined
  /** Why the form cannot be submitted yet. */
  why?: string | undefined
  wide?: boolean | undefined
  /** True: the user has typed the effect again, so Enter alone submits even what cannot be undone. */
  sure?: boolean
  /** True: the form has no fields, so the button gets the focus. */
  ready?: boolean
  /** True: it cannot be left, because the answer under way is shown only once. */
  keeps?: boolean | undefined
  children?: ReactNode
  onSubmit: () => void
  onClose: () => void
}) {
  const { title, danger = false, busy = false, wide = false, ready = false, onClose } = props
  return (
    <Dialog
      title={title}
      label={title}
      wide={wide}
      sure={props.sure}
      keeps={props.keeps}
      onClose={onClose}
      foot={
        <>
          <Button busy={props.keeps === true} onClick={onClose}>
            {useSay()(shared.cancel)}
          </Button>
          <Button
            kind={danger ? 'danger' : 'primary'}
            why={props.why}
            busy={busy}
            autoFocus={ready}
            onClick={props.onSubmit}
          >
            {props.act}
            {danger && !ready && <KeyCap>{withMod('Enter')}</KeyCap>}
          </Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  )
}
