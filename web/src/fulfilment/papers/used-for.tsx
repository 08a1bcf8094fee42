import type { PaperTemplate } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { useShops } from '../../ui/base/session.ts'
import { Choice } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'
import { useCouriers } from '../query.ts'

/** The shops and couriers whose deliveries use the template. */
export function UsedFor({
  template,
  onChange,
}: {
  template: PaperTemplate
  onChange: (template: PaperTemplate) => void
}) {
  const say = useSay()
  const shops = useShops().map(({ id, name }) => ({ key: id, name }))
  const couriers = useCouriers().map((courier) => ({ key: courier.code, name: say(courier) }))
  const isOfGoods = template.kind === 'goods_label' || template.kind === 'bin_label'
  if (isOfGoods) return null
  return (
    <>
      <h3>{say(['用在', 'Used for'])}</h3>
      <Chips
        label={say(['店铺', 'Shops'])}
        none={say(['所有店铺', 'Every shop'])}
        all={shops}
        chosen={template.shopIds}
        onChange={(shopIds) => onChange({ ...template, shopIds })}
      />
      <Chips
        label={say(['快递', 'Couriers'])}
        none={say(['所有快递', 'Every courier'])}
        all={couriers}
        chosen={template.couriers}
        onChange={(chosen) => onChange({ ...template, couriers: chosen })}
      />
    </>
  )
}

function Chips(props: {
  label: string
  none: string
  all: readonly { key: string; name: string }[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
}) {
  const say = useSay()
  const { all, chosen } = props
  const nameOf = (key: string) => all.find((one) => one.key === key)?.name ?? key
  return (
    <>
      {chosen.length > 0 && (
        <ul className="row paper-chips">
          {chosen.map((key) => (
            <li key={key} className="paper-chip">
              {nameOf(key)}
              <button
                type="button"
                aria-label={say(['去掉 {name}', 'Remove {name}'], { name: nameOf(key) })}
                onClick={() => props.onChange(chosen.filter((one) => one !== key))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <Choice
        label={props.label}
        value=""
        options={[
          { value: '', label: chosen.length === 0 ? props.none : say(['再加一个…', 'Add another…']) },
          ...all
            .filter(({ key }) => !chosen.includes(key))
            .map(({ key, name }) => ({ value: key, label: name })),
        ]}
        onChange={(key) => key !== '' && props.onChange([...chosen, key])}
      />
    </>
  )
}
