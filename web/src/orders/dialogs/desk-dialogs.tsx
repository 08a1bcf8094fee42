import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { couriers } from '../../../../server/connectors/couriers.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { flagOptions } from '../../ui/base/status.tsx'
import { Check, Choice, TextArea, TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { type Say, useSay } from '../../words.ts'
import { orderWarehousesQuery } from '../choice-query.ts'

export const courierOptions = (say: Say) => [
  { value: '', label: say(['未选', 'None']) },
  ...couriers.map((courier) => ({ value: courier.code, label: say(courier) })),
]

export function CourierDialog(props: FormProps<'/orders/courier'>) {
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

const stays = ['不改', 'Leave as it is'] as const

/** 上门、保价: a choice that is not made stays as it is on each order. */
export function ServicesDialog({ count, onSubmit, onClose }: FormProps<'/orders/services'>) {
  const say = useSay()
  const [door, setDoor] = useState<'' | 'true' | 'false'>('')
  const [insured, setInsured] = useState<'' | 'value' | 'none' | 'rule'>('')
  const [typed, setTyped] = useState('')
  const fen = Math.round(Number(typed) * 100)
  const isWrong = insured === 'value' && !(fen > 0 && fen <= 1e9)
  const insuredFen = insured === 'value' ? fen : insured === 'none' ? 0 : null
  const why = isWrong
    ? say(['先填保价金额', 'Give the insured value first'])
    : door === '' && insured === ''
      ? say(['选要改的', 'Choose what to change'])
      : undefined
  return (
    <FormDialog
      title={say(['改 {n} 单的上门、保价', 'Door and insurance of {n} {n|order|orders}'], { n: count })}
      act={say(['改', 'Change'])}
      why={why}
      onSubmit={() =>
        onSubmit({
          ...(door === '' ? {} : { toDoor: door === 'true' }),
          ...(insured === '' ? {} : { insuredFen }),
        })
      }
      onClose={onClose}
    >
      <Choice
        label={say(['送货上门', 'To the door'])}
        value={door}
        options={[
          { value: '', label: say(stays) },
          { value: 'true', label: say(['要', 'Yes']) },
          { value: 'false', label: say(['不要', 'No']) },
        ]}
        onChange={setDoor}
      />
      <Choice
        label={say(['保价', 'Insurance'])}
        value={insured}
        options={[
          { value: '', label: say(stays) },
          { value: 'value', label: say(['按金额保', 'For a value']) },
          { value: 'none', label: say(['不保', 'None']) },
          { value: 'rule', label: say(['按账号的规则', 'By the rule of the account']) },
        ]}
        onChange={setInsured}
      />
      {insured === 'value' && (
        <TextField
          label={say(['保价金额（元）', 'Insured value (¥)'])}
          value={typed}
          inputMode="decimal"
          onChange={setTyped}
        />
      )}
      <p className="t2 small">
        {say([
          '取号时带给快递。已取号的单，退号重新取才生效。',
          'It goes along when a number is asked for. Where there is a number already, give it back and take another.',
        ])}
      </p>
    </FormDialog>
  )
}

export function UrgentDialog(props: FormProps<'/orders/urgent'>) {
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

/** Sets a flag, a memo or both on all selected orders. A value that is not set stays as it is on each order. */
export function MemosDialog({ count, onSubmit, onClose }: FormProps<'/orders/memo'>) {
  const say = useSay()
  const [flag, setFlag] = useState('')
  const [withMemo, setWithMemo] = useState(false)
  const [memo, setMemo] = useState('')
  const title = say(['备注插旗 {n} 单', 'Memo and flag of {n} {n|order|orders}'], { n: count })
  const input = { ...(withMemo ? { memo } : {}), ...(flag === '' ? {} : { flag: Number(flag) }) }
  return (
    <FormDialog
      title={title}
      act={say(['写回平台', 'Write back'])}
      why={withMemo || flag !== '' ? undefined : say(['选旗标或写备注', 'Choose a flag, or write a memo'])}
      onSubmit={() => onSubmit(input)}
      onClose={onClose}
    >
      <Choice
        label={say(['旗标', 'Flag'])}
        value={flag}
        onChange={setFlag}
        options={[
          { value: '', label: say(['不改', 'As it is']) },
          ...flagOptions.map((option) => ({ value: option.value, label: say(option.label) })),
        ]}
      />
      <Check
        label={say(['改备注，原来的会被盖掉', 'Change the memo; the old one is replaced'])}
        checked={withMemo}
        onChange={setWithMemo}
      />
      {withMemo && (
        <TextArea
          label={say(['备注', 'Memo'])}
          value={memo}
          maxLength={1000}
          onChange={setMemo}
          aside={`${memo.length} / 1000`}
        />
      )}
    </FormDialog>
  )
}

/** Sets the warehouse of all selected orders. Sourcing rules do not change it after that. */
export function WarehouseDialog(props: Omit<FormProps<'/orders/warehouse'>, 'rows'>) {
  const say = useSay()
  const { data } = useQuery(orderWarehousesQuery)
  const active = data?.rows.filter((warehouse) => warehouse.active) ?? []
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

/** 重新分仓、重新选快递: applies the current sourcing rules again. A person's choices stay unless the user includes them. */
export function ChooseDialog({ count, onSubmit, onClose }: FormProps<'/orders/choose'>) {
  const say = useSay()
  const [what, setWhat] = useState<'both' | 'warehouse' | 'courier'>('both')
  const [overHand, setOverHand] = useState(false)
  const title = say(['按规则重选 {n} 单', 'Choose anew for {n} {n|order|orders}'], { n: count })
  return (
    <FormDialog title={title} act={title} onSubmit={() => onSubmit({ what, overHand })} onClose={onClose}>
      <Choice
        label={say(['重选什么', 'What'])}
        value={what}
        onChange={setWhat}
        options={[
          { value: 'both', label: say(['仓库和快递', 'Warehouse and courier']) },
          { value: 'warehouse', label: say(['仓库', 'Warehouse']) },
          { value: 'courier', label: say(['快递', 'Courier']) },
        ]}
      />
      <Check
        label={say(['人工选过的也重选', 'Also where a person chose'])}
        checked={overHand}
        onChange={setOverHand}
      />
    </FormDialog>
  )
}

function ChoiceDialog<Input>(props: {
  title: string
  label: string
  first: string
  options: readonly { value: string; label: string }[]
  toInput: (value: string) => Input
  onSubmit: (input: Input) => void
  onClose: () => void
}) {
  const [value, setValue] = useState(props.first)
  const { title, onClose } = props
  return (
    <FormDialog
      title={title}
      act={title}
      onSubmit={() => props.onSubmit(props.toInput(value))}
      onClose={onClose}
    >
      <Choice label={props.label} value={value} onChange={setValue} options={props.options} />
    </FormDialog>
  )
}
