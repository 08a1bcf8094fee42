import { useState } from 'react'
import { SkuPicker } from '../../catalog/sku-picker.tsx'
import type { SkuChoice } from '../../catalog/types.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'

export default function AddGiftDialog(props: Omit<FormProps<'/orders/gifts/add'>, 'rows'>) {
  const { count, onSubmit, onClose } = props
  const say = useSay()
  const [sku, setSku] = useState<SkuChoice>()
  const [quantity, setQuantity] = useState('1')
  const title = say(['给 {n} 单加赠品', 'Add a gift to {n} {n|order|orders}'], { n: count })
  const isNumber = /^[1-9]\d{0,2}$/.test(quantity)
  return (
    <FormDialog
      title={title}
      act={title}
      why={sku && isNumber ? undefined : say(['选 SKU，填件数', 'Choose a SKU and give the pieces'])}
      onSubmit={() => sku && onSubmit({ code: sku.code, quantity: Number(quantity) })}
      onClose={onClose}
    >
      <SkuPicker label={say(['赠品', 'Gift'])} value={sku?.code ?? ''} autoFocus onPick={setSku} />
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
