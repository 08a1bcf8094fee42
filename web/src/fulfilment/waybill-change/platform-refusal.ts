import { useQuery } from '@tanstack/react-query'
import { connectorsQuery, useShop } from '../../ui/base/session.ts'
import { useSay } from '../../words.ts'

/** Returns why the shop's platform takes no other waybill of a shipped parcel; undefined: it takes one. */
export function usePlatformRefusal(shopId: string): string | undefined {
  const say = useSay()
  const shop = useShop(shopId)
  const cannot = useQuery(connectorsQuery).data?.rows.find((each) => each.id === shop?.platform)?.cannot[
    'changeWaybill'
  ]
  return cannot && say(cannot)
}
