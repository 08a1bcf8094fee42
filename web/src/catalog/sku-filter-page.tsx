import type { Field } from '../ui/list/filters.ts'
import { useSay } from '../words.ts'
import { SkuPicker } from './sku-picker.tsx'

/** The editor of a filter by SKU. Its value is the SKU's code. Inactive SKUs can be chosen too. */
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
