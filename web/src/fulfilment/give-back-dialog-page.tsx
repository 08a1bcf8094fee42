import { useState } from 'react'
import type { FormProps } from '../ui/act/actions.ts'
import { Choice } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { useSay } from '../words.ts'
import { useCouriers } from './query.ts'
import type { DeliveryRow } from './types.ts'

/** 退号: gives numbers back, with the same or another courier for the next ones. */
export default function GiveBackDialog({
  count,
  onSubmit,
  onClose,
}: FormProps<'/deliveries/give-back-numbers', DeliveryRow>) {
  const say = useSay()
  const couriers = useCouriers()
  const [courier, setCourier] = useState('')
  return (
    <FormDialog
      title={say(['退号 {n} 单', 'Give numbers back: {n}'], { n: count })}
      act={say(['退号', 'Give back'])}
      onSubmit={() => onSubmit(courier === '' ? {} : { courier })}
      onClose={onClose}
    >
      <p className="t2">
        {say([
          '号退给平台，打过的面单作废；之后重新取号、打印。',
          'The platform gets the numbers back and printed labels are void; take and print new ones then.',
        ])}
      </p>
      <Choice
        label={say(['以后用的快递', 'Courier from now on'])}
        value={courier}
        onChange={setCourier}
        options={[
          { value: '', label: say(['不变', 'As it is']) },
          ...couriers.map((each) => ({ value: each.code, label: say(each) })),
        ]}
      />
    </FormDialog>
  )
}
