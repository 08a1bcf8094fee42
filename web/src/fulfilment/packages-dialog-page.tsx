import { useState } from 'react'
import { mostPackages } from '../../../server/fulfilment/lifecycle.ts'
import type { FormProps } from '../ui/act/actions.ts'
import { TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { useSay } from '../words.ts'
import type { DeliveryRow } from './types.ts'

/** 包裹数: of how many packages each of these deliveries consists. */
export default function PackagesDialog({
  rows,
  count,
  onSubmit,
  onClose,
}: FormProps<'/deliveries/set-packages', DeliveryRow>) {
  const say = useSay()
  const [typed, setTyped] = useState(String(rows[0]?.packageCount ?? 1))
  const packages = /^\d{1,2}$/.test(typed.trim()) ? Number(typed) : 0
  const why =
    packages >= 1 && packages <= mostPackages
      ? undefined
      : say(['填 1 到 {n}', 'From 1 to {n}'], { n: mostPackages })
  return (
    <FormDialog
      title={say(['{n} 单的包裹数', 'Packages of {n} {n|delivery|deliveries}'], { n: count })}
      act={say(['保存', 'Save packages'])}
      why={why}
      onSubmit={() => why === undefined && onSubmit({ packages })}
      onClose={onClose}
    >
      <p className="t2">
        {say([
          '一单发几个包裹，取号前填。多个包裹取子母件：一个母单号，每个包裹一个子单号和一张面单。',
          'Of how many packages each consists, before its number is taken. Several get one main number, and a sub-number and a label each.',
        ])}
      </p>
      <TextField
        label={say(['每单几个包裹', 'Packages of each'])}
        value={typed}
        inputMode="numeric"
        maxLength={2}
        autoFocus
        onChange={setTyped}
      />
    </FormDialog>
  )
}
