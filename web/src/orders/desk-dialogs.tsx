import { useState } from 'react'
import { couriers } from '../../../server/connectors/couriers.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/form.tsx'
import { Dialog } from '../ui/overlay.tsx'
import { shared } from '../ui/words.ts'
import { type Say, useSay } from '../words.ts'

type Props = { count: number; onSubmit: (input: unknown) => void; onClose: () => void }

/** Every courier for a choice, "not chosen" first. */
export const courierOptions = (say: Say) => [
  { value: '', label: say(['未选', 'None']) },
  ...couriers.map((courier) => ({ value: courier.code, label: say(courier) })),
]

/** One courier for all of them. */
export function CourierDialog(props: Props) {
  const say = useSay()
  return (
    <ChoiceDialog
      {...props}
      title={say(['改 {n} 单的快递', 'Courier of {n} {n|order|orders}'], { n: props.count })}
      label={say(['快递', 'Courier'])}
      first="SF"
      options={courierOptions(say)}
      toInput={(courier) => ({ courier })}
    />
  )
}

/** Marks them as urgent, or takes the mark off. */
export function UrgentDialog(props: Props) {
  const say = useSay()
  return (
    <ChoiceDialog
      {...props}
      title={say(['加急 {n} 单', 'Urgency of {n} {n|order|orders}'], { n: props.count })}
      label={say(['加急', 'Urgent'])}
      first="true"
      options={[
        { value: 'true', label: say(['加急', 'Urgent']) },
        { value: 'false', label: say(['取消加急', 'Not urgent']) },
      ]}
      toInput={(urgent) => ({ urgent: urgent === 'true' })}
    />
  )
}

function ChoiceDialog(
  props: Props & {
    title: string
    label: string
    first: string
    options: readonly { value: string; label: string }[]
    toInput: (value: string) => unknown
  },
) {
  const say = useSay()
  const [value, setValue] = useState(props.first)
  const { title, onClose } = props
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button kind="primary" onClick={() => props.onSubmit(props.toInput(value))}>
            {title}
          </Button>
        </>
      }
    >
      <Choice label={props.label} value={value} onChange={setValue} options={props.options} />
    </Dialog>
  )
}
