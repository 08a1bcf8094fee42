import { useState } from 'react'
import { waybillPattern } from '../../../server/fulfilment/lifecycle.ts'
import type { FormProps } from '../ui/act/actions.ts'
import { Choice, TextArea, TextField } from '../ui/form/form.tsx'
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
  const [subs, setSubs] = useState(row?.packageNos.join('\n') ?? '')
  const packageNos = subs.split(/[\s,，]+/).filter((no) => no !== '')
  const why =
    rows.length > 1
      ? say(['一次填一单，多单用批量粘贴', 'One at a time; for several use the paste'])
      : [waybillNo.trim(), ...packageNos].every((no) => new RegExp(waybillPattern).test(no))
        ? undefined
        : say(['运单号应是 4 到 40 位字母、数字或横线', 'A waybill has 4 to 40 letters, digits or dashes'])
  const several = (row?.packageCount ?? 1) > 1
  const title = say(['填运单 {no}', 'Waybill of {no}'], { no: row?.no ?? '' })
  const submit = () =>
    row &&
    why === undefined &&
    onSubmit({ rows: [{ id: row.id, courier, waybillNo: waybillNo.trim(), packageNos }] })
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
        label={say(several ? ['母单号', 'Main number'] : ['运单号', 'Waybill'])}
        value={waybillNo}
        maxLength={40}
        autoFocus
        onChange={setWaybillNo}
      />
      {several && (
        <TextArea
          label={say(
            [
              '子单号，{n} 个包裹各一个，一行一个，可以不填',
              'Sub-numbers of {n} packages, one a line, or none',
            ],
            {
              n: row?.packageCount ?? 1,
            },
          )}
          value={subs}
          onChange={setSubs}
        />
      )}
    </FormDialog>
  )
}
