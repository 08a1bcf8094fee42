import type { PaperTemplate } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { useShops } from '../../ui/base/session.ts'
import { Chips } from '../../ui/form/chips.tsx'
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
