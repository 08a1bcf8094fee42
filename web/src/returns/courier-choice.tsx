import { useCouriers } from '../fulfilment/query.ts'
import { Choice } from '../ui/form/form.tsx'
import { useSay } from '../words.ts'

/** The courier of a parcel that comes back. Platforms name couriers that we do not know; such a name stays until another is chosen. */
export function CourierChoice({ value, onChange }: { value: string; onChange: (courier: string) => void }) {
  const say = useSay()
  const couriers = useCouriers()
  const isKnown = value === '' || couriers.some(({ code }) => code === value)
  return (
    <Choice
      label={say(['快递', 'Courier'])}
      value={value}
      onChange={onChange}
      options={[
        { value: '', label: say(['未知', 'Unknown']) },
        ...(isKnown ? [] : [{ value, label: value }]),
        ...couriers.map((each) => ({ value: each.code, label: say(each) })),
      ]}
    />
  )
}
