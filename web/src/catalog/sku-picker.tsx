import { get } from '../api.ts'
import { Money } from '../ui/base/figures.tsx'
import { Picker, type PickerProps } from '../ui/form/picker.tsx'
import { useSay } from '../words.ts'
import type { SkuChoice } from './types.ts'

const find = async (q: string) => (await get('/sku-choices', { q })).rows

/** A SKU that is in use, by code, name, spec or barcode; nothing is chosen before a person does so. */
export function SkuPicker(props: PickerProps<SkuChoice>) {
  const say = useSay()
  return (
    <Picker<SkuChoice>
      placeholder={say(['商家编码、名称、规格、条码', 'Code, name, spec or barcode'])}
      {...props}
      queryKey={['/sku-choices']}
      find={find}
      codesOf={(row) => [row.code, ...row.barcodes]}
      option={(row) => (
        <>
          <div className="two grow">
            <div className="cut">{row.code}</div>
            <div className="cut">{[row.name, row.spec].filter(Boolean).join(' · ')}</div>
          </div>
          {row.priceFen !== null && (
            <span className="t2 num">
              <Money fen={row.priceFen} />
            </span>
          )}
        </>
      )}
    />
  )
}
