import type { FieldOption } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Choice } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'

/** 送礼订单: whether the field is printed for an order that is a present. Amounts never are. */
export function OffOnPresents({ field, onChange }: { field: FieldOption; onChange: (off: boolean) => void }) {
  const say = useSay()
  if (field.key === 'payment')
    return <p className="t2 small">{say(['送礼订单从来不印金额。', 'Presents never show amounts.'])}</p>
  return (
    <Choice
      label={say(['送礼订单', 'Presents'])}
      value={field.offOnPresents ? 'off' : 'on'}
      options={[
        { value: 'on', label: say(['照印', 'Print it']) },
        { value: 'off', label: say(['不印这一块', 'Leave it out']) },
      ]}
      onChange={(value) => onChange(value === 'off')}
    />
  )
}
