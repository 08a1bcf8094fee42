import { useQuery } from '@tanstack/react-query'
import { connectorsQuery, useShop } from '../../ui/base/session.ts'
import { useSay } from '../../words.ts'
import type { DeliveryRow } from '../types.ts'

/** Returns why the platform of a shipped parcel takes no other waybill; undefined: it takes one, or the parcel is not written back. */
export function usePlatformRefusal(
  row: Pick<DeliveryRow, 'shopId' | 'writeBack'> | undefined,
): string | undefined {
  const say = useSay()
  const shop = useShop(row?.shopId ?? '')
  const cannot = useQuery(connectorsQuery).data?.rows.find((each) => each.id === shop?.platform)?.cannot[
    'changeWaybill'
  ]
  return row?.writeBack === 'none' ? undefined : cannot && say(cannot)
}
