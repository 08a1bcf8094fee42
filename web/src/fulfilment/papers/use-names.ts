import { useMe, useShops } from '../../ui/base/session.ts'
import { shortTime } from '../../ui/base/time.ts'
import { useCourierName } from '../query.ts'
import type { PaperNames } from './paper-data.ts'

/** The names that papers show, and who prints them at this moment. */
export function usePaperNames(): PaperNames {
  const shops = useShops()
  const courier = useCourierName()
  const me = useMe()
  return {
    shop: (id) => shops.find((shop) => shop.id === id)?.name ?? '',
    courier,
    printed: [shortTime(Date.now()), me?.name].filter(Boolean).join(' '),
  }
}
