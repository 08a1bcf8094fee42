import { useState } from 'react'
import { couriers } from '../../../server/connectors/couriers.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/form.tsx'
import { Dialog } from '../ui/overlay.tsx'
import { shared } from '../ui/words.ts'
import { type Say, useSay, type Words } from '../words.ts'
import { useOrderWarehouses } from './choice-query.ts'

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

/** From one warehouse for all of them; rules then leave it alone. */
export function WarehouseDialog(props: Props) {
  const say = useSay()
  const active = useOrderWarehouses().filter((warehouse) => warehouse.active)
  return (
    <ChoiceDialog
      key={active.length}
      {...props}
      title={say(['改 {n} 单的仓库', 'Warehouse of {n} {n|order|orders}'], { n: props.count })}
      label={say(['仓库', 'Warehouse'])}
      first={active[0]?.id ?? ''}
      options={active.map(({ id, name }) => ({ value: id, label: name }))}
      toInput={(warehouseId) => ({ warehouseId })}
    />
  )
}

/** By the rules as they are now; what people chose stays unless it is said. */
export function ChooseDialog(props: Props & { what: 'warehouse' | 'courier' }) {
  const say = useSay()
  const words: Words =
    props.what === 'warehouse'
      ? ['按规则重新分仓 {n} 单', 'Choose warehouses of {n} anew']
      : ['按规则重新选快递 {n} 单', 'Choose couriers of {n} anew']
  return (
    <ChoiceDialog
      {...props}
      title={say(words, { n: props.count })}
      label={say(['人工选过的', 'Those chosen by hand'])}
      first="false"
      options={[
        { value: 'false', label: say(['不动', 'Leave as they are']) },
        { value: 'true', label: say(['也重新选', 'Choose anew too']) },
      ]}
      toInput={(overHand) => ({ overHand: overHand === 'true' })}
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
