import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, put } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { shared } from '../ui/base/words.ts'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { SkuSearch } from './sku-search.tsx'
import { SkuCell } from './skus.tsx'
import type { SkuDetail, SkuPart, SkuRow } from './types.ts'
import './catalog.css'
import { outcomeText } from '../ui/act/batch-words.ts'

/** 套餐组成: the components of a bundle and their quantities. Enter adds the found SKU. */
export default function BundleDialog({ sku, onClose }: { sku: SkuDetail; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [parts, setParts] = useState<readonly SkuPart[]>(sku.parts)
  const [chosen, setChosen] = useState<SkuRow>()
  const save = useMutation({
    mutationFn: async () => {
      const rows = [
        {
          id: sku.id,
          version: sku.version,
          parts: parts.map(({ skuId, quantity }) => ({ skuId, quantity })),
        },
      ]
      return (await put('/skus/parts', { rows })).results[0]
    },
    onSuccess: (outcome) => {
      if (outcome && !outcome.done) return undefined
      toast('ok', say(['已保存 {code} 的组成', 'Parts of {code} saved'], { code: sku.code }))
      onClose()
      return queries.invalidateQueries()
    },
  })
  const add = (row: SkuRow) => {
    const known = parts.find((part) => part.skuId === row.id)
    const next = { ...row, skuId: row.id, quantity: (known?.quantity ?? 0) + 1 }
    setParts(known ? parts.map((part) => (part === known ? next : part)) : [...parts, next])
    setChosen(undefined)
  }
  const bad = parts.some(
    ({ quantity }) => !(Number.isInteger(quantity) && quantity >= 1 && quantity <= 10_000),
  )
  const title = say(['套餐组成 {code}', 'Bundle {code}'], { code: sku.code })
  const refused = save.data && !save.data.done ? save.data : undefined
  return (
    <FormDialog
      title={title}
      act={say(shared.save)}
      busy={save.isPending}
      why={bad ? say(['数量要是 1 到 10,000', 'Quantities are 1 to 10,000']) : undefined}
      wide
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <SkuSearch
        label={say(['找 SKU 加进套餐', 'Find a SKU to add'])}
        suggested={[]}
        chosen={chosen?.id}
        onChoose={setChosen}
        onTake={add}
        only={{ bundle: 'false' }}
      />
      <p className="t3 small">
        {say([
          '回车加入选中的 SKU。套餐不能含有套餐，也不能含有自己；清空就变回单品。',
          'Enter adds the chosen SKU. A bundle holds neither bundles nor itself; without parts it is a single SKU again.',
        ])}
      </p>
      <Parts parts={parts} onChange={setParts} />
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
      {refused && <Note tone="bad">{outcomeText(refused, say)}</Note>}
    </FormDialog>
  )
}

function Parts(props: { parts: readonly SkuPart[]; onChange: (parts: readonly SkuPart[]) => void }) {
  const say = useSay()
  const { parts, onChange } = props
  const quantify = (skuId: string, quantity: number) =>
    onChange(parts.map((part) => (part.skuId === skuId ? { ...part, quantity } : part)))
  return (
    <table className="plain-table">
      <tbody>
        {parts.map((part) => (
          <tr key={part.skuId}>
            <td>
              <SkuCell sku={part} />
            </td>
            <td>{part.code}</td>
            <td className="right">
              <input
                className="input part-quantity"
                inputMode="numeric"
                aria-label={say(['{code} 的数量', 'Quantity of {code}'], { code: part.code })}
                value={Number.isNaN(part.quantity) ? '' : part.quantity}
                onChange={(event) => quantify(part.skuId, Number.parseInt(event.target.value, 10))}
              />
            </td>
            <td className="right">
              <Button
                size="small"
                kind="quiet"
                onClick={() => onChange(parts.filter((each) => each !== part))}
              >
                {say(['移出', 'Take out'])}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
