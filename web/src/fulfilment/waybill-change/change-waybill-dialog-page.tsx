import { useState } from 'react'
import { waybillPattern } from '../../../../server/fulfilment/lifecycle.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { Choice, TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'
import { useCouriers } from '../query.ts'
import type { DeliveryRow } from '../types.ts'
import { usePlatformRefusal } from './platform-refusal.ts'

/** 改运单: another courier and waybill for one parcel that has left, with the reason. */
export default function ChangeWaybillDialog({
  rows,
  onSubmit,
  onClose,
}: FormProps<'/deliveries/change-waybill', DeliveryRow>) {
  const say = useSay()
  const couriers = useCouriers()
  const [row] = rows
  const [courier, setCourier] = useState(row?.courier ?? '')
  const [waybillNo, setWaybillNo] = useState('')
  const [reason, setReason] = useState('')
  const no = waybillNo.trim()
  const cannot = usePlatformRefusal(row)
  const why =
    cannot ??
    (rows.length > 1
      ? say(['一次改一单', 'One at a time'])
      : !new RegExp(waybillPattern).test(no)
        ? say(['运单号应是 4 到 40 位字母、数字或横线', 'A waybill has 4 to 40 letters, digits or dashes'])
        : reason.trim() === ''
          ? say(['先写原因', 'Give the reason first'])
          : undefined)
  const submit = () =>
    row &&
    why === undefined &&
    onSubmit({ rows: [{ id: row.id, courier, waybillNo: no }], reason: reason.trim() })
  return (
    <FormDialog
      title={say(['改运单 {no}', 'Change the waybill of {no}'], { no: row?.no ?? '' })}
      act={say(['改运单', 'Change waybill'])}
      why={why}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="t2">
        {say(
          row?.writeBack === 'none'
            ? [
                '现在是 {no}。旧号若是从账号取的，会退号。',
                'It is {no} now. A number of an account goes back.',
              ]
            : [
                '现在是 {no}。新运单马上告诉平台；旧号若是从账号取的，平台改好后退号。',
                'It is {no} now. The platform is told the new one at once; a number of an account goes back once the platform has changed it.',
              ],
          { no: row?.waybillNo ?? '' },
        )}
      </p>
      <Choice
        label={say(['快递', 'Courier'])}
        value={courier}
        onChange={setCourier}
        options={couriers.map((each) => ({ value: each.code, label: say(each) }))}
      />
      <TextField
        label={say(['新运单号', 'New waybill'])}
        value={waybillNo}
        maxLength={40}
        autoFocus
        onChange={setWaybillNo}
      />
      <TextField label={say(['原因', 'Reason'])} value={reason} maxLength={200} onChange={setReason} />
    </FormDialog>
  )
}
