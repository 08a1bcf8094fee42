import { useShop } from '../ui/base/session.ts'
import { useSay } from '../words.ts'

/** "天猫 山隅家居旗舰店": the platform is grey and in a column of its own. */
export function ShopName({ id }: { id: string | null }) {
  const say = useSay()
  const shop = useShop(id ?? '')
  if (id === null) return <span className="t3">–</span>
  return (
    <span className="shop-cell">
      <span className="t3">{shop && say(shop.label)}</span>
      <span className="cut">{shop?.name ?? id}</span>
    </span>
  )
}
