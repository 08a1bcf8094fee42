import { useState } from 'react'
import { SkuPicker } from '../../catalog/sku-picker.tsx'
import type { SkuChoice } from '../../catalog/types.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'

/** Removes a gift. No gift rule adds it to these orders again. */
export default function RemoveGiftDialog({ count, onSubmit, onClose }: FormProps<'/orders/gifts/remove'>) {
  const say = useSay()
  const [sku, setSku] = useState<SkuChoice>()
  const title = say(['去掉 {n} 单的赠品', 'Take a gift off {n} {n|order|orders}'], { n: count })
  return (
    <FormDialog
      title={title}
      act={title}
      why={sku ? undefined : say(['先选 SKU', 'Choose a SKU first'])}
      onSubmit={() => sku && onSubmit({ code: sku.code })}
      onClose={onClose}
    >
      <SkuPicker retired label={say(['赠品', 'Gift'])} value={sku?.code ?? ''} autoFocus onPick={setSku} />
    </FormDialog>
  )
}
