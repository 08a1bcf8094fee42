import { get } from '../api.ts'
import { Money } from '../ui/base/figures.tsx'
import { Picker, type PickerProps } from '../ui/form/picker.tsx'
import { useSay } from '../words.ts'
import type { SkuChoice } from './types.ts'

/** Finds a SKU by code, name, spec or barcode. `retired`: inactive SKUs too. */
export function SkuPicker({ retired = false, ...props }: PickerProps<SkuChoice> & { retired?: boolean }) {
  const say = useSay()
  return (
    <Picker<SkuChoice>
      placeholder={say(['商家编码、名称、规格、条码', 'Code, name, spec or barcode'])}
      {...props}
      queryKey={['/sku-choices', retired]}
      find={async (q) => (await get('/sku-choices', { q, ...(retired ? { retired: 'true' } : {}) })).rows}
      codesOf={(row) => [row.code, ...row.barcodes]}
      option={(row) => (
        <>
          <div className="two grow">
            <div className="cut">{row.code}</div>
            <div className="cut">{[row.name, row.spec].filter(Boolean).join(' · ')}</div>
          </div>
          {!row.active && <span className="t3 small">{say(['已停用', 'Retired'])}</span>}
          {row.priceFen !== null && <Money fen={row.priceFen} />}
        </>
      )}
    />
  )
}
