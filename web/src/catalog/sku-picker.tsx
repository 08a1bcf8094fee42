import { get } from '../api.ts'
import { Money } from '../ui/base/figures.tsx'
import { Picker, type PickerProps } from '../ui/form/picker.tsx'
import { useSay } from '../words.ts'
import type { SkuRow } from './types.ts'

const find = async (q: string) => (await get('/skus', { q, tab: 'active', limit: 20 })).rows

/** A SKU that is in use, by code, name, spec or barcode; nothing is chosen before a person does so. */
export function SkuPicker(props: PickerProps<SkuRow>) {
  const say = useSay()
  return (
    <Picker<SkuRow>
      placeholder={say(['商家编码、名称、规格、条码', 'Code, name, spec or barcode'])}
      {...props}
      queryKey={['/skus', 'picker']}
      find={find}
      codesOf={(row) => [row.code, ...row.barcodes]}
      option={(row) => (
        <>
          <span className="grow">
            <span className="cut">
              <b>{row.code}</b>
            </span>
            <span className="cut t2 small">{[row.name, row.spec].filter(Boolean).join(' · ')}</span>
          </span>
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
