import type { Field } from '../ui/list/filters.ts'
import { useSay } from '../words.ts'
import { SkuPicker } from './sku-picker.tsx'

/** The form behind the chip of a SKU, which is filtered by its code; also one that is not sold any more. */
export default function SkuFilter(props: {
  field: Field
  value: string
  onChange: (value: string) => void
  onDone: () => void
}) {
  return (
    <div className="editor" style={{ width: 320 }}>
      <SkuPicker
        label={useSay()(props.field.label)}
        value={props.value}
        onPick={(row) => {
          props.onChange(row?.code ?? '')
          if (row) props.onDone()
        }}
        autoFocus
        bare
        retired
      />
    </div>
  )
}
