import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, post } from '../../api.ts'
import { Note } from '../../ui/base/empty.tsx'
import { flagOptions } from '../../ui/base/status.tsx'
import { Choice, TextArea } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import type { OrderDetail } from '../types.ts'

export default function MemoDialog({ order, onClose }: { order: OrderDetail; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  // The version when the dialog opened. The order is reloaded in the background, and another user's change must not be overwritten unseen.
  const [version] = useState(order.version)
  const [memo, setMemo] = useState(order.sellerMemo)
  const [flag, setFlag] = useState(String(order.flag))
  const write = useMutation({
    mutationFn: () => post('/orders/:id/memo', { memo, flag: Number(flag), version }, { id: order.id }),
    onSuccess: () => {
      toast('move', say(['备注正在写回平台', 'The memo is being written back']))
      onClose()
      return queries.invalidateQueries()
    },
  })
  const title = say(['写备注 {no}', 'Memo of {no}'], { no: order.no })
  return (
    <FormDialog
      title={title}
      act={say(['写回平台', 'Write back'])}
      busy={write.isPending}
      onSubmit={() => write.mutate()}
      onClose={onClose}
    >
      <TextArea
        label={say(['备注', 'Memo'])}
        value={memo}
        maxLength={1000}
        onChange={setMemo}
        aside={`${memo.length} / 1000`}
      />
      <Choice
        label={say(['旗标', 'Flag'])}
        value={flag}
        onChange={setFlag}
        options={flagOptions.map((option) => ({ value: option.value, label: say(option.label) }))}
      />
      {write.error && <Note tone="bad">{errorText(write.error)}</Note>}
    </FormDialog>
  )
}
