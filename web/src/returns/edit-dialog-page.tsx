import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { exchangeTimes, exchangeTimeWords } from '../../../server/returns/lifecycle.ts'
import { post } from '../api.ts'
import { useWarehouses } from '../inventory/query.ts'
import { NotSaved } from '../ui/act/not-saved.tsx'
import { Choice, TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { useSay } from '../words.ts'
import { CourierChoice } from './courier-choice.tsx'
import type { ReturnRow } from './types.ts'
import '../inventory/inventory.css'

/** Changes waybill, courier, warehouse and reason of a return whose goods are not received yet, and when an exchange ships. */
export default function EditDialog({ row, onClose }: { row: ReturnRow; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const warehouses = useWarehouses().filter(({ active, kind }) => active && kind !== 'defective')
  const [form, setForm] = useState({
    courier: row.courier,
    waybillNo: row.waybillNo,
    warehouseId: row.warehouseId ?? '',
    reason: row.reason,
    exchangeWhen: row.exchangeWhen,
  })
  const set = (field: keyof typeof form) => (value: string) => setForm({ ...form, [field]: value })
  const save = useMutation({
    mutationFn: () => {
      const { warehouseId, waybillNo, ...rest } = form
      return post('/returns/edit', {
        ids: [row.id],
        ...rest,
        waybillNo: waybillNo.trim(),
        ...(warehouseId === '' ? {} : { warehouseId }),
      })
    },
    onSuccess: async ({ results: [one] }) => {
      if (!one?.done) return
      onClose()
      await queries.invalidateQueries()
    },
  })
  const isWrong = !/^([A-Za-z0-9-]{4,40})?$/.test(form.waybillNo.trim())
  return (
    <FormDialog
      title={say(['修改 {no}', 'Change {no}'], { no: row.no })}
      act={say(['保存', 'Save'])}
      busy={save.isPending}
      why={
        isWrong
          ? say(['运单号应是 4 到 40 位字母、数字或横线', 'A waybill has 4 to 40 letters, digits or dashes'])
          : undefined
      }
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label={say(['退回运单号', 'Waybill back'])}
        value={form.waybillNo}
        maxLength={40}
        onChange={set('waybillNo')}
        autoFocus
      />
      <div className="form-row">
        <CourierChoice value={form.courier} onChange={set('courier')} />
        <Choice
          label={say(['退货仓', 'Return warehouse'])}
          value={form.warehouseId}
          onChange={set('warehouseId')}
          options={[
            // A warehouse that was chosen can be changed, and not taken away.
            ...(row.warehouseId === null ? [{ value: '', label: say(['没有', 'None']) }] : []),
            ...warehouses.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </div>
      {row.kind === 'exchange' && (
        <Choice
          label={say(['换发', 'Exchange'])}
          value={form.exchangeWhen}
          onChange={set('exchangeWhen')}
          options={exchangeTimes.map((value) => ({ value, label: say(exchangeTimeWords[value]) }))}
        />
      )}
      <TextField
        label={say(['原因', 'Reason'])}
        value={form.reason}
        maxLength={200}
        onChange={set('reason')}
      />
      <NotSaved save={save} />
    </FormDialog>
  )
}
