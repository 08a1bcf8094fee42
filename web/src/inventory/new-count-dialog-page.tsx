import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, post } from '../api.ts'
import { keptKey } from '../ui/base/act-key.ts'
import { Note } from '../ui/base/empty.tsx'
import { warehousesQuery } from '../ui/base/session.ts'
import { wordsIn } from '../ui/base/words-in.ts'
import { Choice, TextArea } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'

const codesMax = 200

/** 新盘点: bins or goods that are counted with phones. */
export default function NewCountDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  // A request that is sent again after a lost answer makes no second task; one with other bins is another task.
  const [keys] = useState(keptKey)
  const warehouses = useQuery(warehousesQuery).data?.rows.filter(({ active }) => active) ?? []
  const [chosen, setChosen] = useState('')
  const [text, setText] = useState('')
  const warehouseId = chosen || (warehouses[0]?.id ?? '')
  const codes = wordsIn(text)
  const make = useMutation({
    mutationFn: () => post('/count-tasks', { key: keys.of({ warehouseId, codes }), warehouseId, codes }),
    onSuccess: () => {
      toast('ok', say(['盘点开始了，用手机去数', 'The count has begun; count it with a phone']))
      onClose()
      return queries.invalidateQueries()
    },
  })
  const why =
    codes.length === 0
      ? say(['先填库位或商品', 'Give bins or goods first'])
      : codes.length > codesMax
        ? say(['一次最多 {n} 项', 'At most {n} in one count'], { n: codesMax })
        : undefined
  return (
    <FormDialog
      title={say(['新盘点', 'New count'])}
      act={say(['开始盘点', 'Begin the count'])}
      busy={make.isPending}
      why={why}
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <Choice
        label={say(['仓库', 'Warehouse'])}
        value={warehouseId}
        options={warehouses.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={setChosen}
      />
      <TextArea
        label={say(['库位或商品', 'Bins or goods'])}
        hint={say([
          '库位、商家编码或条码，用空格或换行隔开。商品有备库位的，两处都要数。',
          'Bins, SKU codes or barcodes, apart by spaces or lines. Goods with a spare bin are counted at both.',
        ])}
        value={text}
        onChange={setText}
      />
      {make.error && <Note tone="bad">{errorText(make.error)}</Note>}
    </FormDialog>
  )
}
