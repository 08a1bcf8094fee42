import { useLayoutEffect, useRef } from 'react'
import { Field } from '../ui/form/form.tsx'
import { useSay } from '../words.ts'
import { SkuPicker } from './sku-picker.tsx'
import type { SkuChoice } from './types.ts'
import './goods-text.css'

type Props = Omit<Parameters<typeof Field>[0], 'children'> & {
  value: string
  rows: number
  maxLength?: number
  /** Returns the text to insert after the code of a chosen SKU. Its first number is then selected, so that typing replaces it. */
  restOf?: (sku: SkuChoice) => string
  onChange: (value: string) => void
}

/** A text field with one line for each SKU, as pasted from a sheet. A SKU can also be searched for; choosing it adds a line. */
export function GoodsText({ value, rows, maxLength, restOf = () => '1', onChange, ...field }: Props) {
  const say = useSay()
  const area = useRef<HTMLTextAreaElement>(null)
  const picked = useRef<[number, number]>(undefined)
  const add = (sku: SkuChoice | undefined) => {
    if (!sku) return
    const before = value.trimEnd()
    const start = before === '' ? '' : `${before}\n`
    const rest = restOf(sku)
    onChange(`${start}${sku.code} ${rest}`)
    const from = start.length + sku.code.length + 1
    picked.current = [from, from + (/^\d+/.exec(rest)?.[0].length ?? 0)]
  }
  // Runs after the picked line is in the field.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only then
  useLayoutEffect(() => {
    if (!picked.current) return
    area.current?.focus()
    area.current?.setSelectionRange(...picked.current)
    picked.current = undefined
  }, [value])
  return (
    <div className="goods-text">
      <Field {...field}>
        {(bind) => (
          <>
            <SkuPicker bare label={say(['加一种商品', 'Add goods'])} value="" onPick={add} />
            <textarea
              {...bind}
              ref={area}
              className="input"
              rows={rows}
              maxLength={maxLength}
              value={value}
              onChange={(event) => onChange(event.target.value)}
            />
          </>
        )}
      </Field>
    </div>
  )
}
