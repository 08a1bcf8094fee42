import { useState } from 'react'
import { couriers } from '../../../../server/connectors/couriers.ts'
import { Choice } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'
import { ListField } from './choice-form.tsx'

type Reach = Record<string, string[]>

/** The regions that each courier does not serve. They limit every rule and every choice of a person. */
export function ReachFields({ reach, onChange }: { reach: Reach; onChange: (reach: Reach) => void }) {
  const say = useSay()
  const [more, setMore] = useState<string[]>([])
  const listed = couriers.filter(({ code }) => reach[code] !== undefined || more.includes(code))
  const others = couriers.filter((courier) => !listed.includes(courier))
  const set = (code: string, regions: string[]) => {
    const { [code]: _, ...rest } = reach
    onChange(regions.length === 0 ? rest : { ...rest, [code]: regions })
    setMore([...more, code])
  }
  return (
    <>
      <h3>{say(['快递不到的地区', 'Where couriers do not go'])}</h3>
      {listed.map((courier) => (
        <ListField
          key={courier.code}
          label={say(courier)}
          value={reach[courier.code] ?? []}
          rows={2}
          onChange={(regions) => set(courier.code, regions)}
        />
      ))}
      <Choice
        label={say(['加一家', 'Add a courier'])}
        value=""
        onChange={(code) => code !== '' && setMore([...more, code])}
        options={[
          { value: '', label: '' },
          ...others.map((courier) => ({ value: courier.code, label: say(courier) })),
        ]}
      />
    </>
  )
}
