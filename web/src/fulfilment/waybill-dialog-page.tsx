import { useState } from 'react'
import { waybillPattern } from '../../../server/fulfilment/lifecycle.ts'
import type { FormProps } from '../ui/act/actions.ts'
import { Choice, TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { useSay } from '../words.ts'
import { useCouriers } from './query.ts'
import type { DeliveryRow } from './types.ts'

/** Sets courier and waybill of one delivery. Several waybills are entered in the paste dialog. */
export default function WaybillDialog({
  rows,
  onSubmit,
  onClose,
}: FormProps<'/deliveries/waybills', DeliveryRow>) {
  const say = useSay()
  const couriers = useCouriers()
  const [row] = rows
  const [courier, setCourier] = useState(row?.courier || row?.orderCourier || 'SF')
  const [waybillNo, setWaybillNo] = useState(row?.waybillNo ?? '')
  const why =
    rows.length > 1
      ? say(['一次填一单，多单用批量粘贴', 'One at a time; for several use the paste'])
      : new RegExp(waybillPattern).test(waybillNo.trim())
        ? undefined
        : say(['运单号应是 4 到 40 位字母、数字或横线', 'A waybill has 4 to 40 letters, digits or dashes'])
  const title = say(['填运单 {no}', 'Waybill of {no}'], { no: row?.no ?? '' })
  const submit = () =>
    row && why === undefined && onSubmit({ rows: [{ id: row.id, courier, waybillNo: waybillNo.trim() }] })
  return (
    <FormDialog
      title={title}
      act={say(['保存', 'Save waybill'])}
      why={why}
      onSubmit={submit}
      onClose={onClose}
    >
      <Choice
        label={say(['快递', 'Courier'])}
        value={courier}
        onChange={setCourier}
        options={couriers.map((each) => ({ value: each.code, label: say(each) }))}
      />
      <TextField
        label={say(['运单号', 'Waybill'])}
        value={waybillNo}
        maxLength={40}
        autoFocus
        onChange={setWaybillNo}
      />
    </FormDialog>
  )
}
