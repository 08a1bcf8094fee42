import { useState } from 'react'
import type { FormProps } from '../../ui/act/actions.ts'
import { TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'

/** So many of a SKU on top of what the rules give. */
export function AddGiftDialog({ count, onSubmit, onClose }: Omit<FormProps<'/orders/gifts/add'>, 'rows'>) {
  const say = useSay()
  const [code, setCode] = useState('')
  const [quantity, setQuantity] = useState('1')
  const title = say(['给 {n} 单加赠品', 'Add a gift to {n} {n|order|orders}'], { n: count })
  const isNumber = /^[1-9]\d{0,2}$/.test(quantity)
  return (
    <FormDialog
      title={title}
      act={title}
      why={
        code.trim() && isNumber ? undefined : say(['填 SKU 编码和件数', 'Give the SKU code and the pieces'])
      }
      onSubmit={() => onSubmit({ code: code.trim(), quantity: Number(quantity) })}
      onClose={onClose}
    >
      <TextField
        label={say(['SKU 编码', 'SKU code'])}
        value={code}
        autoFocus
        maxLength={80}
        onChange={setCode}
      />
      <TextField
        label={say(['件数', 'Pieces'])}
        value={quantity}
        inputMode="numeric"
        maxLength={3}
        wrong={isNumber ? undefined : say(['1 到 999', '1 to 999'])}
        onChange={setQuantity}
      />
    </FormDialog>
  )
}

/** No rule gives it to these orders again. */
export function RemoveGiftDialog({ count, onSubmit, onClose }: FormProps<'/orders/gifts/remove'>) {
  const say = useSay()
  const [code, setCode] = useState('')
  const title = say(['去掉 {n} 单的赠品', 'Take a gift off {n} {n|order|orders}'], { n: count })
  return (
    <FormDialog
      title={title}
      act={title}
      why={code.trim() ? undefined : say(['填 SKU 编码', 'Give the SKU code'])}
      onSubmit={() => onSubmit({ code: code.trim() })}
      onClose={onClose}
    >
      <TextField
        label={say(['SKU 编码', 'SKU code'])}
        value={code}
        autoFocus
        maxLength={80}
        onChange={setCode}
      />
    </FormDialog>
  )
}
